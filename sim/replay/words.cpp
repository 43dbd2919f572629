// How values, events and states are written for people.
#include "sim/replay/words.hpp"

#include "kernel-model/task_table.hpp"
#include "seccomp_sim/errno_name.hpp"
#include "sim/scenario/signal_name.hpp"

namespace seccomp_sim::replay {

std::string event_names(std::uint32_t events) {
    constexpr std::pair<std::uint32_t, std::string_view> names[] = {
        {poll_event::in, "IN"}, {poll_event::out, "OUT"}, {poll_event::err, "ERR"}, {poll_event::hup, "HUP"}};
    std::string text;
    for (const auto& [bit, name] : names)
        if ((events & bit) != 0)
            text += (text.empty() ? "" : "|") + std::string(name);
    return text.empty() ? "nothing" : text;
}

namespace {

bool returns_pid(operation op) {
    return op == operation::fork || op == operation::wait;
}

std::string pid_text(const run& r, const kernel& k, std::int64_t pid) {
    std::string text;
    k.w.tasks.for_each([&](task_id, const task& t) {
        if (t.pid == pid && t.name)
            text = std::string(r.script().name_of(t.name));
    });
    return text.empty() ? std::to_string(pid) : text;
}

} // namespace

std::string value_text(const run& r, const scenario::call_step& call, std::int64_t value) {
    if (value < 0 && value > -4096)
        return errno_text(static_cast<int>(-value));
    const kernel& k = r.model();
    if (value > 0 && returns_pid(call.asked.op))
        return pid_text(r, k, value);
    return std::to_string(value);
}

std::string status_text(std::int32_t status) {
    const int signal = status & 0x7f;
    if (signal != 0)
        return "killed by " + scenario::signal_text(signal);
    return "exit status " + std::to_string((status >> 8) & 0xff);
}

std::string event_text(const run& r, const event& e) {
    const auto name = [&](name_id n) {
        return n ? std::string(r.script().name_of(n)) : std::string("somebody");
    };
    switch (e.what) {
    case event::kind::woken:
        return name(e.who) + " is woken" + (e.events != 0 ? " (" + event_names(e.events) + ")" : "");
    case event::kind::reported:
        return name(e.who) + " is told " + event_names(e.events) + " of " + name(e.fd);
    case event::kind::received:
        return name(e.who) + " receives the call of " + name(e.target) +
               (e.number == 0 ? ", whose pid it cannot see" : "");
    case event::kind::handler:
        return name(e.who) + " runs its handler of " + scenario::signal_text(static_cast<int>(e.number));
    case event::kind::exited:
        return name(e.who) + " is dead: " + status_text(static_cast<std::int32_t>(e.number));
    case event::kind::reaped:
        return name(e.who) + " is released";
    case event::kind::freed:
        return "filter " + name(e.who) + " is freed";
    case event::kind::warning:
        return "kernel warning: " + e.text;
    case event::kind::restarted:
        return "the call of " + name(e.who) + " starts again";
    }
    return {};
}

std::string counter_text(const run& r, const counter_change& c) {
    const std::string name(r.script().name_of(c.filter));
    if (c.freed)
        return name + ": freed";
    const auto change = [&](std::string_view what, std::int32_t before, std::int32_t after) {
        return std::string(what) + " " + (before == after ? "" : std::to_string(before) + " -> ") +
               std::to_string(after);
    };
    std::string text = name + ": " + change("usage", c.usage_before, c.usage_after);
    if (r.on().choices.has_live())
        text += ", " + change("live", c.live_before, c.live_after);
    return text;
}

std::string step_text(const scenario::scenario& s, const scenario::step& step) {
    const auto* call = std::get_if<scenario::call_step>(&step.what);
    std::string verb(s.verb_of(step.info));
    if (call == nullptr)
        return verb;
    std::string text = std::string(s.name_of(call->task)) + ": " + verb;
    const request& asked = call->asked;
    std::string_view shown[4];
    std::size_t count = 0;
    for (const name_id n : {asked.child, asked.fd, asked.source, asked.target, asked.as})
        if (n && count < 4 && (count == 0 || shown[count - 1] != s.name_of(n)))
            shown[count++] = s.name_of(n);
    for (std::size_t i = 0; i < count; ++i)
        text += " " + std::string(shown[i]);
    return text;
}

std::string end_text(const run& r, const step_report& report) {
    const auto* call = std::get_if<scenario::call_step>(&report.step->what);
    switch (report.end) {
    case call_end::returned:
        return "= " + (call != nullptr ? value_text(r, *call, report.value) : std::to_string(report.value));
    case call_end::blocks:
        return "blocks";
    case call_end::died:
        return "dies";
    case call_end::no_call:
    case call_end::not_started:
        break;
    }
    return {};
}

} // namespace seccomp_sim::replay

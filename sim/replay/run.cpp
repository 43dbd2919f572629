// Runs a scenario on a modelled kernel, step by step.
#include "sim/replay/run.hpp"

#include "kernel-model/eventpoll.hpp"
#include "kernel-model/task_table.hpp"
#include "seccomp_sim/errno_name.hpp"
#include "sim/replay/block_runner.hpp"
#include "sim/replay/expectation_checker.hpp"
#include "sim/replay/possible.hpp"
#include "sim/replay/words.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/operation_table.hpp"

#include <algorithm>

namespace seccomp_sim::replay {

run::run(const scenario::scenario& s, const scenario::chosen_kernel& on, const run_options& options)
    : s_(s), on_(on), applies_(s, on), options_(options), k_(on.choices), trace_(k_) {
    k_.names = s.names.all();
    k_.poll_list = s.poll_list;
    for (const scenario::named_filter& f : s.filters)
        k_.programs.push_back(f.program);
    k_.check_invariants = options.invariants;
    k_.watch = &trace_;
    k_.make_init(scenario::scenario::init());
    note_pid(scenario::scenario::init());
}

request_id run::add_request(const request& asked) {
    k_.requests.push_back(asked);
    return {static_cast<index_type>(k_.requests.size() - 1)};
}

file_id run::find_file(name_id fd) const {
    file_id found;
    k_.w.fd_tables.for_each([&](files_id, const files& table) {
        for (const fd_slot& slot : table.slots)
            if (slot.name == fd && slot.file && !found)
                found = slot.file;
    });
    if (!found)
        k_.w.messages.for_each([&](message_id, const message& m) {
            if (m.name == fd && !found)
                found = m.file;
        });
    return found;
}

std::optional<result<step_report>> run::next() {
    if (next_ >= s_.steps.size() || next_ >= options_.stop_after)
        return std::nullopt;
    const scenario::step& step = s_.steps[next_++];
    step_report report;
    report.number = next_;
    report.step = &step;
    if (!applies_(step.info.on)) {
        report.skipped = true;
        return report;
    }
    const std::size_t violations_before = k_.violations.size();
    const bool acts = !std::holds_alternative<scenario::expect_step>(step.what);
    if (acts)
        trace_.start_step();
    const result<void> done = scenario::as_result([&] {
        if (const auto* call = std::get_if<scenario::call_step>(&step.what))
            run_call(*call, step.info, report);
        else if (const auto* block = std::get_if<scenario::concurrent_step>(&step.what))
            run_concurrently(*block, report);
        else
            check_expectations(std::get<scenario::expect_step>(step.what), report);
    });
    if (!done)
        return done.error();
    if (acts) {
        report.events = trace_.events;
        collect_changes(report);
        woken_before_.clear();
        for (const event& e : trace_.events)
            if (e.what == event::kind::woken && e.who)
                woken_before_.push_back(e.who);
    }
    report.violations.assign(k_.violations.begin() + static_cast<std::ptrdiff_t>(violations_before),
                             k_.violations.end());
    return report;
}

void run::note_pid(name_id child) {
    if (const task_id t = find_task(k_, child))
        pids_.emplace(child, std::pair{k_.w.tasks[t].pid, k_.w.tasks[t].ns_pid});
}

std::int64_t run::call_now(task_id who, request asked) {
    k_.start(who, add_request(asked));
    k_.run_to_rest();
    const auto found = trace_.returned.find(who);
    return found == trace_.returned.end() ? -errno_restartsys : found->second;
}

void run::run_call(const scenario::call_step& call, const scenario::step_info& info, step_report& report) {
    require_possible(call, info.where);
    const task_id who = find_task(k_, call.task);
    if (call.special == scenario::macro::event_loop) {
        run_event_loop(call, report);
        return;
    }
    k_.start(who, add_request(call.asked));
    k_.run_to_rest();
    note_pid(call.asked.child);
    const auto value = trace_.returned.find(who);
    if (value != trace_.returned.end()) {
        report.end = call_end::returned;
        report.value = value->second;
    } else {
        const bool lives =
            k_.w.tasks.is_live(who) && k_.w.tasks[who].name == call.task && k_.w.tasks[who].call;
        report.end = lives ? call_end::blocks : call_end::died;
    }
    check_outcome(call, info.where, report);
}

void run::run_event_loop(const scenario::call_step& call, step_report& report) {
    const task_id who = find_task(k_, call.task);
    const auto as = [&](std::string_view verb, name_id fd) {
        const scenario::operation_row& row = *scenario::find_operation(verb);
        request asked;
        asked.op = row.op;
        asked.system_call = row.system_call;
        asked.fd = fd;
        return asked;
    };
    request turn = as("epoll_wait", call.asked.fd);
    turn.number = 64;
    trace_.events.clear();
    report.end = call_end::returned;
    report.value = call_now(who, turn);
    std::vector<event> reported;
    std::copy_if(trace_.events.begin(), trace_.events.end(), std::back_inserter(reported),
                 [](const event& e) { return e.what == event::kind::reported; });
    for (const event& e : reported) {
        if ((e.events & poll_event::in) != 0 && call_now(who, as("recv", e.fd)) == 0) {
            const bool answers = call.asked.flags == 1;
            request reply = as("send", e.fd);
            reply.flags = answers ? 0 : reply_flag::go_on;
            reply.value = answers ? call.asked.value : 0;
            call_now(who, reply);
        }
        if ((e.events & poll_event::hup) != 0) {
            request drop = as("epoll_ctl", call.asked.fd);
            drop.source = e.fd;
            drop.number = epoll_op::del;
            call_now(who, drop);
            call_now(who, as("close", e.fd));
        }
    }
}

void run::run_concurrently(const scenario::concurrent_step& block, step_report& report) {
    const std::uint64_t seed = options_.seed.value_or(block.seed.value_or(s_.seed.value_or(1)));
    block_runner(*this, block, seed).run_all(report);
}

void run::check_expectations(const scenario::expect_step& expected, step_report& report) {
    expectation_checker(*this, report).check(expected);
}

void run::check_outcome(const scenario::call_step& call, scenario::source_ref where, step_report& report) {
    expectation_checker(*this, report).check_call(call, where, trace_.events);
}

void run::collect_changes(step_report& report) {
    std::vector<name_id>& written = trace_.counters;
    std::sort(written.begin(), written.end());
    written.erase(std::unique(written.begin(), written.end()), written.end());
    for (const name_id name : written) {
        const filter_id which = k_.w.named_filters[name.value];
        if (k_.w.filters[which].name != name)
            continue;
        const filter& f = k_.w.filters[which];
        const filter_state now{f.usage, f.live, f.has(filter_flag::freed)};
        filter_state& before = shown_filters_[name];
        if (now == before)
            continue;
        counter_change& c = report.counters.emplace_back();
        c = {name, before.usage, now.usage, before.live, now.live, before == filter_state{}, now.freed};
        before = now;
    }
    if (options_.watch_polls)
        collect_polls(report);
}

void run::collect_polls(step_report& report) {
    std::vector<filter_id>& changed = trace_.polls;
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    for (const filter_id f : changed) {
        const auto listener = trace_.listeners.find(f);
        if (listener == trace_.listeners.end()) {
            shown_polls_.erase(f);
            continue;
        }
        const name_id name = k_.w.open_files[listener->second].name;
        if (!name)
            continue;
        const std::uint32_t events = k_.poll_now(listener->second);
        const auto [shown, is_new] = shown_polls_.emplace(f, events);
        if (is_new || shown->second != events)
            report.polls.push_back({name, events});
        shown->second = events;
    }
    std::stable_sort(report.polls.begin(), report.polls.end(),
                     [](const poll_state& a, const poll_state& b) { return a.fd < b.fd; });
}

std::vector<failure> run::finish() const {
    std::vector<failure> failures;
    const auto expected = applies_.violation_of(s_);
    const place whole = s_.text ? place{s_.text->file(), 1, 1, ""} : place{};
    const bool broken = expected && std::any_of(k_.violations.begin(), k_.violations.end(),
                                                [&](const violation& v) { return v.which == *expected; });
    if (expected && !broken)
        failures.push_back(
            {whole, "expected " + std::string(name_of(*expected)) + " to be broken, but it held"});
    if (!expected && !k_.violations.empty())
        failures.push_back({whole, std::string(name_of(k_.violations.front().which)) +
                                       " is broken: " + k_.violations.front().message});
    return failures;
}

void run::require_possible(const scenario::call_step& call, scenario::source_ref where) const {
    const std::string why = why_impossible(*this, k_, call);
    if (!why.empty())
        throw scenario::input_error(
            {s_.place_of(where), why, "a step that this kernel can be asked for (see \"on\")"});
}

} // namespace seccomp_sim::replay

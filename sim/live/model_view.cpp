// What the model shows after a step, in the words of a view.
#include "sim/live/view.hpp"

#include "kernel-model/task_table.hpp"
#include "kernel-model/wait.hpp"
#include "seccomp_sim/errno_name.hpp"
#include "sim/live/counters_view.hpp"
#include "sim/replay/words.hpp"
#include "sim/scenario/signal_name.hpp"

namespace seccomp_sim::live {
namespace {

constexpr std::int32_t nr_pause = 34;

std::string_view condition_of(const seccomp_sim::kernel& k, task_id t) {
    const seccomp_sim::task& record = k.w.tasks[t];
    if (record.has(task_flag::unhashed))
        return "gone";
    if (record.exit_state != exit_state::alive)
        return "zombie";
    if (record.state == task_state::stopped || record.state == task_state::traced)
        return "stopped";
    if (record.has(task_flag::exiting))
        return "exiting";
    return record.call ? "blocked" : "running";
}

} // namespace

void model_view::remember_pids() {
    k_.w.tasks.for_each([&](task_id id, const seccomp_sim::task& t) {
        if (!t.name)
            return;
        const auto before = pids_.find(t.name);
        // exec by another thread than the leader: the two have changed pids, and the leader may be gone.
        if (before != pids_.end() && before->second.first != t.pid)
            for (auto& [name, other] : pids_)
                if (other.first == t.pid)
                    other = before->second;
        if (before != pids_.end() && t.has(task_flag::unhashed))
            return;
        pids& now = pids_[t.name] = {t.pid, {}};
        for (pid_namespace_id ns = k_.w.groups[t.group].ns; ns; ns = k_.w.namespaces[ns].parent)
            now.seen_from.emplace_back(ns, pid_seen_from(k_, id, ns));
    });
}

name_id model_view::name_of_pid(std::int64_t pid, name_id caller) const {
    const task_id me = find_task(k_, caller);
    const pid_namespace_id ns = me ? k_.w.groups[k_.w.tasks[me].group].ns : pid_namespace_id{};
    name_id found;
    k_.w.tasks.for_each([&](task_id t, const seccomp_sim::task& record) {
        if (record.name && ns && pid_seen_from(k_, t, ns) == pid)
            found = record.name;
    });
    for (const auto& [name, its] : pids_)
        for (const auto& [seen_from, number] : its.seen_from)
            if (!found && seen_from == ns && number == pid)
                found = name;
    return found;
}

void model_view::begin_call(name_id task, const request& asked) {
    calls_[task] = asked;
}

std::string model_view::value_text(name_id caller, std::int64_t value) {
    const request& asked = calls_[caller];
    const bool known = gives_pid(asked) || asked.system_call == nr_pause;
    // After a trap x86 leaves the call's number there, and user-mode Linux does not.
    const bool trapped = value == asked.system_call;
    if (asked.op == operation::system_call && (value == asked.native || trapped) && !known)
        return std::string(any_value);
    if (value < 0 && value > -4096)
        return errno_text(static_cast<int>(-value));
    if (value > 0 && gives_pid(asked)) {
        const name_id whose = name_of_pid(value, caller);
        return whose ? "pid of " + std::string(r_.script().name_of(whose)) : std::to_string(value);
    }
    return std::to_string(value);
}

void model_view::add_tasks(view& v) {
    for (const auto& [name, its] : pids_) {
        const std::string who(r_.script().name_of(name));
        const task_id t = find_task(k_, name);
        if (!t || k_.w.tasks[t].has(task_flag::unhashed)) {
            v[who + ": state"] = "gone";
            continue;
        }
        const seccomp_sim::task& record = k_.w.tasks[t];
        v[who + ": state"] = condition_of(k_, t);
        v[who + ": Seccomp"] = std::to_string(static_cast<int>(record.mode));
        if (k_.rev.proc_filters == presence::yes)
            v[who + ": Seccomp_filters"] = std::to_string(record.filter_count);
        const group_id parent = k_.w.groups[record.group].parent;
        const task_id leader = parent ? k_.w.groups[parent].leader : task_id{};
        v[who + ": parent"] =
            leader ? std::string(r_.script().name_of(k_.w.tasks[leader].name)) : std::string("nobody");
    }
}

void model_view::add_returns(view& v) {
    for (const auto& [who, value] : r_.heard().returned) {
        if (!k_.w.tasks.is_live(who) || !k_.w.tasks[who].name ||
            k_.w.tasks[who].exit_state != exit_state::alive)
            continue;
        const name_id name = k_.w.tasks[who].name;
        v[std::string(r_.script().name_of(name)) + ": returned"] = value_text(name, value);
        const request& asked = calls_[name];
        if (asked.op == operation::wait && value > 0) {
            const name_id whose = name_of_pid(value, name);
            const task_id child = whose ? find_task(k_, whose) : task_id{};
            const bool here = child && !k_.w.tasks[child].has(task_flag::unhashed);
            const auto code = r_.heard().exit_codes.find(whose);
            const std::string what = std::string(r_.script().name_of(whose)) + ": status";
            if (here && k_.w.tasks[child].exit_state != exit_state::alive)
                v[what] = replay::status_text(wait_status(k_, child));
            else if (!here && code != r_.heard().exit_codes.end())
                v[what] = replay::status_text(code->second);
        }
    }
}

void model_view::add_events(view& v, const replay::step_report& report) {
    std::map<name_id, std::map<name_id, std::uint32_t>> told;
    std::map<name_id, std::map<std::int64_t, int>> handled;
    for (const replay::event& e : report.events) {
        const std::string who(r_.script().name_of(e.who));
        const std::uint32_t events = shown_of(k_, e.fd, e.events);
        if (e.what == replay::event::kind::reported && events != 0)
            told[e.who][e.fd] |= events;
        else if (e.what == replay::event::kind::received)
            v[who + ": received"] =
                "the call of " + (e.number != 0 ? std::string(r_.script().name_of(e.target)) : "somebody");
        else if (e.what == replay::event::kind::handler)
            ++handled[e.who][e.number];
    }
    for (const auto& [task, list] : told)
        v[std::string(r_.script().name_of(task)) + ": told"] = told_text(r_.script(), list);
    for (const auto& [task, list] : handled)
        for (const auto& [signal, times] : list)
            v[std::string(r_.script().name_of(task)) + ": handled " +
              scenario::signal_text(static_cast<int>(signal))] = std::to_string(times);
}

void model_view::add_polls(view& v) {
    std::vector<std::pair<name_id, file_id>> listeners;
    k_.w.open_files.for_each([&](file_id f, const file& record) {
        if (record.kind == file_kind::listener && record.name)
            listeners.emplace_back(record.name, f);
    });
    for (const auto& [name, f] : listeners)
        v[std::string(r_.script().name_of(name)) + ": poll"] =
            replay::event_names(k_.poll_now(f) & shown_events);
}

view model_view::after(const replay::step_report& report, bool counters) {
    remember_pids();
    view v;
    add_tasks(v);
    add_returns(v);
    const auto* call = std::get_if<scenario::call_step>(&report.step->what);
    if (call != nullptr && call->special == scenario::macro::event_loop)
        v[std::string(r_.script().name_of(call->task)) + ": returned"] = std::to_string(report.value);
    add_events(v, report);
    add_polls(v);
    if (counters)
        add_model_counters(r_.script(), k_, v);
    v["kernel: warnings"] = std::to_string(k_.w.warnings);
    return v;
}

} // namespace seccomp_sim::live

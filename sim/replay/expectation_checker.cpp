// Compares what a scenario expects with what a run shows.
#include "sim/replay/expectation_checker.hpp"

#include "kernel-model/invariants/sleeper.hpp"
#include "kernel-model/ring.hpp"
#include "kernel-model/task_table.hpp"
#include "kernel-model/wait.hpp"
#include "seccomp_sim/errno_name.hpp"
#include "sim/replay/words.hpp"

#include <algorithm>

namespace seccomp_sim::replay {
namespace {

constexpr std::uint32_t shown_events = poll_event::in | poll_event::out | poll_event::err | poll_event::hup;

std::string_view condition_name(scenario::task_condition c) {
    constexpr std::string_view names[] = {"running", "blocked", "stopped", "zombie", "gone"};
    return names[static_cast<std::size_t>(c)];
}

std::string_view state_name(notify_state s) {
    constexpr std::string_view names[] = {"INIT", "SENT", "REPLIED"};
    return names[static_cast<std::size_t>(s)];
}

std::string value_or_errno(std::int64_t value) {
    return value < 0 && value > -4096 ? errno_text(static_cast<int>(-value)) : std::to_string(value);
}

} // namespace

void expectation_checker::fail(scenario::source_ref where, const std::string& expected,
                               const std::string& seen) {
    report_.failures.push_back({s_.place_of(where), "expected " + expected + ", but " + seen});
}

std::string expectation_checker::names(const std::vector<name_id>& list) const {
    std::vector<std::string> words;
    words.reserve(list.size());
    for (const name_id n : list)
        words.push_back(name(n));
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    std::string text;
    for (const std::string& w : words)
        text += (text.empty() ? "" : ", ") + w;
    return text.empty() ? "nobody" : text;
}

void expectation_checker::check(const scenario::expect_step& expected) {
    for (const scenario::observation& o : expected.observations)
        std::visit([&](const auto& e) { look(e, o.where); }, o.what);
}

bool expectation_checker::matches(const scenario::outcome& o, call_end end, std::int64_t value,
                                  task_id caller) const {
    using scenario::outcome_kind;
    if (o.kind == outcome_kind::blocks)
        return end == call_end::blocks;
    if (o.kind == outcome_kind::dies)
        return end == call_end::died;
    if (end != call_end::returned)
        return false;
    switch (o.kind) {
    case outcome_kind::value:
        return value == o.value;
    case outcome_kind::error:
        return value == -o.value;
    case outcome_kind::ok:
        return value >= 0;
    case outcome_kind::pid_of: {
        const task_id t = find_task(k_, o.name);
        if (t && k_.w.tasks.is_live(caller))
            return value == pid_seen_from(k_, t, k_.group_of(caller).ns);
        // A reaped task's pid is no longer in the tables: what it was when it was born counts.
        const auto born = r_.pids_.find(o.name);
        return born != r_.pids_.end() && (value == born->second.first || value == born->second.second);
    }
    case outcome_kind::fd_of: {
        if (!k_.w.tasks[caller].files)
            return false;
        for (const fd_slot& slot : k_.w.fd_tables[k_.w.tasks[caller].files].slots)
            if (slot.name == o.name && slot.fd == value)
                return true;
        return false;
    }
    case outcome_kind::blocks:
    case outcome_kind::dies:
        break;
    }
    return false;
}

std::string expectation_checker::outcome_text(const scenario::outcome& o) const {
    using scenario::outcome_kind;
    switch (o.kind) {
    case outcome_kind::value:
        return std::to_string(o.value);
    case outcome_kind::error:
        return errno_text(static_cast<int>(o.value));
    case outcome_kind::ok:
        return "success";
    case outcome_kind::blocks:
        return "the call to block";
    case outcome_kind::dies:
        return "the task to die";
    case outcome_kind::pid_of:
        return "the pid of " + name(o.name);
    case outcome_kind::fd_of:
        return "the fd " + name(o.name);
    }
    return {};
}

void expectation_checker::check_call(const scenario::call_step& call, scenario::source_ref where,
                                     const std::vector<event>& events) {
    const task_id caller = find_task(k_, call.task);
    if (const scenario::outcome_case* expected = r_.applies_.choose(s_.outcomes_of(call.returns)))
        if (!matches(expected->expected, report_.end, report_.value, caller)) {
            const std::string seen = report_.end == call_end::blocks ? "it blocks"
                                     : report_.end == call_end::died
                                         ? "the task died"
                                         : "it returned " + value_or_errno(report_.value);
            fail(expected->where ? expected->where : where, outcome_text(expected->expected), seen);
        }
    if (!call.reports || report_.end != call_end::returned)
        return;
    std::map<name_id, std::uint32_t> seen;
    for (const event& e : events)
        if (e.what == event::kind::reported && e.who == call.task)
            seen[e.fd] |= e.events & shown_events;
    std::map<name_id, std::uint32_t> wanted;
    for (const scenario::fd_events& e : s_.reports_of(*call.reports))
        wanted[e.fd] = e.events;
    std::erase_if(wanted, [](const auto& e) { return e.second == 0; });
    if (seen == wanted)
        return;
    const auto text = [&](const std::map<name_id, std::uint32_t>& set) {
        std::string list;
        for (const auto& [fd, bits] : set)
            list += (list.empty() ? "" : ", ") + name(fd) + " " + event_names(bits);
        return list.empty() ? std::string("no events") : list;
    };
    fail(where, text(wanted), text(seen) + " was reported");
}

void expectation_checker::look(const scenario::expect_poll& e, scenario::source_ref where) {
    const file_id f = r_.find_file(e.fd);
    if (!f) {
        if (!e.closed)
            fail(where, "poll of " + name(e.fd) + " to report " + event_names(e.events),
                 "it is closed everywhere");
        return;
    }
    if (e.closed)
        return fail(where, name(e.fd) + " to be closed", "somebody has it open");
    const std::uint32_t seen = k_.poll_now(f) & shown_events;
    if (seen != e.events)
        fail(where, "poll of " + name(e.fd) + " to report " + event_names(e.events),
             "it reports " + event_names(seen));
}

void expectation_checker::look(const scenario::expect_counters& e, scenario::source_ref where) {
    const auto& named = k_.w.named_filters;
    const filter_id f = e.filter.value < named.size() ? named[e.filter.value] : filter_id{};
    const bool known = f && k_.w.filters[f].name == e.filter;
    const bool freed = known && k_.w.filters[f].has(filter_flag::freed);
    if (!known)
        return fail(where, "a filter " + name(e.filter), "none of that name was installed");
    if (e.freed != freed)
        return fail(where, name(e.filter) + (e.freed ? " to be freed" : " to be there"),
                    freed ? "it is freed" : "usage is " + std::to_string(k_.w.filters[f].usage));
    if (e.freed)
        return;
    const filter& record = k_.w.filters[f];
    if (e.usage && *e.usage != record.usage)
        fail(where, "usage of " + name(e.filter) + " to be " + std::to_string(*e.usage),
             "it is " + std::to_string(record.usage));
    if (e.live && k_.rev.has_live() && *e.live != record.live)
        fail(where, "live of " + name(e.filter) + " to be " + std::to_string(*e.live),
             "it is " + std::to_string(record.live));
}

scenario::task_condition expectation_checker::condition_of(name_id which) const {
    using scenario::task_condition;
    const task_id t = find_task(k_, which);
    if (!t || k_.w.tasks[t].has(task_flag::unhashed))
        return task_condition::gone;
    const task& record = k_.w.tasks[t];
    if (record.exit_state != exit_state::alive)
        return task_condition::zombie;
    if (record.state == task_state::stopped || record.state == task_state::traced)
        return task_condition::stopped;
    return record.call ? task_condition::blocked : task_condition::running;
}

void expectation_checker::look(const scenario::expect_task& e, scenario::source_ref where) {
    const scenario::task_condition seen = condition_of(e.task);
    if (seen != e.condition)
        fail(where, name(e.task) + " to be " + std::string(condition_name(e.condition)),
             "it is " + std::string(condition_name(seen)));
}

void expectation_checker::look(const scenario::expect_returned& e, scenario::source_ref where) {
    const scenario::outcome_case* expected = r_.applies_.choose(s_.outcomes_of(e.cases));
    if (!expected)
        return;
    const auto value = r_.heard().last_returned.find(e.task);
    const scenario::task_condition now = condition_of(e.task);
    const call_end end = now == scenario::task_condition::blocked  ? call_end::blocks
                         : now >= scenario::task_condition::zombie ? call_end::died
                         : value == r_.heard().last_returned.end() ? call_end::not_started
                                                                   : call_end::returned;
    const std::int64_t seen = value == r_.heard().last_returned.end() ? 0 : value->second;
    if (!matches(expected->expected, end, seen, find_task(k_, e.task)))
        fail(expected->where ? expected->where : where,
             name(e.task) + "'s call: " + outcome_text(expected->expected),
             end == call_end::blocks     ? "it blocks"
             : end == call_end::returned ? "it returned " + value_or_errno(seen)
             : end == call_end::died     ? "the task died"
                                         : "it has returned from none");
}

void expectation_checker::look(const scenario::expect_blocked& e, scenario::source_ref where) {
    std::vector<name_id> seen;
    k_.w.tasks.for_each([&](task_id, const task& t) {
        if (t.name && is_asleep(t))
            seen.push_back(t.name);
    });
    if (names(seen) != names(e.tasks))
        fail(where, names(e.tasks) + " to be blocked", names(seen) + " is");
}

void expectation_checker::look(const scenario::expect_woken& e, scenario::source_ref where) {
    if (names(r_.woken_before_) != names(e.tasks))
        fail(where, names(e.tasks) + " to have been woken", names(r_.woken_before_) + " was");
}

void expectation_checker::look(const scenario::expect_parent& e, scenario::source_ref where) {
    const task_id t = find_task(k_, e.task);
    const group_id parent = t ? k_.group_of(t).parent : group_id{};
    const name_id seen =
        parent && k_.w.groups[parent].leader ? k_.w.tasks[k_.w.groups[parent].leader].name : name_id{};
    if (seen != e.parent)
        fail(where, "the parent of " + name(e.task) + " to be " + name(e.parent),
             "it is " + (seen ? name(seen) : std::string("nobody")));
}

void expectation_checker::look(const scenario::expect_seccomp& e, scenario::source_ref where) {
    const task_id t = find_task(k_, e.task);
    if (!t)
        return fail(where, name(e.task) + " to be there", "it is gone");
    const task& record = k_.w.tasks[t];
    const auto mode = static_cast<std::int64_t>(record.mode);
    if (e.mode && *e.mode != mode)
        fail(where, "Seccomp of " + name(e.task) + " to be " + std::to_string(*e.mode),
             "it is " + std::to_string(mode));
    if (e.filters && k_.rev.proc_filters == presence::yes && *e.filters != record.filter_count)
        fail(where, "Seccomp_filters of " + name(e.task) + " to be " + std::to_string(*e.filters),
             "it is " + std::to_string(record.filter_count));
}

namespace {

template <class Use>
void for_each_fd(const kernel& k, task_id t, Use&& use) {
    if (t && k.w.tasks[t].files)
        for (const fd_slot& slot : k.w.fd_tables[k.w.tasks[t].files].slots)
            if (slot.file)
                use(slot);
}

} // namespace

void expectation_checker::look(const scenario::expect_fds& e, scenario::source_ref where) {
    std::vector<name_id> seen;
    for_each_fd(k_, find_task(k_, e.task), [&](const fd_slot& slot) {
        if (slot.name)
            seen.push_back(slot.name);
    });
    if (names(seen) != names(e.fds))
        fail(where, name(e.task) + "'s fds to be " + names(e.fds), "they are " + names(seen));
}

void expectation_checker::look(const scenario::expect_fd_count& e, scenario::source_ref where) {
    std::int64_t seen = 0;
    for_each_fd(k_, find_task(k_, e.task), [&](const fd_slot&) { ++seen; });
    if (seen != e.count)
        fail(where, name(e.task) + " to have " + std::to_string(e.count) + " fds",
             "it has " + std::to_string(seen));
}

void expectation_checker::look(const scenario::expect_notifications& e, scenario::source_ref where) {
    const file_id f = r_.find_file(e.listener);
    std::string seen;
    std::string wanted;
    for (const auto& entry : e.entries)
        wanted +=
            (wanted.empty() ? "" : ", ") + name(entry.task) + " " + std::string(state_name(entry.state));
    if (f && k_.w.open_files[f].kind == file_kind::listener) {
        const filter& owner = k_.w.filters[{k_.w.open_files[f].object}];
        const knotif_id first = owner.notif ? k_.w.notifications[owner.notif].first : knotif_id{};
        for (knotif_id n = first; n;) {
            const knotif& one = k_.w.knotifs[n];
            seen +=
                (seen.empty() ? "" : ", ") + k_.describe(one.task) + " " + std::string(state_name(one.state));
            n = ring_next(k_.w.knotifs, first, n);
        }
    }
    if (seen != wanted)
        fail(where, "notifications of " + name(e.listener) + ": " + (wanted.empty() ? "none" : wanted),
             "there are " + (seen.empty() ? std::string("none") : seen));
}

void expectation_checker::look(const scenario::expect_received& e, scenario::source_ref where) {
    const auto seen = r_.heard().last_received.find(e.receiver);
    if (seen == r_.heard().last_received.end())
        return fail(where, name(e.receiver) + " to have received a notification", "it has received none");
    if (e.task && seen->second.target != e.task)
        fail(where, name(e.receiver) + " to have received a notification of " + name(e.task),
             "it was of " + name(seen->second.target));
    if (e.pid && !matches(*e.pid, call_end::returned, seen->second.pid, find_task(k_, e.receiver)))
        fail(where, "the pid in the notification to be " + outcome_text(*e.pid),
             "it is " + std::to_string(seen->second.pid));
}

void expectation_checker::look(const scenario::expect_exit_code& e, scenario::source_ref where) {
    // A zombie's status is what a wait would report now; of a task that is gone, what one did.
    const task_id t = find_task(k_, e.task);
    const auto code = r_.heard().exit_codes.find(e.task);
    if (t && k_.w.tasks[t].exit_state != exit_state::alive && wait_status(k_, t) == e.code)
        return;
    if (code == r_.heard().exit_codes.end())
        fail(where, name(e.task) + " to have " + status_text(e.code), "it has not died");
    else if (code->second != e.code)
        fail(where, name(e.task) + " to have " + status_text(e.code), "it has " + status_text(code->second));
}

void expectation_checker::look(const scenario::expect_warnings& e, scenario::source_ref where) {
    if (e.count != k_.w.warnings)
        fail(where, std::to_string(e.count) + " kernel warnings",
             std::to_string(k_.w.warnings) + " were printed");
}

void expectation_checker::look(const scenario::expect_leaked& e, scenario::source_ref where) {
    const auto objects = static_cast<std::int64_t>(k_.w.notifications.count());
    const std::int64_t leaked = objects - static_cast<std::int64_t>(r_.heard().listeners.size());
    if (e.count != leaked)
        fail(where, std::to_string(e.count) + " leaked notification objects",
             std::to_string(leaked) + " are");
}

} // namespace seccomp_sim::replay

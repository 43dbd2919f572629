// What a run's observer heard during one step.
#include "sim/replay/trace.hpp"

#include "kernel-model/wait.hpp"

namespace seccomp_sim::replay {

void trace::start_step() {
    events.clear();
    counters.clear();
    polls.clear();
    returned.clear();
}

event& trace::add(event::kind what, name_id who) {
    event& e = events.emplace_back();
    e.what = what;
    e.who = who;
    return e;
}

void trace::on_return(task_id who, request_id /*call*/, std::int64_t value) {
    returned[who] = value;
    if (name_of(who))
        last_returned[name_of(who)] = value;
}

void trace::on_restart(task_id who) {
    add(event::kind::restarted, name_of(who));
}

void trace::on_wake(task_id who, queue_ref /*queue*/, std::uint32_t events_seen) {
    add(event::kind::woken, name_of(who)).events = events_seen;
}

void trace::on_event(task_id who, name_id fd, std::uint32_t events_seen) {
    event& e = add(event::kind::reported, name_of(who));
    e.fd = fd;
    e.events = events_seen;
}

void trace::on_notification(task_id who, filter_id /*which*/, index_type /*cookie*/, task_id target,
                            index_type pid) {
    event& e = add(event::kind::received, name_of(who));
    e.target = name_of(target);
    e.number = pid;
    if (e.who)
        last_received[e.who] = {e.target, pid};
}

void trace::on_handler(task_id who, int signal) {
    add(event::kind::handler, name_of(who)).number = signal;
}

void trace::on_exit(task_id who, std::int32_t code) {
    add(event::kind::exited, name_of(who)).number = code;
    if (name_of(who))
        exit_codes[name_of(who)] = code;
}

void trace::on_reap(task_id who) {
    add(event::kind::reaped, name_of(who));
    // A later exit_group of another thread decides what wait reports of a leader that was dead before.
    if (name_of(who))
        exit_codes[name_of(who)] = wait_status(k_, who);
}

void trace::on_counters(filter_id which) {
    if (const name_id name = k_.w.filters[which].name; name && (counters.empty() || counters.back() != name))
        counters.push_back(name);
    poll_again(which);
}

void trace::poll_again(filter_id which) {
    if (polls.empty() || polls.back() != which)
        polls.push_back(which);
}

void trace::on_listener(filter_id which, file_id listener) {
    if (listener)
        listeners[which] = listener;
    else
        listeners.erase(which);
    poll_again(which);
}

void trace::on_notifications(filter_id which) {
    poll_again(which);
}

void trace::on_filter_freed(filter_id which) {
    add(event::kind::freed, k_.w.filters[which].name);
}

void trace::on_warning(std::string_view text) {
    add(event::kind::warning, none).text = text;
}

} // namespace seccomp_sim::replay

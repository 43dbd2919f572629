// A supervisor's turn on a real kernel.
#include "sim/live/event_loop.hpp"

#include "sim/live/cannot_run.hpp"

#include <cstring>

namespace seccomp_sim::live {
namespace {

constexpr std::uint32_t epoll_del = 2;

request as(operation op, name_id fd) {
    request asked;
    asked.op = op;
    asked.fd = fd;
    return asked;
}

} // namespace

std::int64_t event_loop::call_now(request asked) {
    const raw_call call = tasks_.prepare(before_, call_.task, asked);
    tasks_.everybody().find(call_.task)->pending = asked;
    constexpr std::chrono::milliseconds patience{1000};
    const std::optional<std::int64_t> value = tasks_.call_now(call_.task, call, patience);
    if (!value)
        throw cannot_run("a call of the event loop blocks");
    return *value;
}

void event_loop::answer(const seccomp_sim::kernel& now, name_id listener, view& seen) {
    const request take = as(operation::receive, listener);
    if (call_now(take) != 0)
        return;
    const puppet& p = *tasks_.everybody().find(call_.task);
    received_notification n;
    std::memcpy(&n, tasks_.place().slot_at(p.slot).data, sizeof n);
    tasks_.note_notification(now, p, n.id);
    const name_id target = n.pid != 0 ? tasks_.everybody().name_of(static_cast<pid_t>(n.pid), p) : name_id{};
    seen[std::string(s_.name_of(call_.task)) + ": received"] =
        "the call of " + (target ? std::string(s_.name_of(target)) : std::string("somebody"));
    request reply = as(operation::send, listener);
    const bool answers = call_.asked.flags == 1;
    reply.flags = answers ? 0 : reply_flag::go_on;
    reply.value = answers ? call_.asked.value : 0;
    call_now(reply);
}

void event_loop::run(const seccomp_sim::kernel& now, view& seen) {
    request turn = as(operation::epoll_wait, call_.asked.fd);
    turn.number = 64;
    const std::int64_t value = call_now(turn);
    const std::string who(s_.name_of(call_.task));
    const slot& own = tasks_.place().slot_at(tasks_.everybody().find(call_.task)->slot);
    const std::string told = told_by(s_, before_, turn, own, value);
    if (!told.empty())
        seen[who + ": told"] = told;
    seen[who + ": returned"] = std::to_string(value);
    std::vector<reported_event> events;
    for (std::int64_t i = 0; i < value; ++i) {
        reported_event event;
        std::memcpy(&event, own.data + static_cast<std::size_t>(i) * sizeof event, sizeof event);
        events.push_back(event);
    }
    for (const reported_event& event : events) {
        const name_id fd{static_cast<index_type>(event.data)};
        if ((event.events & poll_event::in) != 0)
            answer(now, fd, seen);
        if ((event.events & poll_event::hup) != 0) {
            request drop = as(operation::epoll_ctl, call_.asked.fd);
            drop.source = fd;
            drop.number = epoll_del;
            call_now(drop);
            call_now(as(operation::close, fd));
        }
    }
}

} // namespace seccomp_sim::live

// Calls on fds: opening, copying, passing, closing and watching them.
#include "sim/property/generator.hpp"

#include "kernel-model/eventpoll.hpp"
#include "kernel-model/file_calls.hpp"
#include "kernel-model/scm.hpp"
#include "kernel-model/task_table.hpp"

#include <algorithm>
#include <array>

namespace seccomp_sim::property {

namespace {

constexpr std::int32_t dup3_number = 292;
constexpr auto any_file = [](const file&) { return true; };

} // namespace

bool generator::open() {
    asked_->as = new_name(file_names_);
    return has_room_for_fd();
}

bool generator::dup() {
    const fd_slot* fd = some_fd(self_, any_file);
    if (fd == nullptr || !has_room_for_fd())
        return false;
    asked_->fd = fd->name;
    asked_->as =
        new_name(k().w.open_files[fd->file].kind == file_kind::listener ? listener_names_ : file_names_);
    if (choices_.one_in(3)) {
        asked_->number = static_cast<std::int32_t>(3 + choices_.below(8));
        asked_->system_call = dup3_number;
    }
    return true;
}

bool generator::close() {
    const fd_slot* fd = some_fd(self_, any_file);
    if (fd == nullptr)
        return false;
    asked_->fd = fd->name;
    return true;
}

bool generator::set_cloexec() {
    const fd_slot* fd = some_fd(self_, any_file);
    if (fd == nullptr)
        return false;
    asked_->fd = fd->name;
    asked_->value = choices_.below(2);
    return true;
}

bool generator::send_fd() {
    const fd_slot* fd = some_fd(self_, any_file);
    if (fd == nullptr)
        return false;
    asked_->fd = fd->name;
    asked_->target = some_task([&](task_id t) {
        const task& record = k().w.tasks[t];
        const bool has_room = !record.files || k().w.fd_tables[record.files].slots.size() < options_.max_fds;
        return t != self_ && has_room && record.exit_state == exit_state::alive;
    });
    if (choices_.one_in(3))
        asked_->flags = scm_flag::in_flight;
    return bool{asked_->target};
}

bool generator::receive_fd() {
    return me().mailbox || wrong();
}

bool generator::pidfd_open() {
    asked_->target = some_task([&](task_id t) { return wrong() || is_leader(k(), t); });
    asked_->as = new_name(file_names_);
    return asked_->target && has_room_for_fd();
}

bool generator::pidfd_getfd() {
    asked_->target = some_task([&](task_id t) { return t != self_ && k().w.tasks[t].files; });
    if (!asked_->target || !has_room_for_fd())
        return false;
    const fd_slot* fd = some_fd(find_task(k(), asked_->target), any_file);
    if (fd == nullptr)
        return false;
    asked_->fd = fd->name;
    asked_->as = new_name(file_names_);
    return true;
}

bool generator::epoll_create() {
    asked_->as = new_name(file_names_);
    return has_room_for_fd();
}

bool generator::epoll_ctl() {
    const fd_slot* epoll = wrong() ? some_fd(self_, any_file) : some_fd(file_kind::epoll);
    if (epoll == nullptr)
        return false;
    asked_->fd = epoll->name;
    const fd_slot* watched = choices_.below(3) != 0 ? some_fd(file_kind::listener) : some_fd(self_, any_file);
    if (watched == nullptr)
        return false;
    asked_->source = watched->name;
    asked_->number = choices_.of(
        std::to_array<std::int32_t>({epoll_op::add, epoll_op::add, epoll_op::mod, epoll_op::del}));
    if (asked_->number == epoll_op::del)
        return true;
    for (const std::uint32_t bit : {poll_event::in, poll_event::out})
        if (choices_.below(4) != 0)
            asked_->events |= bit;
    for (const std::uint32_t bit : {poll_event::et, poll_event::oneshot, poll_event::exclusive})
        if (choices_.one_in(6))
            asked_->events |= bit;
    return true;
}

bool generator::epoll_wait() {
    const fd_slot* epoll = some_fd(file_kind::epoll);
    if (epoll == nullptr)
        return false;
    asked_->fd = epoll->name;
    asked_->value = options_.blocking && !is_init() && choices_.one_in(3) ? -1 : 0;
    if (choices_.one_in(4))
        asked_->number = static_cast<std::int32_t>((wrong() ? 0 : 1) + choices_.below(2));
    return true;
}

bool generator::poll() {
    const std::uint32_t count = 1 + choices_.below(planned_call::most_polls);
    for (std::uint32_t i = 0; i < count; ++i) {
        const fd_slot* fd = choices_.below(4) != 0 ? some_fd(file_kind::listener) : some_fd(self_, any_file);
        if (fd == nullptr)
            continue;
        const auto end = call_->polled.begin() + asked_->polls;
        const bool there =
            std::any_of(call_->polled.begin(), end, [&](const poll_request& p) { return p.fd == fd->name; });
        if (!there)
            call_->polled[asked_->polls++] = {
                fd->name, choices_.below(2) == 0 ? poll_event::in : poll_event::in | poll_event::out};
    }
    asked_->value = options_.blocking && !is_init() && choices_.one_in(4) ? -1 : 0;
    return asked_->polls > 0;
}

} // namespace seccomp_sim::property

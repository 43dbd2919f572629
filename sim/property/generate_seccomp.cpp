// Calls on filters and their listeners: installs, calls that run into filters, and a supervisor's ioctls.
#include "sim/property/generator.hpp"

#include "seccomp_sim/filter.hpp"
#include "seccomp_sim/seccomp_action.hpp"
#include "sim/property/filter_shelf.hpp"

#include <array>

namespace seccomp_sim::property {

namespace {

enum : std::int64_t { set_mode_strict, set_mode_filter, get_action_avail, get_notif_sizes };

constexpr auto usual_flags = std::to_array<std::uint32_t>({
    0,
    install_flag::new_listener,
    install_flag::new_listener,
    install_flag::new_listener,
    install_flag::tsync,
    install_flag::tsync | install_flag::tsync_esrch,
    install_flag::tsync | install_flag::tsync_esrch | install_flag::new_listener,
    install_flag::log,
    install_flag::new_listener | install_flag::wait_killable_recv,
    install_flag::spec_allow,
});

} // namespace

bool generator::may_install() const {
    std::uint32_t depth = 0;
    for (filter_id f = me().filter; f; f = k().w.filters[f].prev)
        ++depth;
    return !in_init_process(self_) && depth < options_.max_depth &&
           k().w.filters.count() < options_.max_filters;
}

bool generator::seccomp() {
    asked_->value = set_mode_filter;
    if (options_.errors != 0 && choices_.one_in(24)) {
        asked_->value = choices_.of(std::to_array<std::int64_t>({get_action_avail, get_notif_sizes}));
        if (asked_->value == get_action_avail)
            asked_->events = choices_.one_in(2) ? action_user_notif : 0x12340000;
        return true;
    }
    if (!may_install())
        return false;
    asked_->program = {choices_.below(options_.programs)};
    asked_->flags = wrong() ? choices_.below(64) : choices_.of(usual_flags);
    if ((asked_->flags & install_flag::new_listener) != 0) {
        if (!has_room_for_fd())
            return false;
        asked_->fd = new_name(listener_names_);
    }
    asked_->as = new_name(filter_names_);
    if (options_.faults && wrong())
        asked_->fails = static_cast<fault>(1 + choices_.below(5));
    return true;
}

bool generator::prctl_seccomp() {
    constexpr std::int64_t strict = 1, filter = 2;
    if (options_.errors != 0 && !in_init_process(self_) && choices_.one_in(16)) {
        asked_->value = strict;
        return true;
    }
    if (!may_install())
        return false;
    asked_->value = filter;
    asked_->program = {choices_.below(options_.programs)};
    asked_->as = new_name(filter_names_);
    return true;
}

bool generator::prctl_get_seccomp() {
    return true;
}

bool generator::system_call() {
    constexpr std::int32_t nr_pause = 34;
    asked_->system_call = choices_.of(shelf_calls());
    return asked_->system_call != nr_pause || (options_.blocking && !is_init());
}

bool generator::receive() {
    const fd_slot* fd = some_fd(file_kind::listener);
    if (fd == nullptr)
        return false;
    const filter& f = k().w.filters[{k().w.open_files[fd->file].object}];
    const bool returns = f.notif && k().w.notifications[f.notif].requests > 0;
    if (!returns && (is_init() || !options_.blocking || choices_.below(4) != 0))
        return false;
    asked_->fd = fd->name;
    asked_->as = new_name(notification_names_);
    notifications_[next_notification_++ % notifications_.size()] = asked_->as;
    if (wrong())
        asked_->flags = 1 + choices_.below(2);
    else if (options_.faults && wrong())
        asked_->fails = fault::bad_pointer;
    return true;
}

// The last one that was received, one received lately, or a number that may be none.
void generator::name_notification() {
    if (choices_.one_in(3))
        asked_->notification = choices_.of(notifications_);
    else if (wrong())
        asked_->cookie = 1 + choices_.below(9);
    if (options_.faults && wrong())
        asked_->fails = fault::bad_pointer;
}

bool generator::send() {
    const fd_slot* fd = some_fd(file_kind::listener);
    if (fd == nullptr)
        return false;
    asked_->fd = fd->name;
    name_notification();
    if (choices_.one_in(3))
        asked_->flags = wrong() ? 2 : reply_flag::go_on;
    if (asked_->flags == 0 || wrong())
        asked_->value = choices_.below(5);
    if (choices_.one_in(4))
        asked_->error = -static_cast<std::int32_t>(1 + choices_.below(3));
    return true;
}

bool generator::id_valid() {
    const fd_slot* fd = some_fd(file_kind::listener);
    if (fd == nullptr)
        return false;
    asked_->fd = fd->name;
    name_notification();
    return true;
}

bool generator::addfd() {
    const fd_slot* fd = some_fd(file_kind::listener);
    if (fd == nullptr)
        return false;
    asked_->fd = fd->name;
    const fd_slot* source = some_fd(self_, [](const file&) { return true; });
    asked_->source = source->name;
    asked_->as = choices_.one_in(2) ? source->name : new_name(file_names_);
    if (choices_.one_in(3)) {
        asked_->flags = addfd_flag::setfd;
        asked_->number = static_cast<std::int32_t>(3 + choices_.below(6));
    }
    if (choices_.one_in(3))
        asked_->flags |= addfd_flag::send;
    asked_->value = choices_.below(2);
    if (wrong())
        asked_->flags |= 4;
    name_notification();
    return true;
}

bool generator::set_flags() {
    const fd_slot* fd = some_fd(file_kind::listener);
    if (fd == nullptr)
        return false;
    asked_->fd = fd->name;
    asked_->flags = wrong() ? 2 : choices_.below(2);
    return true;
}

} // namespace seccomp_sim::property

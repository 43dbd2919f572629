// From a request to a system call: everything about fds, listeners and epoll instances.
#include "sim/live/call_site.hpp"

#include "kernel-model/scm.hpp"
#include "kernel-model/task_table.hpp"
#include "sim/live/cannot_run.hpp"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

namespace seccomp_sim::live {
namespace {

// SECCOMP_IOCTL_NOTIF_*: RECV, SEND, ID_VALID, ADDFD, SET_FLAGS.
constexpr std::int64_t ioctl_recv = 0xc050'2100;
constexpr std::int64_t ioctl_send = 0xc018'2101;
/// The first number that it had, with the wrong direction: every kernel takes it, the right one since 5.9
/// only.
constexpr std::int64_t ioctl_id_valid = 0x8008'2102;
constexpr std::int64_t ioctl_addfd = 0x4018'2103;
constexpr std::int64_t ioctl_set_flags = 0x4008'2104;
constexpr std::size_t size_of_notification = 80;

constexpr std::uint32_t open_cloexec = 1; // of request::flags

raw_call plain(std::int64_t number, std::initializer_list<std::int64_t> arguments) {
    raw_call call;
    call.number = number;
    std::copy(arguments.begin(), arguments.end(), call.arguments.begin());
    return call;
}

/// A message with one fd, as sendmsg and recvmsg take it. Addresses are the puppet's.
struct message_record {
    std::uint64_t name = 0, name_length = 0;
    std::uint64_t vector = 0, vector_length = 1;
    std::uint64_t control = 0, control_length = 0;
    std::uint64_t flags = 0;
};

struct control_record {
    std::uint64_t length = sizeof(std::uint64_t) + 2 * sizeof(int) + sizeof(int);
    int level = SOL_SOCKET;
    int type = SCM_RIGHTS;
    int fd = -1;
    int padding = 0;
};

// Where receive_message lays its records out in the slot's data.
constexpr std::size_t control_offset = 32;

} // namespace

filter_id call_site::filter_of(name_id listener) const {
    const task_id who = find_task(k_, caller_.name);
    if (who && k_.w.tasks[who].files)
        for (const fd_slot& s : k_.w.fd_tables[k_.w.tasks[who].files].slots)
            if (s.name == listener && s.file && k_.w.open_files[s.file].kind == file_kind::listener)
                return {k_.w.open_files[s.file].object};
    return none;
}

/// As the model's asked_cookie chooses.
std::uint64_t call_site::notification(const request& asked) const {
    if (asked.notification) {
        const auto known = ids_.by_name.find(asked.notification);
        return known == ids_.by_name.end() ? 0 : known->second;
    }
    const filter_id f = filter_of(asked.fd);
    if (asked.cookie != 0) {
        const auto base = f ? ids_.before_first.find(k_.w.filters[f].name) : ids_.before_first.end();
        return asked.cookie + (base == ids_.before_first.end() ? 0 : base->second);
    }
    const auto last = f ? ids_.last_of.find(k_.w.filters[f].name) : ids_.last_of.end();
    return last == ids_.last_of.end() ? 0 : last->second;
}

raw_call call_site::listener_call(const request& asked) {
    const std::int64_t listener = fd(asked.fd);
    const bool bad = asked.fails == fault::bad_pointer;
    switch (asked.op) {
    case operation::receive: {
        enum : std::uint32_t { zeroed, dirty, unreadable };
        std::int64_t buffer = put(nullptr, size_of_notification);
        if (asked.flags == dirty)
            std::memset(stage_.slot_at(caller_.slot).data, 0xff, size_of_notification);
        if (asked.flags == unreadable)
            buffer = bad_address;
        else if (bad)
            buffer = static_cast<std::int64_t>(stage_.header().read_only);
        return plain(SYS_ioctl, {listener, ioctl_recv, buffer});
    }
    case operation::send: {
        const struct {
            std::uint64_t id;
            std::int64_t value;
            std::int32_t error;
            std::uint32_t flags;
        } reply = {notification(asked), asked.value, asked.error, asked.flags};
        return plain(SYS_ioctl, {listener, ioctl_send, bad ? bad_address : put(&reply, sizeof reply)});
    }
    case operation::id_valid: {
        const std::uint64_t id = notification(asked);
        return plain(SYS_ioctl, {listener, ioctl_id_valid, bad ? bad_address : put(&id, sizeof id)});
    }
    case operation::addfd: {
        const struct {
            std::uint64_t id;
            std::uint32_t flags, source, new_fd, new_fd_flags;
        } record = {notification(asked), asked.flags, static_cast<std::uint32_t>(fd(asked.source)),
                    static_cast<std::uint32_t>(
                        (asked.flags & addfd_flag::setfd) != 0 ? asked.number : std::max(asked.number, 0)),
                    asked.value != 0 ? static_cast<std::uint32_t>(O_CLOEXEC) : 0U};
        return plain(SYS_ioctl, {listener, ioctl_addfd, bad ? bad_address : put(&record, sizeof record)});
    }
    default:
        return plain(SYS_ioctl, {listener, ioctl_set_flags, static_cast<std::int64_t>(asked.flags)});
    }
}

raw_call call_site::file_call(const request& asked) {
    if (asked.fails == fault::file_memory)
        throw cannot_run("an allocation of the kernel would have to fail");
    const std::int64_t cloexec = (asked.flags & open_cloexec) != 0 ? O_CLOEXEC : 0;
    switch (asked.op) {
    case operation::open:
        return plain(SYS_openat, {AT_FDCWD, put_text("/dev/null"), O_RDONLY | cloexec, 0});
    case operation::dup:
        if (asked.number >= 0 && cloexec == 0)
            return plain(SYS_dup2, {fd(asked.fd), asked.number});
        if (asked.number >= 0)
            return plain(SYS_dup3, {fd(asked.fd), asked.number, cloexec});
        return plain(SYS_dup, {fd(asked.fd)});
    case operation::close:
        return plain(SYS_close, {fd(asked.fd)});
    case operation::set_cloexec:
        return plain(SYS_fcntl, {fd(asked.fd), F_SETFD, asked.value != 0 ? FD_CLOEXEC : 0});
    default:
        return plain(SYS_pidfd_open, {pid(asked.target), 0});
    }
}

raw_call call_site::watch_call(const request& asked) {
    switch (asked.op) {
    case operation::epoll_create:
        return plain(SYS_epoll_create1, {(asked.flags & open_cloexec) != 0 ? O_CLOEXEC : 0});
    case operation::epoll_ctl: {
        const reported_event event = {asked.events, asked.source.value};
        return plain(SYS_epoll_ctl,
                     {fd(asked.fd), asked.number, fd(asked.source), put(&event, sizeof event)});
    }
    case operation::epoll_wait: {
        constexpr std::int32_t usual = 64;
        const std::int32_t most = asked.number < 0 ? usual : std::min(asked.number, most_events);
        return plain(SYS_epoll_wait,
                     {fd(asked.fd), put(nullptr, most_events * sizeof(reported_event)), most, asked.value});
    }
    default: {
        std::vector<pollfd> list;
        for (index_type i = 0; i < asked.polls; ++i) {
            const poll_request& p = k_.poll_list[asked.first_poll + i];
            list.push_back({fd(p.fd), static_cast<short>(p.events), 0});
        }
        const std::int64_t at = put(list.data(), list.size() * sizeof(pollfd));
        return plain(SYS_poll, {at, static_cast<std::int64_t>(list.size()), asked.value});
    }
    }
}

raw_call call_site::send_message(const request& asked) {
    const fd_message payload = {asked.target.value, asked.as ? asked.as.value : asked.fd.value,
                                asked.flags & scm_flag::in_flight, asked.flags & scm_flag::cloexec};
    control_record control;
    control.fd = fd(asked.fd);
    const std::uint64_t vector[] = {static_cast<std::uint64_t>(put(&payload, sizeof payload)),
                                    sizeof payload};
    message_record message;
    message.vector = static_cast<std::uint64_t>(put(vector, sizeof vector));
    message.control = static_cast<std::uint64_t>(put(&control, sizeof control));
    message.control_length = sizeof control;
    return plain(SYS_sendmsg, {socket_fd, put(&message, sizeof message), MSG_NOSIGNAL});
}

raw_call call_site::receive_message(bool cloexec) {
    used_ = 0;
    const std::uint64_t vector[] = {static_cast<std::uint64_t>(put(nullptr, sizeof(fd_message))),
                                    sizeof(fd_message)};
    const std::uint64_t vector_address = static_cast<std::uint64_t>(put(vector, sizeof vector));
    message_record message;
    message.vector = vector_address;
    message.control = static_cast<std::uint64_t>(put(nullptr, sizeof(control_record)));
    message.control_length = sizeof(control_record);
    return plain(SYS_recvmsg,
                 {socket_fd, put(&message, sizeof message), MSG_DONTWAIT | (cloexec ? MSG_CMSG_CLOEXEC : 0)});
}

std::int64_t call_site::received_fd(const slot& s) {
    control_record control;
    std::memcpy(&control, s.data + control_offset, sizeof control);
    const bool whole = control.length >= offsetof(control_record, fd) + sizeof(int);
    return whole && control.type == SCM_RIGHTS ? control.fd : 0;
}

} // namespace seccomp_sim::live

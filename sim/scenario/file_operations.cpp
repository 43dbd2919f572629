// Operations on fds: opening, passing and watching them.
#include "sim/scenario/call_reader.hpp"

#include <array>

namespace seccomp_sim::scenario {

namespace {

using type = argument_type;

constexpr std::int32_t dup3_number = 292;
constexpr std::int64_t at_fdcwd = -100;
constexpr std::uint64_t f_setfd = 2;
constexpr std::int64_t highest_fd = 0x7fff'ffff;

enum : std::uint32_t { ctl_add = 1, ctl_del = 2, ctl_mod = 3 };
constexpr auto changes = std::to_array<named_bits>({{"ADD", ctl_add}, {"MOD", ctl_mod}, {"DEL", ctl_del}});
constexpr name_set change_names = {"operation of epoll_ctl", changes, "EPOLL_CTL_"};

constexpr argument fd = {"fd", type::fd, &request::fd, "The fd.", true};
constexpr argument made = {"as", type::new_fd, &request::as, "What the new fd is called.", true};
constexpr argument epoll = {"epoll", type::fd, &request::fd, "The epoll fd.", true};
constexpr argument timeout = {
    "timeout", type::integer, &request::value, "0 looks once; -1 waits.", false, nullptr, -1, 0, 0};

constexpr auto open_arguments = std::to_array<argument>({made});
constexpr auto dup_arguments =
    std::to_array<argument>({fd,
                             made,
                             {"to", type::integer, &request::number, "The number it should have (dup3).",
                              false, nullptr, 0, highest_fd}});
constexpr auto close_arguments = std::to_array<argument>({fd});
constexpr auto cloexec_arguments = std::to_array<argument>(
    {fd,
     {"value", type::boolean, &request::value, "Whether the fd closes at exec.", false, nullptr, 0, 1, 1}});
constexpr auto send_fd_arguments = std::to_array<argument>(
    {fd,
     {"to", type::task, &request::target, "Who gets it.", true},
     {"as", type::new_fd, &request::as, "What it is called there; without it, as here."},
     {"in_flight", type::boolean, &request::flags, "Whether it stays in the socket until recv_fd.", false,
      nullptr, 0, 1, 0}});
constexpr auto recv_fd_arguments = std::to_array<argument>(
    {{"as", type::new_fd, &request::as, "What it is called here; without it, as the sender says."}});
constexpr auto pidfd_open_arguments = std::to_array<argument>(
    {{"target", type::task, &request::target, "The process, by its leader.", true}, made});
constexpr auto pidfd_getfd_arguments =
    std::to_array<argument>({{"from", type::task, &request::target, "Whose fd it is.", true},
                             {"fd", type::fd, &request::fd, "The fd's name there.", true},
                             made});
constexpr auto epoll_ctl_arguments =
    std::to_array<argument>({epoll,
                             {"op", type::word, &request::number, "What changes.", true, &change_names},
                             {"fd", type::fd, &request::source, "The fd to watch.", true},
                             {"events", type::words, &request::events,
                              "What to watch it for; HUP and ERR come unasked.", false, &epoll_names}});
constexpr auto epoll_wait_arguments = std::to_array<argument>(
    {epoll,
     timeout,
     {"max", type::integer, &request::number, "How many events fit; 64 without it.", false, nullptr, 0,
      highest_fd},
     {"events", type::reported, {}, "Exactly what is reported, by fd, RDNORM and WRNORM left out."}});
constexpr auto poll_arguments = std::to_array<argument>(
    {{"fds", type::polled, {}, "The fds, and what to look for; HUP and ERR come unasked.", true},
     timeout,
     {"revents", type::reported, {}, "Exactly what is reported, by fd, RDNORM and WRNORM left out."}});

void see_open(call_reader& call) {
    call.asked().args[0] = static_cast<std::uint64_t>(at_fdcwd);
}

void see_dup(call_reader& call) {
    if (!call.given("to"))
        return;
    call.asked().system_call = dup3_number;
    call.asked().args[1] = static_cast<std::uint64_t>(call.asked().number);
}

void see_cloexec(call_reader& call) {
    call.asked().args[1] = f_setfd;
    call.asked().args[2] = static_cast<std::uint64_t>(call.asked().value);
}

void see_epoll_ctl(call_reader& call) {
    call.asked().args[1] = static_cast<std::uint64_t>(call.asked().number);
}

void see_epoll_wait(call_reader& call) {
    constexpr std::uint64_t default_max = 64;
    const std::int32_t max = call.asked().number;
    call.asked().args[2] = max < 0 ? default_max : static_cast<std::uint64_t>(max);
    call.asked().args[3] = static_cast<std::uint64_t>(call.asked().value);
}

void see_poll(call_reader& call) {
    call.asked().args[1] = call.asked().polls;
    call.asked().args[2] = static_cast<std::uint64_t>(call.asked().value);
}

const auto rows = std::to_array<operation_row>({
    {.name = "open",
     .what = "an \"open\" step",
     .meaning = "Opens a file.",
     .op = operation::open,
     .system_call = 257,
     .arguments = open_arguments,
     .finish = see_open,
     .makes_fd = true},
    {.name = "dup",
     .what = "a \"dup\" step",
     .meaning = "A second fd of the same open file.",
     .op = operation::dup,
     .system_call = 32,
     .arguments = dup_arguments,
     .finish = see_dup,
     .makes_fd = true},
    {.name = "close",
     .what = "a \"close\" step",
     .meaning = "Closes an fd; the file lives on while others hold it.",
     .op = operation::close,
     .system_call = 3,
     .arguments = close_arguments},
    {.name = "set_cloexec",
     .what = "a \"set_cloexec\" step",
     .meaning = "fcntl(F_SETFD): whether the fd closes at exec.",
     .op = operation::set_cloexec,
     .system_call = 72,
     .arguments = cloexec_arguments,
     .finish = see_cloexec},
    {.name = "send_fd",
     .what = "a \"send_fd\" step",
     .meaning = "Passes an fd by SCM_RIGHTS.",
     .op = operation::send_fd,
     .system_call = 46,
     .arguments = send_fd_arguments},
    {.name = "recv_fd",
     .what = "a \"recv_fd\" step",
     .meaning = "Takes an fd that is in flight to the caller.",
     .op = operation::receive_fd,
     .system_call = 47,
     .arguments = recv_fd_arguments,
     .makes_fd = true},
    {.name = "pidfd_open",
     .what = "a \"pidfd_open\" step",
     .meaning = "An fd that stands for a process.",
     .op = operation::pidfd_open,
     .system_call = 434,
     .arguments = pidfd_open_arguments,
     .makes_fd = true},
    {.name = "pidfd_getfd",
     .what = "a \"pidfd_getfd\" step",
     .meaning = "A copy of another process's fd.",
     .op = operation::pidfd_getfd,
     .system_call = 438,
     .arguments = pidfd_getfd_arguments,
     .makes_fd = true},
    {.name = "epoll_create",
     .what = "an \"epoll_create\" step",
     .meaning = "A new epoll instance.",
     .op = operation::epoll_create,
     .system_call = 291,
     .arguments = open_arguments,
     .makes_fd = true},
    {.name = "epoll_ctl",
     .what = "an \"epoll_ctl\" step",
     .meaning = "Adds, changes or removes a watched fd.",
     .op = operation::epoll_ctl,
     .system_call = 233,
     .arguments = epoll_ctl_arguments,
     .finish = see_epoll_ctl},
    {.name = "epoll_wait",
     .what = "an \"epoll_wait\" step",
     .meaning = "Takes ready events.",
     .op = operation::epoll_wait,
     .system_call = 232,
     .arguments = epoll_wait_arguments,
     .finish = see_epoll_wait},
    {.name = "poll",
     .what = "a \"poll\" step",
     .meaning = "Looks at several fds at once.",
     .op = operation::poll,
     .system_call = 7,
     .arguments = poll_arguments,
     .finish = see_poll},
});

} // namespace

std::span<const operation_row> file_operations() {
    return rows;
}

} // namespace seccomp_sim::scenario

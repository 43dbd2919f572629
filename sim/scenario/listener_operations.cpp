// Operations of a supervisor on a listener: the ioctls of kernel/seccomp.c, and a turn of its event loop.
#include "sim/scenario/call_reader.hpp"

#include "seccomp_sim/filter.hpp"

#include <array>

namespace seccomp_sim::scenario {

namespace {

using type = argument_type;

constexpr std::int32_t ioctl_number = 16;
// SECCOMP_IOCTL_NOTIF_*, which filters see as the second argument.
constexpr std::uint64_t ioctl_recv = 0xc0502100;
constexpr std::uint64_t ioctl_send = 0xc0182101;
constexpr std::uint64_t ioctl_id_valid = 0x40082102;
constexpr std::uint64_t ioctl_addfd = 0x40182103;
constexpr std::uint64_t ioctl_set_flags = 0x40082104;

constexpr auto faults =
    std::to_array<named_bits>({{"bad_pointer", static_cast<std::uint32_t>(fault::bad_pointer)}});
constexpr name_set fault_names = {"fault of an ioctl", faults};
constexpr auto buffers = std::to_array<named_bits>({{"zeroed", 0}, {"dirty", 1}, {"unreadable", 2}});
constexpr name_set buffer_names = {"kind of buffer", buffers};

constexpr argument listener = {"fd", type::fd, &request::fd, "The listener.", true};
constexpr argument notification_name = {
    "notification", type::notification, &request::notification,
    "The notification, by the name that recv gave it; without it, the last one."};
constexpr argument raw_id = {
    "id", type::integer, &request::cookie, "A notification id as a number instead.", false, nullptr,
    0,    0xffff'fffe};
constexpr argument goes_wrong = {"fault", type::word,  &request::fails, "What goes wrong on the way.",
                                 false,   &fault_names};

constexpr auto recv_arguments =
    std::to_array<argument>({listener,
                             {"as", type::new_notification, &request::as, "What the notification is called."},
                             goes_wrong,
                             {"buffer", type::word, &request::flags,
                              "What the buffer is like before the call.", false, &buffer_names, 0, 2, 0}});
constexpr auto send_arguments = std::to_array<argument>(
    {listener,
     notification_name,
     raw_id,
     {"value", type::integer, &request::value, "What the trapped call returns.", false, nullptr,
      std::numeric_limits<std::int64_t>::min()},
     {"error", type::error, &request::error, "The error that the trapped call ends in: \"ENOMEM\" or -12."},
     {"flags", type::words_or_integer, &request::flags, "Flags of the reply.", false, &reply_names},
     goes_wrong});
constexpr auto id_valid_arguments =
    std::to_array<argument>({listener, notification_name, raw_id, goes_wrong});
constexpr auto addfd_arguments = std::to_array<argument>(
    {listener,
     notification_name,
     raw_id,
     {"src", type::fd, &request::source, "The caller's fd that the target gets.", true},
     {"as", type::new_fd, &request::as, "What the fd is called in the target.", true},
     {"newfd", type::integer, &request::number,
      "The number it should have there; means the flag SETFD unless \"flags\" is given.", false, nullptr, 0,
      0x7fff'ffff},
     {"flags", type::words_or_integer, &request::flags, "Flags of ADDFD.", false, &addfd_names},
     {"cloexec", type::boolean, &request::value, "Whether the new fd closes at exec.", false, nullptr, 0, 1,
      0},
     goes_wrong});
constexpr auto set_flags_arguments = std::to_array<argument>(
    {listener,
     {"flags", type::words_or_integer, &request::flags, "Flags of the listener.", true, &listener_names},
     goes_wrong});
constexpr auto event_loop_arguments = std::to_array<argument>(
    {{"epoll", type::fd, &request::fd, "The epoll fd.", true},
     {"reply", type::integer, &request::value, "The value to answer with instead of CONTINUE.", false,
      nullptr, std::numeric_limits<std::int64_t>::min()}});

template <std::uint64_t Command>
void see_ioctl(call_reader& call) {
    call.asked().args[1] = Command;
}

void refuse_two_ids(call_reader& call) {
    if (call.given("notification"))
        call.refuse({"id"}, "\"notification\"");
}

void finish_send(call_reader& call) {
    refuse_two_ids(call);
    call.asked().args[1] = ioctl_send;
}

void finish_id_valid(call_reader& call) {
    refuse_two_ids(call);
    call.asked().args[1] = ioctl_id_valid;
}

void finish_addfd(call_reader& call) {
    refuse_two_ids(call);
    if (call.given("newfd") && !call.given("flags"))
        call.asked().flags = addfd_flag::setfd;
    call.asked().args[1] = ioctl_addfd;
}

void finish_event_loop(call_reader& call) {
    call.refuse({"returns"}, "\"event_loop\", which is several calls");
    call.asked().flags = call.given("reply") ? 1 : 0;
}

const auto rows = std::to_array<operation_row>({
    {.name = "recv",
     .what = "a \"recv\" step",
     .meaning = "SECCOMP_IOCTL_NOTIF_RECV: waits for a trapped call.",
     .op = operation::receive,
     .system_call = ioctl_number,
     .arguments = recv_arguments,
     .finish = see_ioctl<ioctl_recv>},
    {.name = "send",
     .what = "a \"send\" step",
     .meaning = "SECCOMP_IOCTL_NOTIF_SEND: answers a trapped call.",
     .op = operation::send,
     .system_call = ioctl_number,
     .arguments = send_arguments,
     .finish = finish_send},
    {.name = "id_valid",
     .what = "an \"id_valid\" step",
     .meaning = "SECCOMP_IOCTL_NOTIF_ID_VALID: whether the trapped call still waits.",
     .op = operation::id_valid,
     .system_call = ioctl_number,
     .arguments = id_valid_arguments,
     .finish = finish_id_valid},
    {.name = "addfd",
     .what = "an \"addfd\" step",
     .meaning = "SECCOMP_IOCTL_NOTIF_ADDFD: puts an fd of the caller into the target.",
     .op = operation::addfd,
     .system_call = ioctl_number,
     .arguments = addfd_arguments,
     .finish = finish_addfd},
    {.name = "set_flags",
     .what = "a \"set_flags\" step",
     .meaning = "SECCOMP_IOCTL_NOTIF_SET_FLAGS.",
     .op = operation::set_flags,
     .system_call = ioctl_number,
     .arguments = set_flags_arguments,
     .finish = see_ioctl<ioctl_set_flags>},
    {.name = "event_loop",
     .what = "an \"event_loop\" step",
     .meaning = "A supervisor's turn: epoll_wait with timeout 0; for each event, HUP removes and closes the "
                "fd, IN is "
                "received and answered.",
     .op = operation::epoll_wait,
     .system_call = 232,
     .arguments = event_loop_arguments,
     .finish = finish_event_loop,
     .special = macro::event_loop},
});

} // namespace

std::span<const operation_row> listener_operations() {
    return rows;
}

} // namespace seccomp_sim::scenario

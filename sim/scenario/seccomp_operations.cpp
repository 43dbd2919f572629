// Operations that install filters, ask about them, and run into them.
#include "sim/scenario/call_reader.hpp"

#include <array>
#include <string>

namespace seccomp_sim::scenario {

namespace {

using type = argument_type;

constexpr std::uint64_t pr_get_seccomp = 21;
constexpr std::uint64_t pr_set_seccomp = 22;

// What a seccomp(2) call is for, by its number.
enum : std::uint32_t { set_mode_strict, set_mode_filter, get_action_avail, get_notif_sizes };
constexpr auto purposes = std::to_array<named_bits>({{"SET_MODE_FILTER", set_mode_filter},
                                                     {"SET_MODE_STRICT", set_mode_strict},
                                                     {"GET_ACTION_AVAIL", get_action_avail},
                                                     {"GET_NOTIF_SIZES", get_notif_sizes}});
constexpr name_set purpose_names = {"operation of seccomp", purposes, "SECCOMP_"};

// Modes of prctl(PR_SET_SECCOMP).
enum : std::uint32_t { mode_strict = 1, mode_filter = 2 };
constexpr auto modes = std::to_array<named_bits>({{"strict", mode_strict}, {"filter", mode_filter}});
constexpr name_set mode_names = {"mode of seccomp", modes};

constexpr auto faults = std::to_array<named_bits>(
    {{"bad_pointer", static_cast<std::uint32_t>(fault::bad_pointer)},
     {"bad_instructions", static_cast<std::uint32_t>(fault::bad_instructions)},
     {"filter_memory", static_cast<std::uint32_t>(fault::filter_memory)},
     {"notification_memory", static_cast<std::uint32_t>(fault::notification_memory)},
     {"file_memory", static_cast<std::uint32_t>(fault::file_memory)}});
constexpr name_set fault_names = {"fault", faults};

constexpr argument filter = {"filter", type::filter, &request::program,
                             "The filter, by its name in \"filters\"."};
constexpr argument object = {
    "as", type::new_filter, &request::as,
    "What the installed filter is called; without it, as in \"filters\", then with #2, #3, ..."};
constexpr argument goes_wrong = {"fault", type::word,  &request::fails, "What goes wrong on the way.",
                                 false,   &fault_names};

constexpr auto seccomp_arguments = std::to_array<argument>(
    {filter,
     {"flags", type::words_or_integer, &request::flags,
      "Flags of SET_MODE_FILTER; without them, those of the filter's profile.", false, &install_names},
     {"listener", type::new_fd, &request::fd,
      "What the listener's fd is called; without it, the filter's name and \"-listener\"."},
     object,
     goes_wrong,
     {"op", type::word, &request::value, "What the call is for.", false, &purpose_names, 0, 3,
      set_mode_filter},
     {"action", type::word_or_integer, &request::events, "The action that GET_ACTION_AVAIL asks about.",
      false, &action_names}});
constexpr auto prctl_arguments = std::to_array<argument>(
    {{"mode", type::word, &request::value, "The mode.", true, &mode_names}, filter, object, goes_wrong});
constexpr auto syscall_arguments = std::to_array<argument>(
    {{"name", type::system_call, &request::system_call, "The system call, by its name on x86-64.", true},
     {"args", type::arguments, {}, "What filters see as its arguments."},
     {"native", type::integer, &request::native, "What it returns when it is let through.", false, nullptr,
      std::numeric_limits<std::int64_t>::min()}});

// The name of a filter object that was given none: the filter's own, and a number from the second on.
void name_object(call_reader& call) {
    if (call.asked().as)
        return;
    reading& r = call.context();
    const std::string& name = r.filter_names[{call.asked().program.value}];
    index_type& installs = r.installs[call.asked().program.value];
    name_id object_name;
    do {
        std::string numbered = name;
        if (installs++ > 0)
            numbered.append("#").append(std::to_string(installs));
        object_name = r.names.made_up(numbered, {call.given("filter")});
    } while (r.names.is_known(object_name, name_role::filter));
    call.asked().as = object_name;
    r.names.introduce(object_name, name_role::filter);
}

void name_listener(call_reader& call) {
    reading& r = call.context();
    if ((call.asked().flags & install_flag::new_listener) == 0) {
        if (call.given("listener"))
            call.fail("listener", "a listener without the flag NEW_LISTENER",
                      "expected \"flags\": [\"NEW_LISTENER\"]");
        return;
    }
    if (!call.asked().fd)
        call.asked().fd = r.names.made_up(r.filter_names[{call.asked().program.value}] + "-listener",
                                          {call.given("filter")});
    r.names.introduce(call.asked().fd, name_role::fd);
    call.makes_fd();
}

void finish_seccomp(call_reader& call) {
    request& asked = call.asked();
    if (asked.value == set_mode_filter) {
        call.require("filter", "the name of a filter");
        call.refuse({"action"}, "SET_MODE_FILTER");
        if (!call.given("flags"))
            asked.flags = call.context().out.filters[asked.program.value].flags;
        name_object(call);
        name_listener(call);
    } else {
        call.refuse({"filter", "listener", "as"}, "this \"op\"");
    }
    if (asked.value == get_action_avail)
        call.require("action", "an action such as \"USER_NOTIF\"");
    else
        call.refuse({"action"}, "this \"op\"");
    asked.args[0] = static_cast<std::uint64_t>(asked.value);
    asked.args[1] = asked.flags;
}

void finish_prctl(call_reader& call) {
    request& asked = call.asked();
    if (asked.value == mode_filter) {
        call.require("filter", "the name of a filter");
        name_object(call);
    } else {
        call.refuse({"filter", "as", "fault"}, "strict mode");
    }
    asked.args[0] = pr_set_seccomp;
    asked.args[1] = static_cast<std::uint64_t>(asked.value);
}

void see_get_seccomp(call_reader& call) {
    call.asked().args[0] = pr_get_seccomp;
}

const auto rows = std::to_array<operation_row>({
    {.name = "seccomp",
     .what = "a \"seccomp\" step",
     .meaning = "seccomp(2): installs a filter, and more.",
     .op = operation::seccomp,
     .system_call = 317,
     .arguments = seccomp_arguments,
     .finish = finish_seccomp},
    {.name = "prctl_seccomp",
     .what = "a \"prctl_seccomp\" step",
     .meaning = "prctl(PR_SET_SECCOMP): the older way in, without flags.",
     .op = operation::prctl_seccomp,
     .system_call = 157,
     .arguments = prctl_arguments,
     .finish = finish_prctl},
    {.name = "prctl_get_seccomp",
     .what = "a \"prctl_get_seccomp\" step",
     .meaning = "prctl(PR_GET_SECCOMP): the caller's mode.",
     .op = operation::prctl_get_seccomp,
     .system_call = 157,
     .finish = see_get_seccomp},
    {.name = "syscall",
     .what = "a \"syscall\" step",
     .meaning = "Any system call, for what the filters make of it.",
     .op = operation::system_call,
     .arguments = syscall_arguments},
});

} // namespace

std::span<const operation_row> seccomp_operations() {
    return rows;
}

} // namespace seccomp_sim::scenario

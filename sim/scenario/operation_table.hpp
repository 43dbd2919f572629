// What a step can do: one row for each "do", with its arguments and where in a request they go. The reader
// and the JSON schema both follow these rows, so that what is read and what is documented cannot drift apart.
#pragma once

#include "seccomp_sim/request.hpp"
#include "sim/scenario/flag_names.hpp"
#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace seccomp_sim::scenario {

class call_reader;

/// How an argument is written.
enum class argument_type : std::uint8_t {
    task,             ///< a task that was born
    task_or_any,      ///< the same, or "any", which is the name that is nothing
    new_task,         ///< the task that the call gives birth to
    fd,               ///< an fd that somebody has or had
    new_fd,           ///< a name for the fd that the call makes
    filter,           ///< one of the scenario's filters
    new_filter,       ///< a name for the filter object that the call installs
    notification,     ///< a notification that was received
    new_notification, ///< a name for the one that the call receives
    integer,
    boolean,
    word,             ///< one name of a set
    words,            ///< an array of names of a set
    words_or_integer, ///< the same, or the bits as a number
    word_or_integer,
    signal,      ///< "SIGKILL", "KILL" or 9
    signals,     ///< an array of them; bit n-1 for signal n
    error,       ///< an error as user space sees it: "ENOMEM", which is -12, or a number
    system_call, ///< its name
    arguments,   ///< up to six integers
    polled,      ///< {fd: [events]}, which poll waits for
    reported,    ///< {fd: [events]}, which the call should report
};

/// The member of a request that an argument goes to; nothing where a row's own function takes it.
using request_field =
    std::variant<std::monostate, name_id request::*, program_id request::*, std::int64_t request::*,
                 std::uint32_t request::*, std::int32_t request::*, fault request::*>;

struct argument {
    std::string_view key;
    argument_type type = argument_type::integer;
    request_field into = {};
    std::string_view meaning; ///< for the schema
    bool required = false;
    const name_set* names = nullptr; ///< of words
    std::int64_t lowest = 0;         ///< of integers
    std::int64_t highest = std::numeric_limits<std::int64_t>::max();
    std::optional<std::int64_t> fallback = std::nullopt; ///< where it is not given
};

struct operation_row {
    std::string_view name; ///< "do"
    std::string_view what; ///< for messages: a "fork" step
    std::string_view meaning;
    operation op = operation::system_call;
    std::int32_t system_call = -1; ///< what filters see it as
    std::span<const argument> arguments = {};
    /// What does not fit into a row: defaults that depend on others, and the arguments that filters see.
    void (*finish)(call_reader&) = nullptr;
    std::uint32_t flags = 0; ///< bits of request::flags that need not be given
    macro special = macro::none;
    bool makes_fd = false; ///< the call's value is an fd's number
};

/// All rows, in the order of the documentation.
std::span<const operation_row* const> all_operations();
/// The row of that name, or nullptr.
const operation_row* find_operation(std::string_view name);

/// The rows by theme.
std::span<const operation_row> task_operations();
std::span<const operation_row> seccomp_operations();
std::span<const operation_row> listener_operations();
std::span<const operation_row> file_operations();
std::span<const operation_row> ptrace_operations();

} // namespace seccomp_sim::scenario

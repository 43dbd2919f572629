// What a filter program's return value means: the action in its upper half and the data in its lower,
// and which of two values wins when filters are stacked. Follows include/uapi/linux/seccomp.h and
// ACTION_ONLY in kernel/seccomp.c.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace seccomp_sim {

/// Actions as a filter returns them. The names differ from the kernel's macros so that both can be
/// seen in one source.
inline constexpr std::uint32_t action_kill_process = 0x80000000;
inline constexpr std::uint32_t action_kill_thread = 0x00000000;
inline constexpr std::uint32_t action_trap = 0x00030000;
inline constexpr std::uint32_t action_errno = 0x00050000;
inline constexpr std::uint32_t action_user_notif = 0x7fc00000;
inline constexpr std::uint32_t action_trace = 0x7ff00000;
inline constexpr std::uint32_t action_log = 0x7ffc0000;
inline constexpr std::uint32_t action_allow = 0x7fff0000;

/// The part of a return value that says what to do.
constexpr std::uint32_t action_of(std::uint32_t returned) {
    return returned & 0xffff0000;
}

/// The part that goes with the action: the errno of ERRNO, the event message of TRACE, si_errno of TRAP.
constexpr std::uint32_t action_data(std::uint32_t returned) {
    return returned & 0x0000ffff;
}

/// The errno that an ERRNO verdict gives to the caller, as a positive number: the kernel clamps it.
constexpr int action_errno_number(std::uint32_t returned) {
    constexpr std::uint32_t max_errno = 4095;
    const std::uint32_t data = action_data(returned);
    return static_cast<int>(data < max_errno ? data : max_errno);
}

/// True if `challenger` replaces `holder` as the verdict: only a strictly lower action does, compared as
/// a signed number and without its data. Filters run newest first, so a tie stays with the newest.
constexpr bool takes_precedence(std::uint32_t challenger, std::uint32_t holder) {
    return static_cast<std::int32_t>(action_of(challenger)) < static_cast<std::int32_t>(action_of(holder));
}

/// True for a value whose action this kernel family knows. The kernel kills on any other.
bool action_known(std::uint32_t returned);

/// The action's name as the kernel has it, without a prefix: "USER_NOTIF", "ALLOW". An unknown action
/// is "unknown".
std::string_view action_name(std::uint32_t returned);

/// Name and data for a reader: "ERRNO(EPERM)", "TRACE(7)", "ALLOW", "unknown action 0x12340000".
std::string describe_action(std::uint32_t returned);

} // namespace seccomp_sim

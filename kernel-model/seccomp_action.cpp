// Names of the actions a filter can return. Follows seccomp_log_names in kernel/seccomp.c, in the
// kernel's own words but in capitals, as its constants have them.
#include "seccomp_sim/seccomp_action.hpp"

#include "seccomp_sim/errno_name.hpp"

#include <array>
#include <cstdio>

namespace seccomp_sim {

std::string_view action_name(std::uint32_t returned) {
    switch (action_of(returned)) {
    case action_kill_process:
        return "KILL_PROCESS";
    case action_kill_thread:
        return "KILL_THREAD";
    case action_trap:
        return "TRAP";
    case action_errno:
        return "ERRNO";
    case action_user_notif:
        return "USER_NOTIF";
    case action_trace:
        return "TRACE";
    case action_log:
        return "LOG";
    case action_allow:
        return "ALLOW";
    default:
        return "unknown";
    }
}

bool action_known(std::uint32_t returned) {
    return action_name(returned) != "unknown";
}

std::string describe_action(std::uint32_t returned) {
    if (!action_known(returned)) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "unknown action 0x%08x", returned);
        return text.data();
    }
    std::string text(action_name(returned));
    if (action_of(returned) == action_errno)
        return text + "(" + errno_text(action_errno_number(returned)) + ")";
    if (action_data(returned) != 0)
        return text + "(" + std::to_string(action_data(returned)) + ")";
    return text;
}

} // namespace seccomp_sim

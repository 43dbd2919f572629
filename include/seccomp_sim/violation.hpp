// The invariants of the model by name, and what a broken one says.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace seccomp_sim {

enum class invariant : std::uint8_t {
    usage_exact,
    live_exact,
    live_within_usage,
    hup_final,
    hup_true,
    hup_prompt,
    no_lost_wakeup,
    no_use_after_free,
    no_leak,
    no_refcount_warning,
    walk_stops,
    notifications_end,
    locks_held,
    no_deadlock,
};

struct invariant_info {
    std::string_view name; ///< part of the interface
    std::string_view holds;
};

/// By the number of the enumerator.
inline constexpr auto invariants = std::to_array<invariant_info>({
    {"usage-exact",
     "usage is the number of tasks, dependent filters, listener files and calls that hold the filter"},
    {"live-exact", "live is the number of tasks that use the filter directly and of live dependent filters"},
    {"live-within-usage", "at rest, live is at most usage"},
    {"hup-final", "live never rises from 0"},
    {"hup-true", "a poll of the listener has HUP exactly when live was 0 at the moment it looked"},
    {"hup-prompt", "at rest, live is 0 exactly when no task that counts as using the filter is left"},
    {"no-lost-wakeup", "at rest, nobody sleeps on a condition that is true"},
    {"no-use-after-free", "no step reads or writes a freed filter, file, task or wait-queue entry"},
    {"no-leak", "at rest, what nothing reaches is freed"},
    {"no-refcount-warning", "no counter saturates, underflows or rises from 0"},
    {"walk-stops", "the exit walk touches only filters whose live reaches 0, and one more"},
    {"notifications-end", "each notified call ends, unless a listener is open and unserved"},
    {"locks-held", "a task's filter pointer changes, and a listener's calls are listed, only under the "
                   "kernel's lock for it"},
    {"no-deadlock", "at rest, nobody waits for a lock"},
});

constexpr std::string_view name_of(invariant i) {
    return invariants[static_cast<std::size_t>(i)].name;
}

/// One broken invariant, in words that name tasks and filters.
struct violation {
    invariant which = invariant::usage_exact;
    std::string message;
};

} // namespace seccomp_sim

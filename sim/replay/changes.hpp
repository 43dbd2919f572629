// What one atomic step changed, in words: counters, pointers, locks, states, wakeups, values.
#pragma once

#include "sim/replay/run.hpp"

#include <string>
#include <vector>

namespace seccomp_sim::replay {

/// A moment of a run to compare a later one with.
struct moment {
    world w;
    std::size_t events = 0; ///< heard so far in the present step; to be set to 0 when the next one begins
    std::size_t violations = 0;

    explicit moment(const run& r);
};

/// What changed since, in a fixed order; broken invariants are not among it. `taken` is the step, if it was a
/// single atomic one.
std::vector<std::string> changes_since(const moment& before, const run& now, const pass* taken = nullptr);

/// Where a task is: "in user mode", "seccomp_sync_threads/put", "sleeps in wait4", "is a zombie".
std::string place_of_task(const run& r, task_id t);

} // namespace seccomp_sim::replay

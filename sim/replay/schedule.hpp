// Atomic steps as the schedule that repeats them.
#pragma once

#include "sim/replay/run.hpp"

#include <span>
#include <vector>

namespace seccomp_sim::replay {

/// The shortest schedule by which a block takes these steps again. An entry lets its task run until it has
/// passed the label, so of each stretch of steps of one task only the last label is needed, and those before
/// it that are the same.
std::vector<scenario::schedule_entry> schedule_of(std::span<const pass> steps);

} // namespace seccomp_sim::replay

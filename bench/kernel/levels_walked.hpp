// How many levels a walk goes up: as the model has it, and as the running kernel's own counters show it.
#pragma once

#include <nlohmann/json.hpp>

#include <vector>

namespace seccomp_sim::bench {

/// For each length: a task with so many filters of its own on a trunk that another task uses exits. One
/// record each: {"filters", "model", "kernel"}, the levels whose `live` the exit changed; "kernel" is
/// missing, and "reason" says why, where this kernel does not let us look.
nlohmann::json compare_levels_walked(const std::vector<int>& lengths);

} // namespace seccomp_sim::bench

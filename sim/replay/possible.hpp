// Whether a step can be asked for at all at this point of a run. What the kernel would refuse is no
// impossible step.
#pragma once

#include "sim/replay/run.hpp"

#include <string>

namespace seccomp_sim::replay {

/// Why the call cannot be made (its task is dead, its fd is closed), or an empty string.
std::string why_impossible(const run& r, const kernel& k, const scenario::call_step& call);

} // namespace seccomp_sim::replay

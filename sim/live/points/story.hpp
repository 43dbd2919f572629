// A confirmation for people: both stories side by side, and the verdict.
#pragma once

#include "sim/live/points/confirmation.hpp"

#include <string>

namespace seccomp_sim::live {

/// A line for each step, the model's side left and the kernel's right, then what the kernel breaks, then the
/// verdict. Without `whole`, the verdict alone.
std::string story_text(const std::string& name, const std::string& kernel, const confirmation& c, bool whole);

} // namespace seccomp_sim::live

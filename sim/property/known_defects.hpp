// What old kernels are known to get wrong, so that a fuzzer can tell it from what is new.
#pragma once

#include "seccomp_sim/revision.hpp"
#include "seccomp_sim/violation.hpp"

#include <string_view>

namespace seccomp_sim::property {

/// Why a kernel with these choices is known to break this invariant; empty if it should hold there.
std::string_view known_defect(const revision& on, invariant which);

} // namespace seccomp_sim::property

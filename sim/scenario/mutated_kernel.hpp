// A kernel with a mistake made on purpose.
#pragma once

#include "seccomp_sim/mutant.hpp"
#include "sim/scenario/constraint.hpp"

namespace seccomp_sim::scenario {

/// The newest preset on which the mutant makes a difference, with it.
chosen_kernel with_mutant(const mutant_info& m);

} // namespace seccomp_sim::scenario

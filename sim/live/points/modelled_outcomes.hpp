// How a scenario's first concurrently block can end in the model, in the words that a kernel's runs are told
// in.
#pragma once

#include "sim/scenario/scenario.hpp"

#include <set>
#include <string>

namespace seccomp_sim::live {

struct modelled_outcomes {
    std::set<std::string> all;
    std::string missing; ///< why there may be more; empty: these are all
};

/// Explores every interleaving of the steps up to the end of the first block. Throws scenario::input_error
/// where there is none.
modelled_outcomes outcomes_of_model(const scenario::scenario& s, const scenario::chosen_kernel& on);

} // namespace seccomp_sim::live

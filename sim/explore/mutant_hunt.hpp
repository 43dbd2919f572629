// Which invariant kills each mutant of the modelled kernel: the small scenarios made for them, explored.
#pragma once

#include "seccomp_sim/mutant.hpp"
#include "sim/explore/search.hpp"

#include <string>
#include <vector>

namespace seccomp_sim::explore {

struct mutant_verdict {
    const mutant_info* mutant = nullptr;
    std::string preset;       ///< the kernel it was made of
    std::string killer;       ///< the invariant, or "expectation"; empty: it lived
    std::string scenario;     ///< in which it died
    std::uint64_t states = 0; ///< that were explored until then
};

/// Tries each mutant that is not known to be equivalent on the newest preset that it applies to.
std::vector<mutant_verdict> hunt_mutants(const std::vector<scenario::scenario>& arena,
                                         std::uint64_t max_states);

} // namespace seccomp_sim::explore

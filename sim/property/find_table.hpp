// How quickly random histories find what is known to be wrong: the defects of old kernels, and mutants.
#pragma once

#include "sim/property/fuzz.hpp"

#include <functional>
#include <string>
#include <vector>

namespace seccomp_sim::property {

/// Something that should be found.
struct target {
    std::string name; ///< "v5.9 usage-exact", or "v6.15 mutant=skip-orphan"
    /// Runs until it is found, at most so many; 0: it was not.
    std::function<std::uint64_t(const fuzz_options&, std::uint64_t most)> look_for;
};

/// The defects that exploration found, and the mutants: those that an invariant kills by it, the others by
/// what can be seen beside the kernel without it. One of those takes a race, and there the two have no
/// schedule in common: it is left to the scenario that expects otherwise (mutants/clone-tsync).
std::vector<target> all_targets();

struct find_result {
    std::uint64_t median = 0; ///< runs until it was found
    std::uint64_t least = 0, most = 0;
    std::uint32_t found = 0; ///< by how many of the seeds
    std::uint32_t seeds = 0; ///< that were tried; fewer than asked for if the first few found nothing
};

struct find_options {
    fuzz_options runs;        ///< of one run
    std::uint32_t seeds = 20; ///< 1, 2, 3, ...
    std::uint64_t most_runs = 60000;
};

/// Runs of 2000 steps.
find_options default_find_options();

find_result find(const target& wanted, const find_options& options);

} // namespace seccomp_sim::property

// Long random histories under random schedules, and what they break, made small.
#pragma once

#include "sim/property/coverage.hpp"
#include "sim/property/generator.hpp"
#include "sim/scenario/constraint.hpp"
#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::property {

enum class schedule_kind : std::uint8_t { random, pct };

struct fuzz_options {
    generator_options calls;
    std::uint64_t steps = 1'000'000; ///< atomic steps of a run
    std::uint64_t seed = 1;
    schedule_kind schedules = schedule_kind::random;
    std::uint32_t depth = 3; ///< bug depth of pct
    bool invariants = true;
};

/// The options that a fuzzer begins with: names that are used again, and most calls made at the same time.
fuzz_options default_fuzz_options();

/// A broken invariant and where: two of one kind are counted as the same defect.
struct defect {
    invariant which = invariant::usage_exact;
    label_id at = 0; ///< 0: seen at rest

    friend auto operator<=>(const defect&, const defect&) = default;
};
/// "usage-exact at copy_process/free-task", or "no-leak at rest".
std::string to_text(const defect& d);

struct finding {
    defect what;
    std::string message;
    std::uint64_t run = 0;  ///< from 1
    std::uint64_t step = 0; ///< of the run, in atomic steps
    std::uint64_t times = 1;
    std::string scenario;  ///< the shrunk one, which `run` replays; empty if it was not asked for
    std::size_t calls = 0; ///< in it
};

struct run_result {
    coverage reached;
    std::vector<finding> findings; ///< one for each defect, in the order they were found
};

/// One run: histories on fresh kernels, one after the other, each as long as nothing breaks, until they have
/// made so many steps. `number` is from 1. A defect is made small when it is seen for the first time.
run_result fuzz_run(const scenario::chosen_kernel& on, const std::string& kernel_name, std::uint64_t number,
                    const fuzz_options& options, bool shrinks);

/// How many runs it takes, at most `most`, until `is_wanted` holds for a defect; 0 if it never does.
std::uint64_t runs_until(const scenario::chosen_kernel& on, const fuzz_options& options, std::uint64_t most,
                         const std::function<bool(const defect&)>& is_wanted);

} // namespace seccomp_sim::property

// Runs a scenario in the model and on the kernel at hand, step by step, and stops at the first step after
// which they do not show the same.
#pragma once

#include "sim/live/view.hpp"
#include "sim/scenario/scenario.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace seccomp_sim::live {

enum class verdict : std::uint8_t { agrees, differs, cannot_run };

/// How one scenario came out.
struct outcome {
    verdict how = verdict::agrees;
    std::size_t steps = 0;        ///< that were compared
    std::size_t failing_step = 0; ///< from 1; the step after which they differ
    std::vector<difference> differences;
    std::string why; ///< it cannot be run
    view kernel;     ///< what the kernel showed after the last step
};

struct comparison_options {
    /// How long a difference may last before it counts; the kernel does some things a little later.
    std::chrono::milliseconds patience{250};
    std::chrono::milliseconds timeout{10'000}; ///< of one step, until all tasks are at rest
};

/// Compares. What stops it on the way (privileges, filters that deny what a puppet needs) is `cannot_run`.
outcome compare(const scenario::scenario& s, const scenario::chosen_kernel& on,
                const comparison_options& options = {});

/// Why the scenario is not for real kernels at all, or an empty string.
std::string why_never_live(const scenario::scenario& s);

} // namespace seccomp_sim::live

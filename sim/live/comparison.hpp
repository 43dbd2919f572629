// Runs a scenario in the model and on the kernel at hand, step by step, and stops at the first step after
// which they do not show the same.
#pragma once

#include "sim/live/view.hpp"
#include "sim/live/white_box/white_box.hpp"
#include "sim/scenario/scenario.hpp"

#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace seccomp_sim::live {

enum class verdict : std::uint8_t { agrees, differs, cannot_run };

/// What the kernel showed after one step.
struct seen_step {
    std::size_t number = 0; ///< from 1
    view kernel;
    std::set<std::string> unseen;
    bool counted = false; ///< the counters are part of it
};

/// How one scenario came out.
struct outcome {
    verdict how = verdict::agrees;
    std::size_t steps = 0;        ///< that were compared
    std::size_t failing_step = 0; ///< from 1; the step after which they differ, or which cannot be taken
    std::vector<difference> differences;
    std::string why;             ///< it cannot be run
    std::vector<seen_step> seen; ///< all steps that were compared, the failing one included
};

struct comparison_options {
    /// How long a difference may last before it counts; the kernel does some things a little later.
    std::chrono::milliseconds patience{250};
    std::chrono::milliseconds timeout{10'000}; ///< of one step, until all tasks are at rest
    white_box* box = nullptr;                  ///< reads the counters; not owned; none: they are not compared
};

/// Compares. What stops it on the way (privileges, filters that deny what a puppet needs) is `cannot_run`.
outcome compare(const scenario::scenario& s, const scenario::chosen_kernel& on,
                const comparison_options& options = {});

/// Why the scenario is not for real kernels at all, or not for `on`; empty: it is.
std::string why_never_live(const scenario::scenario& s, const scenario::chosen_kernel& on);

/// Whether the model, with other choices, shows what a kernel showed in an earlier comparison.
bool model_shows(const scenario::scenario& s, const scenario::chosen_kernel& on,
                 const std::vector<seen_step>& seen);

/// The smallest sets of choices (one or two) by which `on` would have to be changed for the model to agree.
std::vector<std::vector<scenario::choice_setting>>
choices_that_agree(const scenario::scenario& s, const scenario::chosen_kernel& on, const outcome& o);

} // namespace seccomp_sim::live

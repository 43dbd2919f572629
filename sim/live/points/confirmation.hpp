// Runs a scenario with its schedule on a real kernel that has points, beside the model, and says whether the
// kernel does the same.
#pragma once

#include "sim/live/lab/kernel_store.hpp"
#include "sim/live/points/kernel_invariants.hpp"
#include "sim/live/points/points_device.hpp"
#include "sim/live/white_box/white_box.hpp"
#include "sim/scenario/scenario.hpp"

#include <set>
#include <string>
#include <vector>

namespace seccomp_sim::live {

/// One step, in both stories.
struct story_row {
    std::string task;
    std::string label;  ///< of the model: what it passed; or the call
    std::string model;  ///< what changed there
    std::string kernel; ///< the points that the kernel's task passed, and what changed
    bool differs = false;
};

struct confirmation {
    enum class verdict : std::uint8_t { reproduced, held, not_reproduced, cannot_be_scheduled };
    verdict how = verdict::held;
    std::string why;
    std::vector<story_row> rows;
    std::vector<kernel_violation> broken; ///< on the kernel, by its own memory
};

/// The word for a verdict.
std::string_view verdict_text(confirmation::verdict v);

/// Runs it under the kernel that we run under. `labels` are the points that this kernel has.
confirmation confirm_here(const scenario::scenario& s, const scenario::chosen_kernel& on,
                          points_device& points, white_box& memory, const std::set<std::string>& labels);

} // namespace seccomp_sim::live

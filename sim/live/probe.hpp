// Finds out which choices a kernel has made, by what it does; never by its version.
#pragma once

#include "sim/live/comparison.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace seccomp_sim::live {

/// One choice of the kernel.
struct probed_choice {
    std::uint8_t choice = 0; ///< index in all_choices()
    std::uint8_t value = 0;
    /// Seen: other values would have shown something else. Else the value is the nearest preset's, and
    /// `why_not` says what user space lacks.
    bool seen = false;
    std::vector<std::uint8_t> possible; ///< values that fit what was seen; empty where nothing could be
    std::string why_not;
};

struct probed_kernel {
    scenario::chosen_kernel nearest; ///< the preset with most choices in common, with the probed choices
    std::size_t different = 0;       ///< choices that were seen to differ from that preset
    std::vector<probed_choice> choices;
};

/// Runs small scenarios on the kernel at hand. Throws cannot_run when no scenario can be run at all.
probed_kernel probe(const comparison_options& options);

} // namespace seccomp_sim::live

// Looking at a file from outside, with the modelled poll: there is no second implementation of what poll
// reports.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// Polls a file and leaves what it saw in kernel::observed_events.
struct observe_poll : frame {
    file_id f;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

} // namespace seccomp_sim

// The check that a system call passes before it runs: __secure_computing and __seccomp_filter of
// kernel/seccomp.c.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// Returns 0 to let the call run; otherwise it is skipped and call_stack::skip_value is its value.
struct secure_computing : frame {
    std::uint32_t action = 0; ///< what the filters returned, with its data
    std::uint32_t after_trace = 0;
    filter_id match;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

} // namespace seccomp_sim

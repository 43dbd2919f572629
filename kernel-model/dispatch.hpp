// From a request to the function that serves it: the system call table.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// Begins the running task's request. Either its frame is pushed and true returned, or it was done at once
/// and `value` is its result.
bool begin_operation(kernel& k, std::int64_t& value);

} // namespace seccomp_sim

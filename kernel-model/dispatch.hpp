// From a request to the function that serves it: the system call table.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// Serves the running task's request: calls its function from the label `where`, or does it at once. Its
/// value is k.result() once this has returned.
step begin_operation(kernel& k, label_id where);

} // namespace seccomp_sim

// How a scenario can end, as user space sees it, in one line.
#pragma once

#include "sim/explore/position.hpp"

#include <string>

namespace seccomp_sim::explore {

/// What each task saw, in its order, tasks by name; then what each listener would report.
std::string describe_ending(position& p);

} // namespace seccomp_sim::explore

// Who keeps a listener from reporting HUP at one point of a run, and which event would end it; or who keeps
// it open.
#pragma once

#include "sim/replay/run.hpp"

#include <string>

namespace seccomp_sim::report {

/// `listener`: an open listener file.
std::string explain_text(const replay::run& r, file_id listener);

} // namespace seccomp_sim::report

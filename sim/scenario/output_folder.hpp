// The folder that a command writes several files into.
#pragma once

#include "seccomp_sim/result.hpp"

#include <string>

namespace seccomp_sim::scenario {

/// Makes the folder, and those that it lies in, where they are missing. To be called before the work that the
/// files come from, which may take long. Fails if it cannot be made or written into.
result<void> make_folder(const std::string& path);

} // namespace seccomp_sim::scenario

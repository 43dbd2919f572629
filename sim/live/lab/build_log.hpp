// What a person needs to see of a build that failed.
#pragma once

#include <string>
#include <vector>

namespace seccomp_sim::live {

/// The lines of a compile's log that say what went wrong: each error with the function it is in and the
/// source lines the compiler shows, else what make gave up on, else the end. At most `limit` lines.
std::vector<std::string> compile_errors(const std::string& log, std::size_t limit = 40);

/// The lines of patch's output that say which hunks do not fit, and where.
std::vector<std::string> patch_errors(const std::string& log, std::size_t limit = 40);

} // namespace seccomp_sim::live

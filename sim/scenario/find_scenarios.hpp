// From what a user names (files, folders, -) to the scenario files meant.
#pragma once

#include "seccomp_sim/result.hpp"

#include <span>
#include <string>
#include <vector>

namespace seccomp_sim::scenario {

/// The scenario files that the paths mean, in the order given, and within a folder sorted by path. A folder is searched
/// whole, without following links to folders; JSON files in it without a "schema" key (filter profiles, say) are passed
/// over. A folder without any scenario is an error, as is a path that is not there.
result<std::vector<std::string>> find_scenarios(std::span<const std::string> paths);

} // namespace seccomp_sim::scenario

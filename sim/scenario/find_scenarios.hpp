// Turns what a command line names, files and folders and "-", into scenario files.
#pragma once

#include "seccomp_sim/result.hpp"

#include <span>
#include <string>
#include <vector>

namespace seccomp_sim::scenario {

/// The files to read, in the order of the arguments, each once. A folder stands for the *.json files below it
/// that have a "schema", sorted by their names; hidden ones and other JSON, such as profiles, are left out.
/// Links are followed, each folder once. Fails on an argument that does not exist, and on a folder without
/// scenarios.
result<std::vector<std::string>> find_scenarios(std::span<const std::string> arguments);

} // namespace seccomp_sim::scenario

// Turns what a command line names, files and folders and "-", into scenarios.
#pragma once

#include "sim/scenario/scenario.hpp"

#include <span>
#include <string>
#include <vector>

namespace seccomp_sim::scenario {

struct found_scenario {
    std::string path;
    scenario script;
};

/// Reads the scenarios that the arguments name, in their order, each file once. A folder stands for the
/// *.json files below it that have a "schema" or "steps", sorted by their names; hidden ones and other JSON,
/// such as profiles, are left out. Links are followed, each folder once. Fails on an argument that does not
/// exist, on a folder without scenarios, and on the first scenario that cannot be read.
result<std::vector<found_scenario>> read_scenarios(std::span<const std::string> arguments);

/// The paths alone, of scenarios that can all be read.
result<std::vector<std::string>> find_scenarios(std::span<const std::string> arguments);

} // namespace seccomp_sim::scenario

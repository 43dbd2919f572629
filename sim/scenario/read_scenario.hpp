// Reads a scenario file, format version 1, whole: what cannot be run is refused here, with a place and a
// hint.
#pragma once

#include "sim/scenario/scenario.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace seccomp_sim::scenario {

struct read_options {
    /// What {"file": ...} is relative to; without one, the folder of the scenario's own file.
    std::string folder = {};
    std::size_t most_steps = 1'000'000; ///< with repeats written out and the calls of each block counted
    std::size_t most_names = 1'000'000;
};

/// Reads the scenario that `text` is. `file_name` is what messages call it.
result<scenario> read_scenario(std::string_view text, std::string file_name,
                               const read_options& options = {});

/// Reads the scenario that a document is.
result<scenario> read_scenario(document doc, const read_options& options = {});

/// Reads a file, or standard input for "-".
result<scenario> read_scenario_file(const std::string& path, const read_options& options = {});

} // namespace seccomp_sim::scenario

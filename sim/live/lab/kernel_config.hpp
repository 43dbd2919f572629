// The configuration of a user-mode kernel that can run scenarios and be looked into.
#pragma once

#include "seccomp_sim/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace seccomp_sim::live {

/// The lines that are laid over a tiny configuration: what scenarios use, the console and the channel to
/// us, and debug information. `extra` are further lines ("CONFIG_KASAN=y"), which win.
std::string config_fragment(unsigned cpus, const std::vector<std::string>& extra);

/// Checks that a line can stand in a configuration: CONFIG_NAME=value or "# CONFIG_NAME is not set".
result<void> check_config_line(const std::string& line);

/// Compares what a kernel's own tools made of the fragment with what was asked for. Fails with the first line
/// that matters and did not come true; several CPUs on a kernel whose user-mode port has one are told as
/// such.
result<void> check_config(const std::filesystem::path& config, unsigned cpus,
                          const std::vector<std::string>& extra);

} // namespace seccomp_sim::live

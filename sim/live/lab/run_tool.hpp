// Runs the programs that a build is made of (make, tar, patch, pahole), within a time limit for all of them.
#pragma once

#include "seccomp_sim/result.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::live {

/// What the tools of one build share.
struct tool_settings {
    std::chrono::steady_clock::time_point end; ///< whatever runs then is ended
    std::vector<int> held;                     ///< see command::held
    std::string scratch;                       ///< removed when we are ended before the tool; may be empty
};

/// Runs a tool to its end, its two outputs going to the end of a file. Gives whether it succeeded; fails when
/// it cannot be started or the time is over.
result<bool> run_tool(const tool_settings& settings, const std::vector<std::string>& argv,
                      const std::filesystem::path& folder, const std::filesystem::path& log);
/// Runs a tool and hands its standard output on piece by piece, standard error going to the end of a file.
result<bool> read_tool(const tool_settings& settings, const std::vector<std::string>& argv,
                       const std::filesystem::path& log, const std::function<void(std::string_view)>& take);
/// Whether a program of this name is in PATH.
bool has_program(std::string_view name);

} // namespace seccomp_sim::live

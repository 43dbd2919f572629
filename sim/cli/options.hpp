// What several subcommands take: which kernel, and how its choices were changed.
#pragma once

#include "sim/scenario/constraint.hpp"
#include "sim/scenario/scenario.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace seccomp_sim::cli {

/// Exit codes; part of the interface.
inline constexpr int all_held = 0;
inline constexpr int something_failed = 1;
inline constexpr int bad_input = 2;
inline constexpr int cannot_be_done = 4; ///< what was asked needs something that is not there

/// A kernel as the user named it.
struct named_kernel {
    std::string name; ///< "v6.11", or "v6.11 release=reap"
    scenario::chosen_kernel kernel;
};

/// Adds --revision and --set.
void add_revision_options(CLI::App& app, std::vector<std::string>& revisions,
                          std::vector<std::string>& settings, const std::string& help);
/// The kernels that these options and the scenario's own "set" ask for. Throws scenario::input_error.
std::vector<named_kernel> kernels_for(const scenario::scenario& s, const std::vector<std::string>& revisions,
                                      const std::vector<std::string>& settings);
/// Checks the options alone, before any file is read. Throws scenario::input_error.
void check_revision_options(const std::vector<std::string>& revisions,
                            const std::vector<std::string>& settings);
/// For CLI11's check(): why a text is no seed, or nothing.
std::string no_seed(const std::string& text);
/// Reads a scenario for a subcommand that takes one. Throws scenario::input_error.
scenario::scenario read_one(const std::string& path);

} // namespace seccomp_sim::cli

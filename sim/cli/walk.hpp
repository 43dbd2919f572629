// Runs a scenario up to a step that the user named.
#pragma once

#include "sim/replay/run.hpp"

#include <memory>
#include <string>

namespace seccomp_sim::cli {

/// The run after step `at` (a name, or a number from 1; empty: the last). Throws scenario::input_error.
std::unique_ptr<replay::run> run_until(const scenario::scenario& s, const scenario::chosen_kernel& kernel,
                                       const std::string& at);

} // namespace seccomp_sim::cli

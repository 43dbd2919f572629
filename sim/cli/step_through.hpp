// `run --step`: shows one run move by move.
#pragma once

#include "sim/replay/stepper.hpp"

#include <string>

namespace seccomp_sim::cli {

/// Reads keys at a terminal, otherwise commands from standard input, one a word, until `q` or the end:
/// n(ext), p(revious), home, end, q(uit), or the number of a move to go to. Returns an exit code.
int step_through(const scenario::scenario& s, const scenario::chosen_kernel& on,
                 const std::string& kernel_name, std::optional<std::uint64_t> seed);

} // namespace seccomp_sim::cli

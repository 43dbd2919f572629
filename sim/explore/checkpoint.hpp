// A search that was stopped, as a file: one line of JSON that says of what it is and how far it came, with
// each piece of work that is left as the choices that lead there; then the fingerprints of the states seen,
// eight bytes each, lowest byte first. States themselves are not in it: whoever goes on makes them anew, step
// by step, so that a file from elsewhere cannot put the model into a state that it does not have.
#pragma once

#include "sim/explore/report.hpp"

#include <string>
#include <string_view>

namespace seccomp_sim::explore {

std::string write_checkpoint(const explored_subject& of, const unfinished_search& rest);

/// Reads a checkpoint of the same scenario, kernel and reductions. A diagnostic if it is none, or of another.
result<unfinished_search> read_checkpoint(std::string_view bytes, const std::string& file_name,
                                          const explored_subject& of);

} // namespace seccomp_sim::explore

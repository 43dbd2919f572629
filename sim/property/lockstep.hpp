// Two kernels that are asked the same, one call after the other, until what can be seen of them differs.
#pragma once

#include "sim/property/fuzz.hpp"

#include <cstdint>

namespace seccomp_sim::property {

/// How many runs it takes, at most `most`, until a call's value, or what /proc/PID/status shows of a thread's
/// filters, is another on `a` than on `b`; 0 if it never is. A run is as long as one of fuzz; no two calls
/// overlap in it, because the same schedule means nothing to kernels with different steps.
std::uint64_t runs_until_different(const revision& a, const revision& b, const fuzz_options& options,
                                   std::uint64_t most);

} // namespace seccomp_sim::property

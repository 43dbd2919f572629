// Reads a whole input, which may be a file, a pipe, a device or standard input, without trusting its size.
#pragma once

#include "seccomp_sim/result.hpp"

#include <cstddef>
#include <string>

namespace seccomp_sim::scenario {

/// The most that is read of one input.
inline constexpr std::size_t input_limit = std::size_t{64} << 20;

/// The bytes of the file named `path`, or of standard input for "-". A file that is too large is refused by
/// its size before anything is read; a stream is refused once it has given more than `limit`. A named pipe
/// that nobody opens for writing is refused after a second.
result<std::string> read_input(const std::string& path, std::size_t limit = input_limit);

} // namespace seccomp_sim::scenario

// The puppet's program as bytes: it is part of seccomp-sim, so that there is one file to copy to a kernel.
#pragma once

#include <cstddef>
#include <span>

namespace seccomp_sim::live {

/// A statically linked ELF program (see puppet.cpp).
std::span<const std::byte> puppet_image();

} // namespace seccomp_sim::live

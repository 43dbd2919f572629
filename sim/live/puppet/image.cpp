// The puppet's program as bytes, taken from the file that the build has just linked.
#include "sim/live/puppet/image.hpp"

extern "C" {
extern const std::byte seccomp_sim_puppet_begin[]; // NOLINT(readability-identifier-naming)
extern const std::byte seccomp_sim_puppet_end[];
}

asm(".section .rodata\n"
    ".balign 16\n"
    "seccomp_sim_puppet_begin:\n"
    ".incbin \"" SECCOMP_SIM_PUPPET "\"\n"
    "seccomp_sim_puppet_end:\n"
    ".previous\n");

namespace seccomp_sim::live {

std::span<const std::byte> puppet_image() {
    return {seccomp_sim_puppet_begin, seccomp_sim_puppet_end};
}

} // namespace seccomp_sim::live

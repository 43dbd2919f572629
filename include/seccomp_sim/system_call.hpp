// What a filter sees of a system call, and the architecture that modelled tasks make their calls on.
// Follows struct seccomp_data of include/uapi/linux/seccomp.h.
#pragma once

#include <array>
#include <cstdint>

namespace seccomp_sim {

/// The audit number of x86-64, the one architecture whose system calls are modelled. x32 calls share it
/// and differ in bit 30 of the number.
inline constexpr std::uint32_t audit_arch_x86_64 = 0xc000003e;
inline constexpr std::uint32_t x32_system_call_bit = 0x40000000;

/// The record that filter programs read, with the kernel's layout: a program addresses it by offset.
struct seccomp_data {
    std::int32_t nr = -1;
    std::uint32_t arch = audit_arch_x86_64;
    std::uint64_t instruction_pointer = 0;
    std::array<std::uint64_t, 6> args{};

    friend bool operator==(const seccomp_data&, const seccomp_data&) = default;
};
static_assert(sizeof(seccomp_data) == 64);

} // namespace seccomp_sim

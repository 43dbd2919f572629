// A filter's program: classic BPF in the dialect that seccomp allows, checked by the kernel's rules, run
// on a system call, and measured as the kernel measures it for the path limit.
// Follows bpf_check_classic and bpf_convert_filter (net/core/filter.c) and seccomp_check_filter
// (kernel/seccomp.c).
#pragma once

#include "seccomp_sim/seccomp_action.hpp"
#include "seccomp_sim/system_call.hpp"

#include <bitset>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace seccomp_sim {

/// One instruction of classic BPF, with the kernel's layout.
struct sock_filter {
    std::uint16_t code = 0;
    std::uint8_t jt = 0;
    std::uint8_t jf = 0;
    std::uint32_t k = 0;

    friend bool operator==(const sock_filter&, const sock_filter&) = default;
};
static_assert(sizeof(sock_filter) == 8);

/// The most instructions one program may have (BPF_MAXINSNS).
inline constexpr std::size_t max_program_instructions = 4096;
/// The most converted instructions on a path of filters, and what each older filter on it adds to its
/// own length (MAX_INSNS_PER_PATH and the penalty in seccomp_attach_filter).
inline constexpr std::uint32_t max_instructions_per_path = 32768;
inline constexpr std::uint32_t path_penalty_per_filter = 4;

/// 0 if the kernel accepts `program` as a seccomp filter, else -EINVAL.
int check_program(std::span<const sock_filter> program);

/// The number of eBPF instructions that the kernel converts `program` to, which is what counts against
/// max_instructions_per_path. 0 for a program that check_program refuses. (Where
/// net.core.bpf_jit_harden is set, a kernel counts more; it is off by default and not modelled.)
std::uint32_t converted_length(std::span<const sock_filter> program);

/// Runs a program that check_program accepts and gives its return value.
std::uint32_t run_program(std::span<const sock_filter> program, const seccomp_data& data);

/// The return value of a checked program for system call `nr` on `arch`, if that follows from these two
/// alone; nullopt if the program comes to read an argument or the instruction pointer. Never wrong, and
/// wider than the kernel's seccomp_is_const_allow, which knows fewer instructions and only ALLOW.
std::optional<std::uint32_t> constant_action(std::span<const sock_filter> program, std::int32_t nr,
                                             std::uint32_t arch = audit_arch_x86_64);

/// A program as the model keeps it: checked, measured, and with its verdicts by system call number
/// worked out ahead. Immutable; filters share one by reference, and any thread may use it.
struct bpf_program {
    /// An empty program, which no kernel accepts.
    bpf_program() = default;
    explicit bpf_program(std::vector<sock_filter> classic);

    /// 0, or -EINVAL if the kernel refuses the program. Only an accepted program may be run.
    int error() const { return error_; }
    /// The program as it was given, which is what PTRACE_SECCOMP_GET_FILTER returns.
    std::span<const sock_filter> classic() const { return classic_; }
    /// Its length after conversion to eBPF; 0 if refused.
    std::uint32_t length() const { return length_; }

    /// What the program returns for this call.
    std::uint32_t run(const seccomp_data& data) const {
        const auto number = static_cast<std::uint32_t>(data.nr);
        if (number < table_size && data.arch == audit_arch_x86_64 && known_[number])
            return verdicts_[number];
        return run_program(classic_, data);
    }

  private:
    // Wide enough for every x86-64 system call that exists (the last is 471).
    static constexpr std::size_t table_size = 512;

    std::vector<sock_filter> classic_;
    std::uint32_t length_ = 0;
    int error_ = -EINVAL;
    std::bitset<table_size> known_;
    std::vector<std::uint32_t> verdicts_;
};

/// Operation codes, for programs written by hand: `bpf_stmt(bpf::ld | bpf::w | bpf::abs_, 0)`.
namespace bpf {
inline constexpr std::uint16_t ld = 0x00, ldx = 0x01, st = 0x02, stx = 0x03, alu = 0x04, jmp = 0x05,
                               ret = 0x06, misc = 0x07;
inline constexpr std::uint16_t w = 0x00, h = 0x08, b = 0x10;
inline constexpr std::uint16_t imm = 0x00, abs_ = 0x20, ind = 0x40, mem = 0x60, len = 0x80, msh = 0xa0;
inline constexpr std::uint16_t add = 0x00, sub = 0x10, mul = 0x20, div_ = 0x30, or_ = 0x40, and_ = 0x50,
                               lsh = 0x60, rsh = 0x70, neg = 0x80, mod = 0x90, xor_ = 0xa0;
inline constexpr std::uint16_t ja = 0x00, jeq = 0x10, jgt = 0x20, jge = 0x30, jset = 0x40;
inline constexpr std::uint16_t k = 0x00, x = 0x08, a = 0x10;
inline constexpr std::uint16_t tax = 0x00, txa = 0x80;
inline constexpr std::uint32_t memory_words = 16;
} // namespace bpf

constexpr sock_filter bpf_stmt(unsigned code, std::uint32_t k) {
    return {static_cast<std::uint16_t>(code), 0, 0, k};
}
constexpr sock_filter bpf_jump(unsigned code, std::uint32_t k, std::uint8_t jt, std::uint8_t jf) {
    return {static_cast<std::uint16_t>(code), jt, jf, k};
}

} // namespace seccomp_sim

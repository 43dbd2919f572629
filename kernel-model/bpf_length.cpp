// How long a classic program is once a kernel has converted it to eBPF, which is the length that
// counts on a path of filters. Follows the first pass of bpf_convert_filter (net/core/filter.c).
#include "seccomp_sim/bpf.hpp"

namespace seccomp_sim {

namespace {

using namespace bpf;

std::uint32_t converted_jump(const sock_filter& insn) {
    if (insn.code == (jmp | ja))
        return 1;
    // eBPF sign-extends immediates, so a large one is first put in a register.
    const bool large_constant = (insn.code & x) == 0 && (insn.k & 0x80000000) != 0;
    // An eBPF jump falls through when it is not taken. These operations have an inverse.
    const std::uint32_t operation = insn.code & 0xf0U;
    const bool invertible = operation == jeq || operation == jgt || operation == jge;
    const bool one_way = insn.jf == 0 || (insn.jt == 0 && invertible);
    return (one_way ? 1U : 2U) + (large_constant ? 1U : 0U);
}

std::uint32_t converted_instruction(const sock_filter& insn) {
    switch (insn.code & 7) {
    case jmp:
        return converted_jump(insn);
    case ret:
        return insn.code == (ret | k) ? 2 : 1;
    default:
        // A division by X is preceded by a test for zero that returns.
        return insn.code == (alu | div_ | x) ? 5 : 1;
    }
}

} // namespace

std::uint32_t converted_length(std::span<const sock_filter> program) {
    if (check_program(program) != 0)
        return 0;
    // A and X are cleared and the context is moved where converted code expects it.
    std::uint32_t length = 3;
    for (const sock_filter& insn : program)
        length += converted_instruction(insn);
    return length;
}

} // namespace seccomp_sim

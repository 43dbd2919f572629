// What a program returns for a system call whatever its arguments, where that can be said.
// Follows the idea of seccomp_is_const_allow (kernel/seccomp.c), for all actions and instructions.
#include "seccomp_sim/bpf.hpp"

#include <array>
#include <cstddef>

namespace seccomp_sim {

namespace {

using namespace bpf;

// A word of the machine that may depend on something other than number and architecture.
using word = std::optional<std::uint32_t>;

struct machine {
    word acc = 0;
    word index = 0;
    std::array<word, memory_words> memory{};
};

word loaded(std::uint32_t offset, std::int32_t nr, std::uint32_t arch) {
    if (offset == offsetof(seccomp_data, nr))
        return static_cast<std::uint32_t>(nr);
    if (offset == offsetof(seccomp_data, arch))
        return arch;
    return std::nullopt;
}

word computed(const sock_filter& insn, std::uint32_t left, std::uint32_t right) {
    // Run by the interpreter, so that there is one meaning of each operation: A and X are set up,
    // the operation done, A returned. A division by zero is the caller's to see.
    const std::array<sock_filter, 4> single = {bpf_stmt(ld | imm, left), bpf_stmt(ldx | imm, right), insn,
                                               bpf_stmt(ret | a, 0)};
    return run_program(single, {});
}

std::optional<bool> taken(const sock_filter& insn, const machine& m) {
    const word right = (insn.code & x) != 0 ? m.index : word(insn.k);
    if (!m.acc || !right)
        return std::nullopt;
    switch (insn.code & 0xf0) {
    case jeq:
        return *m.acc == *right;
    case jgt:
        return *m.acc > *right;
    case jge:
        return *m.acc >= *right;
    default:
        return (*m.acc & *right) != 0;
    }
}

} // namespace

std::optional<std::uint32_t> constant_action(std::span<const sock_filter> program, std::int32_t nr,
                                             std::uint32_t arch) {
    machine m;
    for (std::size_t pc = 0; pc < program.size(); pc++) {
        const sock_filter& insn = program[pc];
        switch (insn.code & 7) {
        case ld:
        case ldx: {
            word& target = (insn.code & 7) == ld ? m.acc : m.index;
            if ((insn.code & 0xe0) == abs_)
                target = loaded(insn.k, nr, arch);
            else if ((insn.code & 0xe0) == mem)
                target = m.memory[insn.k];
            else
                target = (insn.code & 0xe0) == len ? sizeof(seccomp_data) : insn.k;
            break;
        }
        case st:
            m.memory[insn.k] = m.acc;
            break;
        case stx:
            m.memory[insn.k] = m.index;
            break;
        case misc:
            (insn.code == (misc | tax) ? m.index : m.acc) = insn.code == (misc | tax) ? m.acc : m.index;
            break;
        case alu: {
            const bool by_index = (insn.code & x) != 0;
            if (by_index && insn.code == (alu | div_ | x)) {
                if (!m.index)
                    return std::nullopt;
                if (*m.index == 0)
                    return 0;
            }
            m.acc =
                m.acc && (!by_index || m.index) ? computed(insn, *m.acc, m.index.value_or(0)) : std::nullopt;
            break;
        }
        case jmp: {
            if (insn.code == (jmp | ja)) {
                pc += insn.k;
                break;
            }
            const std::optional<bool> jump = taken(insn, m);
            if (!jump)
                return std::nullopt;
            pc += *jump ? insn.jt : insn.jf;
            break;
        }
        default:
            return insn.code == (ret | k) ? word(insn.k) : m.acc;
        }
    }
    return std::nullopt;
}

} // namespace seccomp_sim

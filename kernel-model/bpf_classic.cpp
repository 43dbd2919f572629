// Classic BPF in seccomp's dialect: which programs a kernel accepts and what they return.
// Follows bpf_check_classic and check_load_and_stores (net/core/filter.c), seccomp_check_filter
// (kernel/seccomp.c), and the meaning that bpf_convert_filter gives each instruction.
#include "seccomp_sim/bpf.hpp"

#include <array>
#include <cerrno>
#include <cstring>

namespace seccomp_sim {

namespace {

using namespace bpf;

// The instructions that seccomp_check_filter lets pass. It has no MOD, and of the packet's loads only
// aligned words of seccomp_data, and its length.
bool instruction_allowed(const sock_filter& insn) {
    switch (insn.code) {
    case ld | w | abs_:
        return insn.k < sizeof(seccomp_data) && (insn.k & 3) == 0;
    case alu | div_ | k:
        return insn.k != 0;
    case alu | lsh | k:
    case alu | rsh | k:
        return insn.k < 32;
    case ld | mem:
    case ldx | mem:
    case st:
    case stx:
        return insn.k < memory_words;
    case ld | w | len:
    case ldx | w | len:
    case ret | k:
    case ret | a:
    case alu | add | k:
    case alu | add | x:
    case alu | sub | k:
    case alu | sub | x:
    case alu | mul | k:
    case alu | mul | x:
    case alu | div_ | x:
    case alu | and_ | k:
    case alu | and_ | x:
    case alu | or_ | k:
    case alu | or_ | x:
    case alu | xor_ | k:
    case alu | xor_ | x:
    case alu | lsh | x:
    case alu | rsh | x:
    case alu | neg:
    case ld | imm:
    case ldx | imm:
    case misc | tax:
    case misc | txa:
    case jmp | ja:
    case jmp | jeq | k:
    case jmp | jeq | x:
    case jmp | jge | k:
    case jmp | jge | x:
    case jmp | jgt | k:
    case jmp | jgt | x:
    case jmp | jset | k:
    case jmp | jset | x:
        return true;
    default:
        return false;
    }
}

// Jumps go forward only, and to an instruction that is there.
bool jumps_inside(const sock_filter& insn, std::size_t left_after) {
    if ((insn.code & 7) != jmp)
        return true;
    if (insn.code == (jmp | ja))
        return insn.k < left_after;
    return insn.jt < left_after && insn.jf < left_after;
}

// A scratch word must be stored on every way that leads to its load. Code that no way leads to may load
// anything.
bool loads_follow_stores(std::span<const sock_filter> program) {
    std::vector<std::uint16_t> stored_at(program.size(), 0xffff);
    std::uint16_t stored = 0;

    const auto meet = [](std::uint16_t& there, std::uint16_t here) {
        there = static_cast<std::uint16_t>(there & here);
    };
    for (std::size_t pc = 0; pc < program.size(); pc++) {
        const sock_filter& insn = program[pc];
        meet(stored, stored_at[pc]);
        const auto bit = static_cast<std::uint16_t>(1U << (insn.k & (memory_words - 1)));
        if (insn.code == st || insn.code == stx) {
            stored = static_cast<std::uint16_t>(stored | bit);
        } else if (insn.code == (ld | mem) || insn.code == (ldx | mem)) {
            if ((stored & bit) == 0)
                return false;
        } else if (insn.code == (jmp | ja)) {
            meet(stored_at[pc + 1 + insn.k], stored);
            stored = 0xffff;
        } else if ((insn.code & 7) == jmp) {
            meet(stored_at[pc + 1 + insn.jt], stored);
            meet(stored_at[pc + 1 + insn.jf], stored);
            stored = 0xffff;
        }
    }
    return true;
}

} // namespace

int check_program(std::span<const sock_filter> program) {
    if (program.empty() || program.size() > max_program_instructions)
        return -EINVAL;
    for (std::size_t pc = 0; pc < program.size(); pc++)
        if (!instruction_allowed(program[pc]) || !jumps_inside(program[pc], program.size() - pc - 1))
            return -EINVAL;
    if ((program.back().code & 7) != ret)
        return -EINVAL;
    return loads_follow_stores(program) ? 0 : -EINVAL;
}

std::uint32_t run_program(std::span<const sock_filter> program, const seccomp_data& data) {
    std::uint32_t acc = 0;
    std::uint32_t index = 0;
    std::array<std::uint32_t, memory_words> memory{};
    const auto* const bytes = reinterpret_cast<const unsigned char*>(&data);

    for (const sock_filter* insn = program.data();; insn++) {
        switch (insn->code) {
        case ld | w | abs_:
            std::memcpy(&acc, bytes + insn->k, sizeof(acc));
            break;
        case ld | w | len:
            acc = sizeof(seccomp_data);
            break;
        case ldx | w | len:
            index = sizeof(seccomp_data);
            break;
        case ld | imm:
            acc = insn->k;
            break;
        case ldx | imm:
            index = insn->k;
            break;
        case ld | mem:
            acc = memory[insn->k];
            break;
        case ldx | mem:
            index = memory[insn->k];
            break;
        case st:
            memory[insn->k] = acc;
            break;
        case stx:
            memory[insn->k] = index;
            break;
        case misc | tax:
            index = acc;
            break;
        case misc | txa:
            acc = index;
            break;
        case alu | add | k:
            acc += insn->k;
            break;
        case alu | add | x:
            acc += index;
            break;
        case alu | sub | k:
            acc -= insn->k;
            break;
        case alu | sub | x:
            acc -= index;
            break;
        case alu | mul | k:
            acc *= insn->k;
            break;
        case alu | mul | x:
            acc *= index;
            break;
        case alu | div_ | k:
            acc /= insn->k;
            break;
        case alu | div_ | x:
            // The converted program leaves with 0, which is KILL_THREAD.
            if (index == 0)
                return 0;
            acc /= index;
            break;
        case alu | and_ | k:
            acc &= insn->k;
            break;
        case alu | and_ | x:
            acc &= index;
            break;
        case alu | or_ | k:
            acc |= insn->k;
            break;
        case alu | or_ | x:
            acc |= index;
            break;
        case alu | xor_ | k:
            acc ^= insn->k;
            break;
        case alu | xor_ | x:
            acc ^= index;
            break;
        case alu | lsh | k:
            acc <<= insn->k;
            break;
        case alu | lsh | x:
            // eBPF masks a shift by a register, in the interpreter and in the JIT.
            acc <<= (index & 31);
            break;
        case alu | rsh | k:
            acc >>= insn->k;
            break;
        case alu | rsh | x:
            acc >>= (index & 31);
            break;
        case alu | neg:
            acc = 0 - acc;
            break;
        case jmp | ja:
            insn += insn->k;
            break;
        case jmp | jeq | k:
            insn += acc == insn->k ? insn->jt : insn->jf;
            break;
        case jmp | jeq | x:
            insn += acc == index ? insn->jt : insn->jf;
            break;
        case jmp | jgt | k:
            insn += acc > insn->k ? insn->jt : insn->jf;
            break;
        case jmp | jgt | x:
            insn += acc > index ? insn->jt : insn->jf;
            break;
        case jmp | jge | k:
            insn += acc >= insn->k ? insn->jt : insn->jf;
            break;
        case jmp | jge | x:
            insn += acc >= index ? insn->jt : insn->jf;
            break;
        case jmp | jset | k:
            insn += (acc & insn->k) != 0 ? insn->jt : insn->jf;
            break;
        case jmp | jset | x:
            insn += (acc & index) != 0 ? insn->jt : insn->jf;
            break;
        case ret | a:
            return acc;
        default:
            // RET K, the one instruction left of those that check_program lets pass.
            return insn->k;
        }
    }
}

} // namespace seccomp_sim

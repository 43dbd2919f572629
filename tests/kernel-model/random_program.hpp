// Random programs that the kernel accepts, from a seed: straight code with forward jumps over a few
// system call numbers and arguments. For comparing two ways of doing the same thing.
#pragma once

#include "seccomp_sim/bpf.hpp"

#include <array>
#include <random>

namespace seccomp_sim {

class random_program {
  public:
    explicit random_program(std::uint32_t seed) : engine_(seed) {}

    /// An accepted program of `length` instructions, at least 2.
    std::vector<sock_filter> make(std::size_t length) {
        std::vector<sock_filter> program;
        do {
            program.clear();
            for (std::size_t i = 0; i + 1 < length; i++)
                program.push_back(instruction(length - i - 1));
            program.push_back(bpf_stmt(bpf::ret | bpf::a, 0));
        } while (check_program(program) != 0);
        return program;
    }

    std::array<std::uint64_t, 6> arguments() {
        std::array<std::uint64_t, 6> values{};
        for (std::uint64_t& value : values)
            value = std::uint64_t{interesting()} << 32 | interesting();
        return values;
    }

    /// A number below `bound`, the same with every standard library.
    std::uint32_t below(std::size_t bound) { return static_cast<std::uint32_t>(engine_() % bound); }

  private:
    std::uint32_t interesting() {
        constexpr std::array<std::uint32_t, 12> values = {0,  1,  2,          3,          31,         32,
                                                          33, 64, 0x7fffffff, 0x80000000, 0xffffffff, 39};
        const std::uint32_t choice = below(values.size() + 4);
        return choice < values.size() ? values[choice] : static_cast<std::uint32_t>(engine_());
    }

    sock_filter instruction(std::size_t left_after) {
        using namespace bpf;
        const std::uint16_t operand = below(2) == 0 ? k : x;
        switch (below(8)) {
        case 0: {
            // Not the instruction pointer, which a test cannot foretell on a real kernel.
            const std::uint32_t word = below(14);
            return bpf_stmt(ld | w | abs_, word < 2 ? 4 * word : 8 + 4 * word);
        }
        case 1:
            return bpf_stmt(below(2) == 0 ? ld | imm : ldx | imm, interesting());
        case 2:
            return bpf_stmt(below(2) == 0 ? misc | tax : misc | txa, 0);
        case 3:
            return memory_access();
        case 4:
            return bpf_stmt(below(2) == 0 ? ld | w | len : alu | neg, interesting());
        case 5: {
            constexpr std::array<std::uint16_t, 4> tests = {jeq, jgt, jge, jset};
            const auto reach = left_after < 6 ? left_after : 6;
            return bpf_jump(jmp | tests[below(4)] | operand, interesting(),
                            static_cast<std::uint8_t>(below(reach)), static_cast<std::uint8_t>(below(reach)));
        }
        default:
            return arithmetic(operand);
        }
    }

    sock_filter memory_access() {
        using namespace bpf;
        constexpr std::array<std::uint16_t, 4> accesses = {st, stx, ld | mem, ldx | mem};
        return bpf_stmt(accesses[below(4)], below(2));
    }

    sock_filter arithmetic(std::uint16_t operand) {
        using namespace bpf;
        constexpr std::array<std::uint16_t, 9> operations = {add, sub, mul, div_, or_, and_, lsh, rsh, xor_};
        const std::uint16_t operation = operations[below(operations.size())];
        std::uint32_t constant = interesting();
        if (operation == lsh || operation == rsh)
            constant &= 31;
        if (operation == div_ && constant == 0)
            constant = 7;
        return bpf_stmt(alu | operation | operand, constant);
    }

    std::mt19937 engine_;
};

} // namespace seccomp_sim

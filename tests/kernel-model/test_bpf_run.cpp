// What programs return, how long they are after conversion, and what is known of them ahead.
#include "seccomp_sim/bpf.hpp"

#include "tests/kernel-model/random_program.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace seccomp_sim;
using namespace seccomp_sim::bpf;

namespace {

constexpr sock_filter allow_all = bpf_stmt(ret | k, action_allow);
using program = std::vector<sock_filter>;

// A, after `body` has run with A and X set.
std::uint32_t computed(std::uint32_t acc, std::uint32_t index, program body) {
    program whole = {bpf_stmt(ld | imm, acc), bpf_stmt(ldx | imm, index)};
    whole.insert(whole.end(), body.begin(), body.end());
    whole.push_back(bpf_stmt(ret | a, 0));
    REQUIRE(check_program(whole) == 0);
    return run_program(whole, {});
}

bool jumps(std::uint32_t acc, std::uint32_t index, sock_filter jump) {
    jump.jt = 0;
    jump.jf = 1;
    return computed(acc, index, {jump, bpf_stmt(ret | k, 1), bpf_stmt(ld | imm, 0)}) == 1;
}

} // namespace

TEST_CASE("each operation computes on 32 bits") {
    CHECK(computed(0xffffffff, 0, {bpf_stmt(alu | add | k, 2)}) == 1);
    CHECK(computed(1, 2, {bpf_stmt(alu | sub | x, 0)}) == 0xffffffff);
    CHECK(computed(0x10000, 0x10000, {bpf_stmt(alu | mul | x, 0)}) == 0);
    CHECK(computed(7, 2, {bpf_stmt(alu | div_ | x, 0)}) == 3);
    CHECK(computed(7, 0, {bpf_stmt(alu | div_ | x, 0), bpf_stmt(ld | imm, 9)}) == 0);
    CHECK(computed(0xf0, 0x3c, {bpf_stmt(alu | and_ | x, 0)}) == 0x30);
    CHECK(computed(0xf0, 0x3c, {bpf_stmt(alu | or_ | x, 0)}) == 0xfc);
    CHECK(computed(0xf0, 0x3c, {bpf_stmt(alu | xor_ | x, 0)}) == 0xcc);
    CHECK(computed(1, 33, {bpf_stmt(alu | lsh | x, 0)}) == 2);
    CHECK(computed(0x80000000, 63, {bpf_stmt(alu | rsh | x, 0)}) == 1);
    CHECK(computed(1, 0, {bpf_stmt(alu | neg, 0)}) == 0xffffffff);
    CHECK(computed(5, 6, {bpf_stmt(misc | txa, 0)}) == 6);
    CHECK(computed(5, 6, {bpf_stmt(misc | tax, 0), bpf_stmt(ld | imm, 0), bpf_stmt(misc | txa, 0)}) == 5);
    CHECK(computed(5, 6, {bpf_stmt(stx, 3), bpf_stmt(ld | imm, 0), bpf_stmt(ld | mem, 3)}) == 6);
    CHECK(computed(0, 0, {bpf_stmt(ld | w | len, 0)}) == 64);
    CHECK(computed(0, 0, {bpf_stmt(ldx | w | len, 0), bpf_stmt(misc | txa, 0)}) == 64);
}

TEST_CASE("comparisons are unsigned") {
    CHECK(jumps(0x80000000, 1, bpf_stmt(jmp | jgt | x, 0)));
    CHECK(jumps(0x80000000, 0, bpf_stmt(jmp | jge | k, 0x80000000)));
    CHECK_FALSE(jumps(0x80000000, 0, bpf_stmt(jmp | jgt | k, 0x80000000)));
    CHECK(jumps(6, 4, bpf_stmt(jmp | jset | x, 0)));
    CHECK_FALSE(jumps(6, 1, bpf_stmt(jmp | jset | x, 0)));
    CHECK(jumps(6, 6, bpf_stmt(jmp | jeq | x, 0)));
}

TEST_CASE("a program reads the call at the kernel's offsets") {
    const seccomp_data data = {.nr = 39,
                               .arch = audit_arch_x86_64,
                               .instruction_pointer = 0x0000111122223333,
                               .args = {0x0123456789abcdef, 2, 3, 4, 5, 0xfedcba9876543210}};
    const auto word_at = [&](std::uint32_t offset) {
        return run_program(program{bpf_stmt(ld | w | abs_, offset), bpf_stmt(ret | a, 0)}, data);
    };
    CHECK(word_at(0) == 39);
    CHECK(word_at(4) == audit_arch_x86_64);
    CHECK(word_at(8) == 0x22223333);
    CHECK(word_at(16) == 0x89abcdef);
    CHECK(word_at(20) == 0x01234567);
    CHECK(word_at(60) == 0xfedcba98);
}

TEST_CASE("the lowest action wins and a tie stays with the holder") {
    const std::uint32_t order[] = {action_kill_process, action_kill_thread, action_trap, action_errno,
                                   action_user_notif,   action_trace,       action_log,  action_allow};
    for (std::size_t i = 0; i < std::size(order); i++)
        for (std::size_t j = 0; j < std::size(order); j++)
            CHECK(takes_precedence(order[i] | 5, order[j]) == (i < j));
    // An action the kernel does not know takes its place by its number and kills.
    CHECK(takes_precedence(0xffff0000, action_kill_thread));
    CHECK_FALSE(action_known(0xffff0000));
}

TEST_CASE("return values are described for a reader") {
    CHECK(describe_action(action_errno | 1) == "ERRNO(EPERM)");
    CHECK(describe_action(action_errno | 0xffff) == "ERRNO(4095)");
    CHECK(describe_action(action_trace | 7) == "TRACE(7)");
    CHECK(describe_action(action_allow) == "ALLOW");
    CHECK(describe_action(0x12340000) == "unknown action 0x12340000");
}

TEST_CASE("length after conversion") {
    const auto length_of = [](sock_filter insn) {
        const program whole = {insn, allow_all, allow_all};
        return converted_length(whole) - 3 - 4;
    };
    CHECK(converted_length(program{allow_all}) == 5);
    CHECK(converted_length(program{bpf_stmt(ret | a, 0)}) == 4);
    CHECK(converted_length(program{}) == 0);
    CHECK(length_of(bpf_stmt(ld | w | abs_, 0)) == 1);
    CHECK(length_of(bpf_stmt(alu | div_ | x, 0)) == 5);
    CHECK(length_of(bpf_stmt(alu | div_ | k, 3)) == 1);
    CHECK(length_of(bpf_stmt(jmp | ja, 1)) == 1);
    CHECK(length_of(bpf_jump(jmp | jeq | k, 1, 1, 0)) == 1);
    CHECK(length_of(bpf_jump(jmp | jeq | k, 1, 0, 1)) == 1);
    CHECK(length_of(bpf_jump(jmp | jeq | k, 1, 1, 1)) == 2);
    CHECK(length_of(bpf_jump(jmp | jset | k, 1, 0, 1)) == 2);
    CHECK(length_of(bpf_jump(jmp | jset | k, 1, 1, 0)) == 1);
    CHECK(length_of(bpf_jump(jmp | jeq | k, audit_arch_x86_64, 1, 0)) == 2);
    CHECK(length_of(bpf_jump(jmp | jeq | x, audit_arch_x86_64, 1, 0)) == 1);
    // A filter of the usual shape: 4 instructions become 9.
    CHECK(converted_length(program{bpf_stmt(ld | w | abs_, 0), bpf_jump(jmp | jeq | k, 110, 0, 1),
                                   bpf_stmt(ret | k, action_user_notif), allow_all}) == 9);
}

TEST_CASE("what follows from the number alone is known ahead") {
    const program notify_getppid = {bpf_stmt(ld | w | abs_, 4),
                                    bpf_jump(jmp | jeq | k, audit_arch_x86_64, 1, 0),
                                    bpf_stmt(ret | k, action_kill_process),
                                    bpf_stmt(ld | w | abs_, 0),
                                    bpf_jump(jmp | jeq | k, 110, 2, 0),
                                    bpf_jump(jmp | jeq | k, 1, 0, 2),
                                    bpf_stmt(ld | w | abs_, 16),
                                    bpf_stmt(ret | k, action_user_notif),
                                    bpf_stmt(ret | a, 0)};
    CHECK(constant_action(notify_getppid, 110) == action_user_notif);
    CHECK(constant_action(notify_getppid, 39) == std::optional<std::uint32_t>(39));
    // Reading an argument is no matter as long as nothing comes of it.
    CHECK(constant_action(notify_getppid, 1) == action_user_notif);
    CHECK(constant_action(notify_getppid, 1, 0x40000003) == action_kill_process);
    const program by_argument = {bpf_stmt(ld | w | abs_, 16), bpf_stmt(ret | a, 0)};
    CHECK(constant_action(by_argument, 1) == std::nullopt);
}

TEST_CASE("what is known ahead is what a run returns") {
    for (std::uint32_t seed = 0; seed < 300; seed++) {
        random_program random(seed);
        const bpf_program prepared(random.make(24));
        REQUIRE(prepared.error() == 0);
        for (std::int32_t nr = -2; nr < 516; nr += 37) {
            const seccomp_data data = {.nr = nr, .arch = audit_arch_x86_64, .args = random.arguments()};
            const std::uint32_t returned = run_program(prepared.classic(), data);
            INFO("seed " << seed << ", call " << nr);
            CHECK(prepared.run(data) == returned);
            if (const auto known = constant_action(prepared.classic(), nr))
                CHECK(*known == returned);
        }
    }
}

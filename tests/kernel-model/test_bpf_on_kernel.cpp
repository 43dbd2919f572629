// The same programs on the kernel under our feet: whether it accepts them, what they return and how
// long it takes them for. Where seccomp cannot be used the tests say so and end.
#include "seccomp_sim/bpf.hpp"

#include "tests/kernel-model/random_program.hpp"

#include <catch2/catch.hpp>

#include <cerrno>
#include <fstream>
#include <functional>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace seccomp_sim;
using namespace seccomp_sim::bpf;

namespace {

constexpr long set_mode_filter = 1;
constexpr long new_listener = 1 << 3;
constexpr sock_filter allow_all = bpf_stmt(ret | k, action_allow);

using program = std::vector<sock_filter>;

struct sock_fprog {
    unsigned short len;
    const sock_filter* filter;
};

// 0, a listener fd, or a negative errno.
long install(const program& classic, long flags) {
    const sock_fprog fprog = {static_cast<unsigned short>(classic.size()), classic.data()};
    const long result = syscall(SYS_seccomp, set_mode_filter, flags, &fprog);
    return result < 0 ? -errno : result;
}

// What `body` returns in a process of its own that may install filters: 0 to 99; 100 and above is how
// it died.
int in_child(const std::function<int()>& body) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
            _exit(99);
        _exit(body());
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

bool listeners_usable() {
    const bool usable =
        in_child(
            [] { return install({allow_all}, new_listener) >= 0 && install({}, 0) == -EINVAL ? 0 : 1; }) == 0;
    if (!usable)
        WARN("skipped: this system does not let us install filters with a listener");
    return usable;
}

// A kernel that blinds constants counts the instructions it adds for that.
bool constants_blinded() {
    int level = 0;
    std::ifstream("/proc/sys/net/core/bpf_jit_harden") >> level;
    if (level != 0)
        WARN("skipped: net.core.bpf_jit_harden is set");
    return level != 0;
}

program spoiled(random_program& random, program good) {
    if (random.below(3) == 0)
        return good;
    sock_filter& victim = good[random.below(good.size())];
    switch (random.below(4)) {
    case 0:
        victim.code = static_cast<std::uint16_t>(random.below(0x100));
        break;
    case 1:
        victim.k = random.below(80);
        break;
    case 2:
        victim.jt = static_cast<std::uint8_t>(random.below(40));
        break;
    default:
        victim = bpf_stmt(ld | mem, random.below(18));
    }
    return good;
}

} // namespace

TEST_CASE("the running kernel accepts the same programs") {
    if (!listeners_usable())
        return;
    // Once a listener exists, asking for a second is EBUSY after the program was checked: nothing is
    // installed and the check's verdict is seen.
    const int first_difference = in_child([] {
        if (install({allow_all}, new_listener) < 0)
            return 98;
        for (std::uint32_t seed = 0; seed < 5000; seed++) {
            random_program random(seed);
            const program candidate = spoiled(random, random.make(2 + random.below(30)));
            const long expected = check_program(candidate) == 0 ? -EBUSY : -EINVAL;
            if (install(candidate, new_listener) != expected)
                return static_cast<int>(1 + seed % 90);
        }
        for (unsigned code = 0; code <= 0x1ff; code++) {
            const program candidate = {bpf_stmt(code, 4), allow_all, allow_all,
                                       allow_all,         allow_all, allow_all};
            const long expected = check_program(candidate) == 0 ? -EBUSY : -EINVAL;
            if (install(candidate, new_listener) != expected)
                return 97;
        }
        return 0;
    });
    CHECK(first_difference == 0);
}

TEST_CASE("programs return the same on the running kernel") {
    if (!listeners_usable())
        return;
    constexpr std::int32_t probe = 4000; // no system call, and none of those that the child makes
    int compared = 0;
    for (std::uint32_t seed = 0; seed < 200; seed++) {
        random_program random(seed);
        // Everything but the probe is allowed; what the body leaves in A is folded into an errno.
        program whole = {bpf_stmt(ld | w | abs_, 0), bpf_jump(jmp | jeq | k, probe, 1, 0), allow_all};
        const program body = random.make(40);
        whole.insert(whole.end(), body.begin(), body.end() - 1);
        const program fold = {bpf_stmt(misc | tax, 0),
                              bpf_stmt(alu | rsh | k, 16),
                              bpf_stmt(alu | xor_ | x, 0),
                              bpf_stmt(misc | tax, 0),
                              bpf_stmt(alu | rsh | k, 8),
                              bpf_stmt(alu | xor_ | x, 0),
                              bpf_stmt(alu | and_ | k, 0x7ff),
                              bpf_stmt(alu | or_ | k, action_errno),
                              bpf_stmt(ret | a, 0)};
        whole.insert(whole.end(), fold.begin(), fold.end());
        REQUIRE(check_program(whole) == 0);

        std::vector<seccomp_data> calls(16);
        for (seccomp_data& call : calls) {
            call.nr = probe;
            call.args = random.arguments();
        }
        // A division by zero would kill the child, so such calls are left out.
        std::erase_if(calls, [&](const seccomp_data& call) { return run_program(whole, call) == 0; });
        compared += static_cast<int>(calls.size());
        const int first_difference = in_child([&] {
            if (install(whole, 0) != 0)
                return 98;
            for (std::size_t i = 0; i < calls.size(); i++) {
                const auto& args = calls[i].args;
                const long result = syscall(probe, args[0], args[1], args[2], args[3], args[4], args[5]);
                const long returned = result < 0 ? errno : result;
                if (returned != action_errno_number(run_program(whole, calls[i])))
                    return static_cast<int>(1 + i);
            }
            return 0;
        });
        INFO("seed " << seed);
        CHECK(first_difference == 0);
    }
    CHECK(compared > 1000);
}

TEST_CASE("the running kernel kills for a division by zero") {
    if (!listeners_usable())
        return;
    const program divide = {
        bpf_stmt(ld | w | abs_, 0), bpf_jump(jmp | jeq | k, 4000, 1, 0), allow_all,
        bpf_stmt(ldx | imm, 0),     bpf_stmt(alu | div_ | x, 0),         bpf_stmt(ret | k, action_allow)};
    CHECK(run_program(divide, {.nr = 4000}) == action_kill_thread);
    CHECK(in_child([&] {
              install(divide, 0);
              return static_cast<int>(syscall(4000) + 1);
          }) == 100 + SIGSYS);
}

TEST_CASE("the running kernel takes programs for as long as we do") {
    if (!listeners_usable() || constants_blinded())
        return;
    // Fills a path so that a program of exactly `room` converted instructions still fits, then tries
    // one that is longer by one and one that is not.
    const auto fits_exactly = [](const program& classic) {
        const std::uint32_t room = converted_length(classic);
        std::uint32_t to_fill = max_instructions_per_path - room;
        constexpr std::uint32_t smallest = 5 + path_penalty_per_filter;
        while (to_fill > 0) {
            // A filter of n instructions that only allows takes n + 4, and the penalty.
            std::uint32_t part = max_program_instructions + 4 + path_penalty_per_filter;
            if (to_fill < part)
                part = to_fill;
            else if (to_fill - part < smallest)
                part -= smallest;
            program filler(part - path_penalty_per_filter - 4, bpf_stmt(ld | imm, 0));
            filler.back() = allow_all;
            if (install(filler, 0) != 0)
                return 1;
            to_fill -= part;
        }
        program longer = classic;
        longer.insert(longer.begin() + 1, bpf_stmt(ld | imm, 0));
        if (install(longer, 0) != -ENOMEM)
            return 2;
        return install(classic, 0) == 0 ? 0 : 3;
    };
    for (std::uint32_t seed = 0; seed < 60; seed++) {
        random_program random(seed);
        program classic = random.make(3 + random.below(100));
        classic.insert(classic.begin(), allow_all); // what follows is never run, but counts
        INFO("seed " << seed);
        CHECK(in_child([&] { return fits_exactly(classic); }) == 0);
    }
}

TEST_CASE("3641 filters of one instruction fit on a path") {
    const std::uint32_t own = converted_length(program{allow_all});
    CHECK((max_instructions_per_path - own) / (own + path_penalty_per_filter) + 1 == 3641);
}

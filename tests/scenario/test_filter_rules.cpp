// What libseccomp compiles, run on our interpreter, against what the rules say: random rules on a few calls
// with numbers around those that are compared.
#include "sim/scenario/filter_rules.hpp"
#include "sim/scenario/system_call_name.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

constexpr std::array<std::string_view, 4> calls = {"read", "ioctl", "getppid", "personality"};

class rule_source {
  public:
    explicit rule_source(std::uint32_t seed) : engine_(seed) {}

    filter_rules make() {
        // libseccomp promises nothing about a call whose rules disagree, so each call has one action.
        constexpr std::array<std::uint32_t, 4> actions = {action_errno | 2, action_user_notif, action_trap,
                                                          action_log};
        filter_rules made;
        made.default_action = below(2) == 0 ? action_allow : action_errno | 1;
        for (std::uint32_t count = below(5); count > 0; count--) {
            const std::uint32_t call = below(calls.size());
            filter_rule rule = {std::string(calls[call]), actions[call], {}};
            for (std::uint32_t tests = below(4); tests > 0; tests--)
                rule.arguments.push_back(make_test(call));
            made.rules.push_back(std::move(rule));
        }
        return made;
    }

    std::uint64_t number() {
        constexpr std::array<std::uint64_t, 8> numbers = {0,           1,           2,           0xffffffff,
                                                          0x100000000, 0x100000001, 0x200000000, ~0ULL};
        return numbers[below(numbers.size())];
    }

    /// A number below `bound`, the same with every standard library.
    std::uint32_t below(std::size_t bound) { return static_cast<std::uint32_t>(engine_() % bound); }

  private:
    // libseccomp 2.5 compiles two comparisons for order of one argument to less than they say (a1 <= 2 or
    // a1 >= 2^64-1 holds for 2^32-1, on a kernel too), so there is one for each argument of a call.
    argument_test make_test(std::uint32_t call) {
        argument_test test = {below(3), static_cast<comparison>(below(7)), number(), number()};
        const bool by_order = test.op == comparison::lt || test.op == comparison::le ||
                              test.op == comparison::ge || test.op == comparison::gt;
        if (by_order && std::exchange(ordered_[call][test.index], true))
            test.op = comparison::eq;
        return test;
    }

    std::mt19937 engine_;
    std::array<std::array<bool, 3>, calls.size()> ordered_{};
};

bool holds(const argument_test& test, std::uint64_t argument) {
    switch (test.op) {
    case comparison::ne:
        return argument != test.value;
    case comparison::lt:
        return argument < test.value;
    case comparison::le:
        return argument <= test.value;
    case comparison::eq:
        return argument == test.value;
    case comparison::ge:
        return argument >= test.value;
    case comparison::gt:
        return argument > test.value;
    case comparison::masked_eq:
        return (argument & test.value) == (test.value_two & test.value);
    }
    return false;
}

bool matches(const filter_rule& rule, const seccomp_data& data) {
    if (system_call_number(rule.system_call) != data.nr)
        return false;
    std::array<int, 6> tests_of_argument{};
    for (const argument_test& test : rule.arguments)
        tests_of_argument[test.index]++;
    const auto passes = [&](const argument_test& test) { return holds(test, data.args[test.index]); };
    if (std::any_of(tests_of_argument.begin(), tests_of_argument.end(), [](int n) { return n > 1; }))
        return std::any_of(rule.arguments.begin(), rule.arguments.end(), passes);
    return std::all_of(rule.arguments.begin(), rule.arguments.end(), passes);
}

std::uint32_t expected(const filter_rules& rules, const seccomp_data& data) {
    for (const filter_rule& rule : rules.rules)
        if (matches(rule, data))
            return rule.action;
    return rules.default_action;
}

} // namespace

TEST_CASE("a compiled filter does what its rules say") {
    int compared = 0;
    for (std::uint32_t seed = 0; seed < 1500; seed++) {
        rule_source source(seed);
        const filter_rules rules = source.make();
        const compiled_rules compiled = compile_rules(rules);
        INFO("seed " << seed);
        if (!compiled.error.empty())
            continue;
        const bpf_program program(compiled.program);
        REQUIRE(program.error() == 0);
        for (int i = 0; i < 40; i++) {
            const std::string_view call = calls[source.below(calls.size())];
            const seccomp_data data = {.nr = *system_call_number(call),
                                       .args = {source.number(), source.number(), source.number(), 0, 0, 0}};
            INFO(call << " " << data.args[0] << " " << data.args[1] << " " << data.args[2]);
            CHECK(describe_action(program.run(data)) == describe_action(expected(rules, data)));
            compared++;
        }
    }
    CHECK(compared > 50'000);
}

TEST_CASE("a rule with the default action is left out") {
    const filter_rules none = {action_allow, {}, {}};
    const filter_rules idle = {action_allow, {}, {{"getppid", action_allow, {}}}};
    CHECK(compile_rules(idle).program == compile_rules(none).program);
}

TEST_CASE("what libseccomp refuses names the rule") {
    const argument_test first_is_one = {0, comparison::eq, 1, 0};
    const compiled_rules clash = compile_rules(
        {action_allow, {}, {{"read", action_trap, {first_is_one}}, {"read", action_log, {first_is_one}}}});
    CHECK(clash.program.empty());
    CHECK(clash.culprit == 1);
    CHECK_FALSE(clash.error.empty());
    CHECK_FALSE(compile_rules({action_errno | 5000, {}, {}}).culprit);
}

// Constraints say on which kernels something holds.
#include "sim/scenario/constraint.hpp"

#include <catch2/catch.hpp>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

constraint parsed(std::string_view text) {
    result<constraint> read = parse_constraint(text);
    if (!read)
        FAIL(to_text(read.error()));
    return std::move(*read);
}

chosen_kernel kernel(std::string_view preset, std::initializer_list<std::string_view> settings = {}) {
    std::vector<choice_setting> set;
    for (const std::string_view setting : settings)
        set.push_back(parse_choice_setting(setting).value());
    return choose(parse_preset(preset).value(), set);
}

bool holds(std::string_view text, const chosen_kernel& on) {
    return parsed(text).holds(on);
}

std::string told(std::string_view text) {
    const result<constraint> read = parse_constraint(text);
    return read ? "accepted" : to_text(read.error());
}

} // namespace

TEST_CASE("presets are compared in their order", "[constraint]") {
    CHECK(holds(">=v5.9", kernel("v5.9")));
    CHECK(holds(">=v5.9", kernel("v6.15")));
    CHECK_FALSE(holds(">=v5.9", kernel("patch-v2")));
    CHECK(holds("<v5.9", kernel("patch-v2")));
    CHECK(holds("<=patch-v2", kernel("patch-v2")));
    CHECK(holds(">v5.0", kernel("patch-v2")));
    CHECK(holds("patch-v2", kernel("patch-v2")));
    CHECK(holds("==patch-v2", kernel("patch-v2")));
    CHECK_FALSE(holds("!=patch-v2", kernel("patch-v2")));
}

TEST_CASE("all terms of a string must hold", "[constraint]") {
    CHECK(holds(" >=v5.9  <v6.11 ", kernel("v6.2")));
    CHECK_FALSE(holds(">=v5.9 <v6.11", kernel("v6.11")));
}

TEST_CASE("choices are looked at as they are, presets as they were named", "[constraint]") {
    CHECK(holds("release=exit", kernel("v6.11")));
    CHECK_FALSE(holds("release=exit", kernel("v5.9")));
    CHECK(holds("release=exit", kernel("v5.9", {"release=exit"})));
    CHECK(holds("release!=exit", kernel("v6.11", {"release=reap"})));
    CHECK(holds("<v6.11", kernel("v5.9", {"release=exit"})));
}

TEST_CASE("the last setting of a choice wins", "[constraint]") {
    CHECK(kernel("v5.9", {"release=exit", "release=split"}).choices.release == release_point::split);
}

TEST_CASE("two constraints together need both", "[constraint]") {
    const constraint c = both(parsed(">=v5.9"), parsed("<v6.11"));
    CHECK(c.holds(kernel("v6.2")));
    CHECK_FALSE(c.holds(kernel("v5.0")));
    CHECK_FALSE(c.holds(kernel("v6.15")));
    CHECK(c.text == ">=v5.9 and <v6.11");
}

TEST_CASE("the presets of a constraint are known ahead", "[constraint]") {
    CHECK(presets_of(parsed("<v5.9"), {}) == 0b000011);
    const std::vector<choice_setting> set = {parse_choice_setting("live=no").value()};
    CHECK(presets_of(parsed("live=yes"), set) == 0);
}

TEST_CASE("what cannot be a constraint is told with what would do", "[constraint]") {
    CHECK(told("v6.10") == R"("v6.10" is no preset; expected v5.0, patch-v2, v5.9, v6.2, v6.11, v6.15; )"
                           R"(did you mean "v6.11"?)");
    CHECK(told(">=release=exit").find("is no preset") != std::string::npos);
    CHECK(told("relase=exit") == R"("relase" is no choice of a kernel; did you mean "release"?)");
    CHECK(told("release=exti") ==
          R"("exti" is no value of release; expected free, split, reap, exit; did you mean "exit"?)");
    CHECK(told("release") ==
          R"(the choice "release" is compared with nothing; expected a term such as "release=free")");
    CHECK(told("").find("an empty constraint") == 0);
    CHECK(told("=").find("is no choice") != std::string::npos);
    CHECK(told("!=").find("is no preset") != std::string::npos);
}

TEST_CASE("a constraint that no kernel meets is a mistake", "[constraint]") {
    CHECK(told("<v5.0").find(R"(no kernel is "<v5.0")") == 0);
    CHECK(told(">=v6.11 <v5.9").find("no kernel is") == 0);
    CHECK(told("release=exit <v5.9") == "accepted"); // some are made by hand
}

TEST_CASE("settings of the command line are told like constraints", "[constraint]") {
    CHECK(to_text(parse_choice_setting("release").error()) ==
          R"("release" sets nothing; expected CHOICE=VALUE, such as release=exit)");
    CHECK(to_text(parse_preset("v5.8").error()).find(R"(did you mean "v5.)") != std::string::npos);
}

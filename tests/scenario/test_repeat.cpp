// Repeats are written out, within limits.
#include "tests/scenario/scenario_text.hpp"

#include <catch2/catch.hpp>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

bool mentions(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string nested(std::string step, std::size_t depth, std::string_view count) {
    for (std::size_t i = 0; i < depth; ++i)
        step = R"({"repeat": )" + std::string(count) + R"(, "as": ")" +
               std::string(1, static_cast<char>('a' + i)) + R"(", "steps": [)" + step + "]}";
    return step;
}

constexpr auto exec = R"({"task": "init", "do": "exec"})";

} // namespace

TEST_CASE("a repeat happens so often, with its variable in every string", "[repeat]") {
    const auto s = scenario_with(R"({"repeat": 2, "as": "i", "on": ">=v5.9", "steps": [
        {"repeat": 2, "as": "j", "steps": [
            {"task": "init", "do": "fork", "child": "w{i}.{j}", "note": "{i} of {k}", "at": "born {j}{i}", "on": "<v6.11"}]},
        {"expect": {"tasks": {"w{i}.2": "running"}}}]})");
    REQUIRE(s.steps.size() == 6);
    CHECK(s.name_of(call_at(s, 0).asked.child) == "w1.1");
    CHECK(s.name_of(call_at(s, 1).asked.child) == "w1.2");
    CHECK(s.name_of(call_at(s, 4).asked.child) == "w2.2");
    CHECK(s.text_of(s.steps[3].info.note) == "2 of {k}");
    CHECK(s.find_step("born 21").value() == 1);
    CHECK(s.place_of(s.steps[4]) == s.place_of(s.steps[0]));
    CHECK(s.place_of(s.steps[0]).pointer == "/steps/0/steps/0/steps/0");

    const auto holds = [&](std::uint8_t preset, std::size_t step) {
        return applicability(s, choose(preset))(s.steps[step].info.on);
    };
    CHECK_FALSE(holds(1, 0)); // patch-v2: the repeat's own constraint
    CHECK(holds(2, 0));
    CHECK_FALSE(holds(4, 0)); // v6.11: the step's
    CHECK(holds(4, 2));
}

TEST_CASE("constraints of repeated steps are kept once", "[repeat]") {
    const auto s = scenario_with(R"({"repeat": 1000, "as": "i", "on": ">=v5.9",
        "steps": [{"task": "init", "do": "exec", "on": "<v6.11", "returns": {"v5.9": 0, "v6.2": "ok"}}]})");
    CHECK(s.steps.size() == 1000);
    CHECK(s.constraints.size() == 5);
}

TEST_CASE("absurd repeats are refused", "[repeat]") {
    CHECK(mentions(told(nested(exec, 1, "1000000000")), "an integer from 1 to 1000000"));
    CHECK(mentions(told(nested(exec, 1, "0")), "an integer from 1 to 1000000"));
    CHECK(mentions(told(nested("", 1, "5")), "a repeat without steps"));
    CHECK(told(nested(exec, 8, "2")) == "accepted");
    CHECK(mentions(told(nested(exec, 9, "1")), "nested more than 8 deep"));
    CHECK(mentions(told(nested(exec, 8, "1000")), "more than 1000000 steps"));
}

TEST_CASE("limits can be lowered", "[repeat]") {
    read_options options;
    options.most_steps = 3;
    CHECK_FALSE(read_scenario(scenario_text(nested(exec, 1, "4")), "f", options));
    CHECK(read_scenario(scenario_text(nested(exec, 1, "3")), "f", options));
    const std::string births = scenario_text(
        R"({"repeat": 3, "as": "i", "steps": [{"task": "init", "do": "fork", "child": "w{i}"}]})",
        R"("filters": {}, )");
    options.most_names = 2;
    CHECK(mentions(to_text(read_scenario(births, "f", options).error()), "too many names"));
    options.most_names = 3;
    CHECK(read_scenario(births, "f", options));
}

TEST_CASE("variables have names that differ", "[repeat]") {
    CHECK(mentions(
        told(
            R"({"repeat": 1, "as": "i", "steps": [{"repeat": 1, "as": "i", "steps": [{"task": "init", "do": "exec"}]}]})"),
        "is taken by a repeat around this one"));
    CHECK(mentions(told(R"({"repeat": 1, "as": "a b", "steps": [{"task": "init", "do": "exec"}]})"),
                   "cannot be a variable"));
    CHECK(mentions(told(R"({"repeat": 1, "steps": [{"task": "init", "do": "exec"}]})"), R"(lacks "as")"));
    CHECK(mentions(
        told(R"({"repeat": 1, "as": "i", "steps": [{"task": "init", "do": "fork", "child": "w{j}"}]})"),
        "has braces that no repeat replaces"));
    CHECK(
        mentions(told(R"({"repeat": 2, "as": "i", "steps": [{"task": "init", "do": "exec", "at": "here"}]})"),
                 "another step is named"));
}

TEST_CASE("large steps many times are refused before they fill the memory", "[repeat]") {
    std::string fds;
    for (int i = 0; i < 1000; ++i)
        fds += std::string(i == 0 ? "" : ", ") + "\"f\"";
    const std::string large = R"({"expect": {"fds": {"init": [)" + fds + "]}}}";
    CHECK(mentions(told(R"({"task": "init", "do": "open", "as": "f"}, )" + nested(large, 1, "1000000")),
                   "steps of more than 32000000 values"));

    const std::string noted =
        R"({"task": "init", "do": "exec", "note": ")" + std::string(std::size_t{1} << 19, 'x');
    CHECK(mentions(told(nested(noted + "{a}\"}", 1, "1000000")), "too much text"));
    CHECK(scenario_with(nested(noted + "\"}", 1, "100000")).texts.size() == 1);
}

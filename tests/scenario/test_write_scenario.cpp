// A scenario that is written reads back as the same, or as what it was changed to.
#include "sim/scenario/write_scenario.hpp"

#include "tests/scenario/scenario_text.hpp"
#include "tests/scenario/scratch_folder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

scenario_data read_back(const std::string& text) {
    auto read = read_scenario(text, "again.json");
    INFO(text);
    if (!read)
        FAIL(to_text(read.error()));
    return std::move(*read);
}

constexpr std::string_view race = R"({"task": "init", "do": "fork", "child": "a{i}"},
    {"concurrently": [[{"task": "a{i}", "do": "exit"}], [{"task": "init", "do": "wait"}]], "seed": 1})";

std::string plain(std::string_view steps) {
    std::string text(steps);
    for (std::size_t at = text.find("{i}"); at != std::string::npos; at = text.find("{i}"))
        text.erase(at, 3);
    return text;
}

const concurrent_step& block_at(const scenario_data& s, std::size_t step) {
    return std::get<concurrent_step>(s.steps.at(step).what);
}

} // namespace

TEST_CASE("what fits into a line stands in one", "[write]") {
    CHECK(write_scenario(scenario_with(plain(race))) == R"({
  "schema": "seccomp-sim/scenario/1",
  "name": "test",
  "filters": { "watch": { "allow": 1 } },
  "steps": [
    { "task": "init", "do": "fork", "child": "a" },
    { "concurrently": [[{ "task": "a", "do": "exit" }], [{ "task": "init", "do": "wait" }]], "seed": 1 }
  ]
}
)");
}

TEST_CASE("a schedule is written into its block", "[write]") {
    const auto s = scenario_with(plain(race));
    scenario_changes changes;
    changes.name = "found";
    changes.source = "exploration";
    changes.violates = invariant::hup_true;
    changes.set = std::vector<choice_setting>{parse_choice_setting("release=exit").value()};
    changes.on = "v5.9";
    changes.schedules.push_back(
        {1, {{s.names.find("a"), label("entry/call"), {}}, {scenario_data::rcu(), label("entry/call"), {}}}});
    const auto again = read_back(write_scenario(s, changes));
    CHECK(again.name == "found");
    CHECK(again.source == "exploration");
    CHECK(again.violates.at(0).which == invariant::hup_true);
    CHECK(again.set.size() == 1);
    CHECK(again.on);
    REQUIRE(block_at(again, 1).schedule);
    CHECK(block_at(again, 1).schedule->size() == 2);
    CHECK(again.name_of(block_at(again, 1).schedule->front().task) == "a");
    CHECK(block_at(again, 1).seed == 1);
}

TEST_CASE("repeats stay unless one round differs from the others", "[write]") {
    const auto s = scenario_with(R"({"repeat": 3, "as": "i", "on": [">=v5.9", "patch-v2"], "steps": [)" +
                                 std::string(race) + R"(, {"expect": {"warnings": 0}, "on": "live=yes"}]})");
    CHECK(write_scenario(s).find("\"repeat\": 3") != std::string::npos);

    scenario_changes changes;
    changes.schedules.push_back({4, {{s.names.find("a2"), label("entry/call"), {}}}});
    const auto again = read_back(write_scenario(s, changes));
    REQUIRE(again.steps.size() == 9);
    CHECK(again.names.all() == s.names.all());
    CHECK_FALSE(block_at(again, 1).schedule);
    CHECK(block_at(again, 4).schedule);
    for (std::uint8_t preset = 0; preset < all_presets().size(); ++preset)
        for (std::size_t step = 0; step < s.steps.size(); ++step)
            CHECK(applicability(s, choose(preset))(s.steps[step].info.on) ==
                  applicability(again, choose(preset))(again.steps[step].info.on));

    changes.schedules.clear();
    changes.steps = 5;
    CHECK(read_back(write_scenario(s, changes)).steps.size() == 5);
}

TEST_CASE("profiles of other files are written as programs", "[write]") {
    const scratch_folder folder;
    folder.write("p.profile", R"({"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG"],
                                  "syscalls": [{"names": ["getppid"], "action": "SCMP_ACT_ERRNO"}]})");
    folder.write(
        "s.json",
        scenario_text(
            R"({"repeat": 2, "as": "i", "steps": [{"task": "init", "do": "seccomp", "filter": "p"}]})",
            R"("filters": {"p": {"file": "p.profile"}}, )"));
    const auto s = read_scenario_file(folder / "s.json");
    REQUIRE(s);
    const auto again = read_back(write_scenario(*s));
    REQUIRE(again.filters.size() == 1);
    CHECK(std::ranges::equal(again.filters[0].program.classic(), s->filters[0].program.classic()));
    CHECK(call_at(again, 1).asked.flags == install_flag::log);
    CHECK(call_at(again, 1).asked.flags == call_at(*s, 1).asked.flags);
}

TEST_CASE("strings survive", "[write]") {
    const auto s = scenario_with(R"({"task": "init", "do": "exec", "note": "\"\\ \u0001 ä {i}"})",
                                 R"("seed": 18446744073709551615, )");
    const auto again = read_back(write_scenario(s));
    CHECK(again.text_of(again.steps[0].info.note) == s.text_of(s.steps[0].info.note));
    CHECK(again.seed == s.seed);
}

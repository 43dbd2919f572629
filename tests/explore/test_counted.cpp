// State spaces counted by hand, or by another checker, and what the model has: the grain of its steps is what
// it is said to be. How each number comes about stands in its scenario.
#include "tests/explore/slow_search.hpp"

using namespace seccomp_sim;

namespace {

struct counted {
    const char* file;
    const char* preset;
    slow_count is;
};

} // namespace

TEST_CASE("State spaces are as large as a hand counts them", "[explore]") {
    const auto expected = GENERATE(values<counted>({
        {"two-calls", "v6.15", {9, 12, 0}},
        {"three-calls", "v6.15", {27, 54, 0}},
        {"lock", "v6.15", {28, 42, 0}},
        {"shared-table", "v6.15", {40, 64, 0}},
        // as SPIN counts them on bench/peers/tsync_exit.pml with -DNOREDUCE
        {"tsync-exit-1", "patch-v2", {349, 631, 0}},
        {"tsync-exit-2", "patch-v2", {9396, 24758, 0}},
    }));
    INFO(expected.file);
    const auto s =
        scenario::read_scenario_file("tests/explore/counted/" + std::string(expected.file) + ".json").value();
    const auto on = scenario::choose(scenario::parse_preset(expected.preset).value(), s.set);
    const slow_count found = search_slowly(begin_block(s, on));
    CHECK(found.states == expected.is.states);
    CHECK(found.steps == expected.is.steps);
    CHECK(found.violations == expected.is.violations);
}

TEST_CASE("TSYNC and release_task of the patch as posted both take a dead thread's live", "[explore]") {
    auto s = scenario::read_scenario_file("tests/explore/counted/tsync-exit-1.json").value();
    s.set.clear();
    const auto on = scenario::choose(scenario::parse_preset("patch-v2").value());
    CHECK(search_slowly(begin_block(s, on)).violations > 0);
}

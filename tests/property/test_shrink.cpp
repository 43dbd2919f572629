// The shrinker: what is left still fails, and is as short as it can be.
#include "sim/property/random_scenario.hpp"
#include "sim/property/shrink.hpp"

#include "sim/replay/run.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <catch2/catch.hpp>

using namespace seccomp_sim;

namespace {

bool breaks(const scenario::scenario& s, const scenario::chosen_kernel& on, invariant which) {
    replay::run r(s, on);
    while (const auto step = r.next())
        if (!*step)
            return false;
    for (const violation& v : r.violations())
        if (v.which == which)
            return true;
    return false;
}

scenario::scenario read(std::string_view text) {
    return scenario::value_or_throw(scenario::read_scenario(text, "test"));
}

constexpr std::uint8_t v5_9 = 2;

} // namespace

TEST_CASE("a list shrinks to what its failure needs") {
    std::vector<int> list;
    for (int i = 0; i < 1000; ++i)
        list.push_back(i);
    const auto has_both = [](const std::vector<int>& l) {
        return std::find(l.begin(), l.end(), 17) != l.end() && std::find(l.begin(), l.end(), 870) != l.end();
    };
    CHECK(property::shrink_list(list, has_both));
    CHECK(list == std::vector<int>{17, 870});
    CHECK(!property::shrink_list(list, has_both));
}

TEST_CASE("a scenario that leaks shrinks to the steps that leak") {
    const scenario::scenario failing = read(R"({
      "schema": "seccomp-sim/scenario/1", "name": "leak",
      "filters": {"watch": {"defaultAction": "SCMP_ACT_ALLOW"}, "other": {"defaultAction": "SCMP_ACT_ALLOW"}},
      "steps": [
        {"task": "init", "do": "fork", "child": "a", "returns": "ok"},
        {"repeat": 3, "as": "i", "steps": [{"task": "init", "do": "fork", "child": "b{i}"}]},
        {"task": "b1", "do": "seccomp", "filter": "other", "flags": ["LOG"]},
        {"task": "b2", "do": "open", "as": "f"},
        {"task": "a", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"},
        {"task": "b2", "do": "exit"},
        {"task": "init", "do": "wait"},
        {"concurrently": [[{"task": "a", "do": "fork", "child": "c"}, {"task": "a", "do": "open", "as": "g"}],
                          [{"task": "b3", "do": "open", "as": "h"}, {"task": "b3", "do": "kill", "to": "a", "signal": "SIGKILL"}]],
         "schedule": ["b3: open/before-install", "a: copy_process/before-alloc-pid", "b3: entry/call", "b3: kill/siglock"]},
        {"task": "init", "do": "wait"}
      ]})");
    const scenario::chosen_kernel on = scenario::choose(v5_9);
    const auto judge = [&](const scenario::scenario& s) { return breaks(s, on, invariant::live_exact); };
    REQUIRE(judge(failing));
    property::shrink_options options;
    options.on = on;
    const auto shrunk = property::shrink(failing, judge, options);
    CHECK(judge(shrunk.smallest));
    CHECK(shrunk.smallest.steps.size() <= 4);
    CHECK(shrunk.smallest.filters.size() == 1);
}

TEST_CASE("what no smaller scenario shows stays as it was") {
    const scenario::scenario s = read(R"({
      "schema": "seccomp-sim/scenario/1", "name": "short",
      "steps": [{"task": "init", "do": "fork", "child": "a", "returns": "ok"}]})");
    const auto shrunk = property::shrink(s, [](const scenario::scenario&) { return false; });
    CHECK(shrunk.smallest.steps.size() == 1);
    CHECK(shrunk.smallest.steps.front().info.where);
}

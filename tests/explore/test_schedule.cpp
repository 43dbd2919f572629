// A schedule that was taken leads to the same steps again, also where it stops at the start of a call.
#include "sim/replay/schedule.hpp"

#include "sim/scenario/schedule_text.hpp"
#include "sim/scenario/write_scenario.hpp"
#include "tests/explore/example.hpp"

#include <catch2/catch.hpp>

namespace seccomp_sim::replay {
namespace {

std::vector<std::pair<name_id, label_id>> steps_of(const scenario::scenario& s,
                                                   const scenario::chosen_kernel& on, std::uint64_t seed) {
    std::vector<std::pair<name_id, label_id>> steps;
    run_options o;
    o.seed = seed;
    o.after_pass = [&](const kernel&, const pass& p) { steps.emplace_back(p.who, p.label); };
    run r(s, on, o);
    while (auto step = r.next())
        scenario::value_or_throw(std::move(*step));
    return steps;
}

TEST_CASE("a schedule made of the steps of a run repeats them", "[replay]") {
    const auto s = explore::tsync_while_threads_exit(2);
    const auto on = explore::kernel_named("v6.11");
    std::size_t block = 0;
    while (!std::holds_alternative<scenario::concurrent_step>(s.steps[block].what))
        ++block;
    bool starts = false;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto taken = steps_of(s, on, seed);
        std::vector<pass> passes;
        for (const auto& [who, label] : taken)
            passes.push_back({who, label});
        scenario::scenario_changes changes;
        changes.schedules.push_back({block, schedule_of(passes)});
        const std::string text = scenario::write_scenario(s, changes);
        starts = starts || text.find(": start\"") != std::string::npos;
        CHECK(steps_of(explore::scenario_of(text), on, 99) == taken);
    }
    CHECK(starts);
}

TEST_CASE("a stretch of one task is as many entries as it passes its last label", "[replay]") {
    const name_id a{2};
    const name_id b{3};
    const label_id x = label("do_exit/before-exiting");
    const label_id y = label("do_exit/exit-notify");
    const std::vector<pass> steps = {{a, 0}, {b, x}, {a, x}, {a, y}, {a, x}, {b, 0}};
    const auto entries = schedule_of(steps);
    REQUIRE(entries.size() == 5);
    CHECK((entries[0].task == a && entries[0].label == 0));
    CHECK((entries[1].task == b && entries[1].label == x));
    CHECK((entries[2].task == a && entries[2].label == x));
    CHECK((entries[3].task == a && entries[3].label == x));
    CHECK((entries[4].task == b && entries[4].label == 0));
    CHECK(schedule_of({}).empty());
}

TEST_CASE("what steps expect can be left out of a scenario, and single steps too", "[scenario]") {
    const auto s = explore::tsync_while_threads_exit(1);
    scenario::scenario_changes changes;
    changes.expectations = false;
    changes.left_out = {0, 1};
    const std::string text = scenario::write_scenario(s, changes);
    CHECK(text.find("returns") == std::string::npos);
    CHECK(text.find("expect") == std::string::npos);
    CHECK(text.find("\"flags\"") != std::string::npos);
    changes.steps = 5; // the bystander's exit comes later
    const auto small = explore::scenario_of(scenario::write_scenario(s, changes));
    CHECK(small.steps.size() == 3);
}

} // namespace
} // namespace seccomp_sim::replay

// The generator: what it makes can be said as a scenario, replays, and does the same again.
#include "sim/property/random_scenario.hpp"

#include "seccomp_sim/errno_name.hpp"
#include "sim/replay/run.hpp"
#include "sim/scenario/write_scenario.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace seccomp_sim;

namespace {

scenario::chosen_kernel kernel_of(std::uint8_t preset) {
    return scenario::choose(preset);
}

property::random_options with_blocks(std::uint32_t percent) {
    property::random_options options;
    options.calls.block_percent = percent;
    return options;
}

/// The invariants that a replay breaks. Fails on a step that cannot be asked for.
std::vector<std::string> violations_of_replay(const scenario::scenario& s,
                                              const scenario::chosen_kernel& on) {
    replay::run r(s, on);
    while (const auto step = r.next()) {
        INFO((step->has_value() ? std::string() : to_text(step->error())));
        REQUIRE(step->has_value());
    }
    std::vector<std::string> out;
    for (const violation& v : r.violations())
        out.push_back(v.message);
    return out;
}

} // namespace

TEST_CASE("a random scenario can be replayed on the kernel it was made for") {
    for (std::uint8_t preset = 0; preset < all_presets().size(); ++preset)
        for (std::uint64_t seed = 1; seed <= 30; ++seed) {
            INFO("preset " << all_presets()[preset].name << ", seed " << seed);
            const auto on = kernel_of(preset);
            violations_of_replay(property::random_scenario(on, with_blocks(seed % 3 == 0 ? 40 : 0), seed),
                                 on);
        }
}

TEST_CASE("the same seed makes the same scenario") {
    const auto on = kernel_of(4);
    const auto text = [&](std::uint64_t seed) {
        return scenario::write_scenario(property::random_scenario(on, with_blocks(30), seed));
    };
    CHECK(text(7) == text(7));
    CHECK(text(7) != text(8));
}

TEST_CASE("a replay of what was made comes to the same state, schedules included") {
    for (std::uint8_t preset = 0; preset < all_presets().size(); ++preset)
        for (std::uint64_t seed = 1; seed <= 40; ++seed) {
            INFO("preset " << all_presets()[preset].name << ", seed " << seed);
            const revision& rev = all_presets()[preset].choices;
            property::random_source choices(seed);
            const auto made = property::make_history(rev, with_blocks(50), choices);
            property::execution first(rev);
            property::execution second(rev);
            for (const property::planned_step& step : made.steps) {
                first.run_step(step);
                second.run_step(step);
            }
            CHECK(property::visible_state(first) == property::visible_state(second));
        }
}

TEST_CASE("weights choose what is made") {
    property::random_options options;
    REQUIRE(property::set_weight(options.calls.weights, "all=0"));
    REQUIRE(property::set_weight(options.calls.weights, "fork=1"));
    property::random_source choices(1);
    const auto made = property::make_history(all_presets()[0].choices, options, choices);
    CHECK(made.steps.size() >= options.calls.max_tasks - 1); // some forks fail
    CHECK(made.steps.size() < options.steps);
    for (const property::planned_step& step : made.steps)
        CHECK(step.branches.front().front().row->name == "fork");
    const auto unknown = property::set_weight(options.calls.weights, "frok=1");
    REQUIRE(!unknown);
    CHECK(unknown.error().hint.find("\"fork\"") != std::string::npos);
    CHECK(!property::set_weight(options.calls.weights, "fork=many"));
    CHECK(!property::set_weight(options.calls.weights, "fork"));
}

TEST_CASE("every kind of call is made") {
    property::random_options options;
    options.steps = 4000;
    std::set<std::string_view> seen;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        property::random_source choices(seed);
        for (const property::planned_step& step :
             property::make_history(all_presets()[5].choices, options, choices).steps)
            seen.insert(step.branches.front().front().row->name);
    }
    for (const std::string_view kind : property::call_kinds())
        CHECK(seen.count(kind) == 1);
}

TEST_CASE("every choice is enumerated once") {
    property::every_choice all;
    std::set<std::vector<std::uint32_t>> seen;
    do {
        std::vector<std::uint32_t> taken{all.below(2)};
        if (taken[0] == 1)
            taken.push_back(all.below(3));
        CHECK(seen.insert(taken).second);
    } while (all.advance());
    CHECK(seen.size() == 4);
}

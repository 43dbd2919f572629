// Stateful properties: whatever tasks do, on every kernel, the invariants hold and a naive oracle agrees.
#include "tests/property/commands.hpp"
#include "tests/property/naive_oracle.hpp"

#include "sim/property/known_defects.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

using namespace seccomp_sim;
using property::any_commands;
using property::commanded_story;

namespace {

void holds_on(const preset& on, std::uint32_t block_percent) {
    property::generator_options options;
    options.block_percent = block_percent;
    commanded_story story(on.choices, options);
    for (const property::command& c : *any_commands()) {
        story.obey(c);
        const kernel& k = story.world.k;
        const bool broken = !k.violations.empty();
        const bool expected =
            broken && !property::known_defect(on.choices, k.violations.front().which).empty();
        const std::string wrong =
            broken ? k.violations.front().message : property::disagreement(story.world.k);
        if (wrong.empty())
            continue;
        if (expected)
            return;
        RC_LOG() << wrong << "\nwritten to " << story.written("property-failure", std::string(on.name))
                 << "\n";
        RC_FAIL(std::string("the model broke an invariant, or the oracle disagrees"));
    }
}

} // namespace

TEST_CASE("whatever tasks do one after the other, counters agree with who is there") {
    for (const preset& on : all_presets())
        rc::prop(std::string(on.name), [&] { holds_on(on, 0); });
}

TEST_CASE("whatever tasks do at the same time, counters agree with who is there") {
    for (const preset& on : all_presets())
        rc::prop(std::string(on.name), [&] { holds_on(on, 60); });
}

TEST_CASE("the oracle sees what a counter gone wrong does") {
    // By hand: a filter that is in use is made to look unused.
    property::generator_options options;
    REQUIRE(property::set_weight(options.weights, "all=0"));
    for (const char* weight : {"fork=1", "seccomp=3"})
        REQUIRE(property::set_weight(options.weights, weight));
    options.errors = 0;
    property::random_source choices(5);
    property::execution world(find_preset("v6.15")->choices);
    property::generator next(options, choices);
    for (int i = 0; i < 40; ++i)
        if (property::planned_call call; next.next_call(world, call))
            world.run_call(call);
    REQUIRE(property::disagreement(world.k).empty());
    bool changed = false;
    world.k.w.open_files.for_each([&](file_id, const file& f) {
        if (f.kind != file_kind::listener || changed)
            return;
        world.k.w.filters[{f.object}].live = 0;
        changed = true;
    });
    REQUIRE(changed);
    world.k.check_invariants = false;
    CHECK(property::disagreement(world.k).find("HUP") != std::string::npos);
}

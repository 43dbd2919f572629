// Steps that are repeated instead of taken: a search must come to the same as one that takes each.
#include "sim/explore/search.hpp"
#include "sim/live/points/outcome_text.hpp"
#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/read_scenario.hpp"
#include "tests/explore/example.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>

using namespace seccomp_sim;
using namespace seccomp_sim::explore;

namespace {

search_options without_reductions() {
    search_options options;
    options.in_position.partial_order = false;
    options.in_position.symmetric = false;
    options.all_findings = true;
    options.max_states = 20000;
    return options;
}

/// What must be the same, as text.
std::string told(const search_result& r) {
    std::string all = std::to_string(r.states) + " states, " + std::to_string(r.transitions) +
                      " transitions, " + std::to_string(r.atomic_steps) + " steps, " +
                      std::to_string(r.rests) + " rests, " + std::to_string(r.cycles) + " cycles, depth " +
                      std::to_string(r.depth) + "\n";
    for (std::size_t i = 0; i < r.label_counts.size(); ++i)
        if (r.label_counts[i] != 0)
            all += std::string(label_name(static_cast<label_id>(i))) + " " +
                   std::to_string(r.label_counts[i]) + "\n";
    for (std::size_t i = 0; i < r.tested.size(); ++i)
        all += "tested " + std::to_string(i) + ": " + std::to_string(r.tested[i]) + "\n";
    for (const auto& [before, now] : r.pairs)
        all += std::to_string(before) + " then " + std::to_string(now) + "\n";
    for (const finding& f : r.findings) {
        all += f.what.message + ", " + std::to_string(f.times) + " times, by";
        for (const explore::choice c : f.way)
            all += " " + std::to_string(c);
        all += "\n";
    }
    return all;
}

std::string search_with(const scenario::scenario& s, const scenario::chosen_kernel& on,
                        search_options options, bool repeat_known) {
    options.in_position.repeat_known = repeat_known;
    return told(search(s, on, options).run());
}

} // namespace

TEST_CASE("A search that repeats known steps comes to the same as one that takes each", "[explore]") {
    const std::vector<std::string> folders{"tests/explore/counted", "scenarios/mutants", "scenarios/defects"};
    const std::vector<scenario::found_scenario> found = scenario::read_scenarios(folders).value();
    std::size_t compared = 0;
    for (const auto& [path, s] : found)
        for (const preset& p : all_presets()) {
            const scenario::chosen_kernel on = kernel_named(p.name);
            if (!scenario::applicability(s, on)(s.on) || !live::first_block(s, on))
                continue;
            CAPTURE(path, p.name);
            CHECK(search_with(s, on, without_reductions(), true) ==
                  search_with(s, on, without_reductions(), false));
            ++compared;
        }
    CHECK(compared > 100);
}

TEST_CASE("Known steps are the same with a bound on preemptions, and when they are forgotten now and then",
          "[explore]") {
    const scenario::scenario s = tsync_while_threads_exit(2);
    const scenario::chosen_kernel on = kernel_named("patch-v2");
    search_options options = without_reductions();
    SECTION("bounded") {
        options.max_preemptions = 2;
    }
    SECTION("forgotten") {
        options.in_position.most_known_bytes = 100000;
    }
    SECTION("searched for cycles") {
        options.cycles = true;
    }
    CHECK(search_with(s, on, options, true) == search_with(s, on, options, false));
}

TEST_CASE("Two workers repeat known steps, each its own", "[explore]") {
    const scenario::scenario s = tsync_while_threads_exit(2);
    search_options options = without_reductions();
    options.max_states = 0;
    const search_result one = search(s, kernel_named("patch-v2"), options).run();
    options.workers = 2;
    const search_result two = search(s, kernel_named("patch-v2"), options).run();
    CHECK(two.states == one.states);
    CHECK(two.transitions == one.transitions);
    CHECK(two.atomic_steps == one.atomic_steps);
    CHECK(two.label_counts == one.label_counts);
}

TEST_CASE("A step that depends on something unrecorded is noticed", "[explore]") {
    const scenario::scenario s = tsync_while_threads_exit(1);
    position p(s, kernel_named("patch-v2"), without_reductions().in_position);
    const auto mark = p.make_mark();
    std::vector<explore::choice> choices;
    position::foreseen ahead;
    p.candidates(choices);
    // Up to where the thread's call looks at what it was asked for.
    const auto thread = std::find_if(choices.begin(), choices.end(), [&](explore::choice c) {
        return p.model().w.tasks[task_of(c)].name == s.names.find("t0");
    });
    REQUIRE(thread != choices.end());
    choices = {*thread};
    while (label_name(p.model().waits_at(task_of(choices.front()))) != "entry/call")
        REQUIRE(p.take(choices.front(), *p.make_mark()) == position::outcome::moved);
    REQUIRE(p.take_and_remember(choices.front(), *mark) == position::outcome::moved);
    p.undo(*mark);
    const auto look_often = [&] {
        for (int n = 0; n < 5000; ++n)
            ahead = p.foresee(choices.front());
    };
    look_often();
    REQUIRE(p.is_known(ahead));
    for (request& asked : p.model().requests)
        asked.op = operation::set_no_new_privs;
    CHECK_THROWS_AS(look_often(), std::logic_error);
}

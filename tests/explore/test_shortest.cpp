// Breadth first search: its length is that of brute force, whoever shares the work, and limits are told.
#include "sim/explore/shortest.hpp"

#include "tests/explore/example.hpp"

#include <catch2/catch.hpp>

namespace seccomp_sim::explore {
namespace {

TEST_CASE("no way that is one step shorter breaks anything", "[explore]") {
    const auto on = kernel_named("patch-v2");
    const auto s = tsync_while_threads_exit(1);
    const shortest_result best = find_shortest(s, on, {});
    REQUIRE(best.found);
    CHECK(best.why == stop_reason::violation);
    CHECK(best.layers + 1 >= best.steps);
    // The depth-first search, bounded, agrees.
    search_options o;
    o.in_position = single_steps;
    o.max_depth = best.steps - 1;
    CHECK(search(s, on, o).run().findings.empty());
    const replayed_path way = replay_path(s, on, single_steps, best.found->way);
    CHECK(way.steps.size() == best.steps);
    REQUIRE_FALSE(way.violations.empty());
    std::size_t switches = 0;
    for (std::size_t i = 1; i < way.steps.size(); ++i)
        switches += way.steps[i].who != way.steps[i - 1].who ? 1U : 0U;
    CHECK(switches == best.switches);
}

TEST_CASE("two workers find the same way as one", "[explore]") {
    const auto on = kernel_named("patch-v2");
    const auto s = tsync_while_threads_exit(2);
    shortest_options two;
    two.workers = 2;
    const shortest_result a = find_shortest(s, on, {});
    const shortest_result b = find_shortest(s, on, two);
    REQUIRE(a.found);
    REQUIRE(b.found);
    CHECK(a.found->way == b.found->way);
    CHECK(a.switches == b.switches);
}

TEST_CASE("a bound and a limit are told from there being none", "[explore]") {
    const auto s = tsync_while_threads_exit(1);
    const shortest_result none = find_shortest(s, kernel_named("v6.11"), {});
    CHECK_FALSE(none.found);
    CHECK(none.why == stop_reason::exhausted);

    const shortest_result best = find_shortest(s, kernel_named("patch-v2"), {});
    shortest_options bounded;
    bounded.most_steps = best.steps - 1;
    const shortest_result shorter = find_shortest(s, kernel_named("patch-v2"), bounded);
    CHECK_FALSE(shorter.found);
    CHECK(shorter.why == stop_reason::exhausted);
    bounded.most_steps = best.steps;
    CHECK(find_shortest(s, kernel_named("patch-v2"), bounded).steps == best.steps);

    shortest_options limited;
    limited.max_states = 10;
    const shortest_result stopped = find_shortest(s, kernel_named("patch-v2"), limited);
    CHECK_FALSE(stopped.found);
    CHECK(stopped.why == stop_reason::states);
    CHECK(stopped.layers < best.steps);
}

} // namespace
} // namespace seccomp_sim::explore

// Counterexamples as scenario files: they replay, they are small, and their story says what broke.
#include "sim/explore/counterexample.hpp"

#include "sim/explore/shortest.hpp"
#include "sim/replay/run.hpp"
#include "tests/explore/example.hpp"

#include <catch2/catch.hpp>

namespace seccomp_sim::explore {
namespace {

/// What `run` makes of it.
std::vector<replay::failure> failures_of(const scenario::scenario& s, const scenario::chosen_kernel& on,
                                         std::vector<violation>& violations) {
    replay::run r(s, on);
    std::vector<replay::failure> failures;
    while (auto step = r.next()) {
        const replay::step_report report = scenario::value_or_throw(std::move(*step));
        failures.insert(failures.end(), report.failures.begin(), report.failures.end());
    }
    const auto rest = r.finish();
    failures.insert(failures.end(), rest.begin(), rest.end());
    violations = r.violations();
    return failures;
}

void must_replay(const std::string& text, const scenario::chosen_kernel& on, invariant which) {
    const scenario::scenario written = scenario_of(text);
    REQUIRE(scenario::applicability(written, on).violation_of(written) == which);
    std::vector<violation> violations;
    CHECK(failures_of(written, on, violations).empty());
    CHECK(std::any_of(violations.begin(), violations.end(), [&](const auto& v) { return v.which == which; }));
}

std::size_t tasks_born(const scenario::scenario& s) {
    return static_cast<std::size_t>(
        std::count_if(s.steps.begin(), s.steps.end(), [](const scenario::step& step) {
            const auto* call = std::get_if<scenario::call_step>(&step.what);
            return call != nullptr && call->asked.child;
        }));
}

TEST_CASE("the posted patch's defect is written as it was found, and replays", "[explore]") {
    const auto on = kernel_named("patch-v2");
    const auto s = tsync_while_threads_exit(2);
    for (const bool partial_order : {true, false}) {
        counterexample_options o;
        o.in_position.partial_order = partial_order;
        o.in_position.symmetric = partial_order;
        o.minimise = false;
        const finding f = found_in(s, on, invariant::live_exact, o.in_position);
        const written_counterexample c = make_counterexample(s, on, f, o);
        must_replay(c.text, on, invariant::live_exact);
        CHECK(c.length >= f.way.size());
        CHECK(tasks_born(scenario_of(c.text)) == 4);
    }
}

TEST_CASE("a counterexample is minimised: steps, tasks and filters that do not matter are gone",
          "[explore]") {
    const auto on = kernel_named("patch-v2");
    const auto s = tsync_while_threads_exit(2);
    const finding f = found_in(s, on, invariant::live_exact, {});
    counterexample_options as_found;
    as_found.minimise = false;
    const written_counterexample first = make_counterexample(s, on, f, as_found);
    const written_counterexample c = make_counterexample(s, on, f);
    must_replay(c.text, on, invariant::live_exact);
    const scenario::scenario small = scenario_of(c.text);
    CHECK(tasks_born(small) <= 2);
    CHECK(small.filters.size() <= 2);
    CHECK(c.length < first.length);
    CHECK(c.switches >= 1);
    CHECK(c.switches <= 3);
    // The same every time.
    CHECK(make_counterexample(s, on, f).text == c.text);
}

TEST_CASE("with `shortest`, no schedule of the whole scenario is shorter", "[explore]") {
    const auto on = kernel_named("patch-v2");
    const auto s = tsync_while_threads_exit(1);
    counterexample_options o;
    o.shortest = true;
    const written_counterexample c =
        make_counterexample(s, on, found_in(s, on, invariant::live_exact, {}), o);
    CHECK(c.shortest);
    shortest_options exact;
    exact.which = invariant::live_exact;
    const shortest_result best = find_shortest(s, on, exact);
    REQUIRE(best.found);
    CHECK(c.length == best.steps);
}

TEST_CASE("the story has a column for each task, a line for each step, and the message", "[explore]") {
    const auto on = kernel_named("patch-v2");
    const auto s = tsync_while_threads_exit(1);
    const finding f = found_in(s, on, invariant::live_exact, {});
    for (const std::size_t width : {100U, 160U}) {
        counterexample_options o;
        o.story.width = width;
        const written_counterexample c = make_counterexample(s, on, f, o);
        INFO(c.story);
        CHECK(c.story.find("worker") != std::string::npos);
        CHECK(c.story.find("t0") != std::string::npos);
        CHECK(c.story.find("what changes") != std::string::npos);
        CHECK(c.story.find("live-exact is broken: ") != std::string::npos);
        CHECK(c.story.find("\n" + std::string(c.length < 10 ? 3 : 2, ' ') + std::to_string(c.length) +
                           "  ") != std::string::npos);
        CHECK(c.story.find('\x1b') == std::string::npos);
        for (std::size_t begin = 0; begin < c.story.size();) {
            const std::size_t end = std::min(c.story.find('\n', begin), c.story.size());
            CHECK(end - begin <= width);
            begin = end + 1;
        }
        CHECK(c.dot.find("before the step") != std::string::npos);
        CHECK(c.dot.find("after the step") != std::string::npos);
    }
    counterexample_options painted;
    painted.story.colour = true;
    CHECK(make_counterexample(s, on, f, painted).story.find("\x1b[") != std::string::npos);
}

} // namespace
} // namespace seccomp_sim::explore

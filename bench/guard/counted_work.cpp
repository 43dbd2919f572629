// What the guard counts instructions of: `counted_work walk DESIGN DEPTH`, 64 exits from chains of that
// depth; `counted_work replay FILE`, one replay of a scenario; and `counted_work churn checked|unchecked`,
// calls of containers that come and go, with the invariants or without. Counting is on in the functions named
// counted_* only (callgrind's --toggle-collect).
#include "bench/churn/containers.hpp"
#include "bench/walk/chains.hpp"
#include "bench/walk/designs.hpp"

#include "sim/replay/run.hpp"
#include "sim/scenario/constraint.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace seccomp_sim::bench {
namespace {

constexpr std::size_t exits = 64;
constexpr std::int64_t churn_events = 10'000; ///< instructions.sh divides by it

int fail(const std::string& message) {
    std::cerr << "counted_work: " << message << "\n";
    return 2;
}

} // namespace

template <design D>
[[gnu::noinline]] void counted_walk(std::span<real_filter* const> leaves, task_list& nobody) {
    for (real_filter* leaf : leaves)
        exit_task<D>(leaf, nobody, nullptr);
    for (real_filter* leaf : leaves)
        free_task<D>(leaf);
}

[[gnu::noinline]] void counted_churn(churn& workload) {
    workload.run(workload.events + churn_events);
}

/// How many steps failed.
[[gnu::noinline]] std::size_t counted_replay(replay::run& r) {
    std::size_t failures = 0;
    while (const auto step = r.next())
        failures += *step ? (*step)->failures.size() : 1;
    return failures + r.finish().size();
}

namespace {

int walk(std::string_view name, std::size_t depth) {
    const auto found = std::find(std::begin(design_names), std::end(design_names), name);
    if (found == std::end(design_names) || depth == 0)
        return fail("expected a design and a depth from 1 on");
    arena memory(exits * depth);
    chains all(memory, exits, depth, waiters::nobody);
    task_list nobody;
    with_design(static_cast<design>(found - std::begin(design_names)),
                [&]<design D>() { counted_walk<D>(all.leaves(), nobody); });
    for (const real_filter* f : all.filters())
        if (f->usage.load() > 1)
            return fail("a filter was not let go of");
    return 0;
}

int replay_file(const std::string& path) {
    const auto script = scenario::read_scenario_file(path);
    if (!script)
        return fail("cannot read " + path);
    replay::run r(*script, scenario::choose(static_cast<std::uint8_t>(all_presets().size() - 1)));
    return counted_replay(r) == 0 ? 0 : fail("the replay did not hold");
}

int churn_containers(bool invariants) {
    churn workload("v6.15", invariants);
    workload.run(churn_events); // until each index that is used was used before
    counted_churn(workload);
    return workload.k.violations.empty() ? 0 : fail(workload.k.violations.front().message);
}

} // namespace
} // namespace seccomp_sim::bench

int main(int argc, char** argv) {
    using namespace seccomp_sim::bench;
    if (argc == 4 && std::strcmp(argv[1], "walk") == 0)
        return walk(argv[2], std::strtoul(argv[3], nullptr, 10));
    if (argc == 3 && std::strcmp(argv[1], "replay") == 0)
        return replay_file(argv[2]);
    if (argc == 3 && std::strcmp(argv[1], "churn") == 0)
        return churn_containers(std::strcmp(argv[2], "checked") == 0);
    return fail("usage: counted_work walk DESIGN DEPTH | replay FILE | churn checked|unchecked");
}

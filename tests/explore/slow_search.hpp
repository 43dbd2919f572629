// A second search of a scenario's first block, slow and plain: breadth first over copies of the kernel, every
// task that can move, no reductions, no scheduler in common with any other code. What others count is held
// against it.
#pragma once

#include "kernel-model/task_table.hpp"
#include "sim/replay/run.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace seccomp_sim {

struct slow_count {
    std::uint64_t states = 0;
    std::uint64_t steps = 0; ///< atomic ones, from all states
    std::uint64_t violations = 0;

    friend bool operator==(const slow_count&, const slow_count&) = default;
};

/// A world by what makes a difference later: stacks count with their tasks, whatever places they have in
/// their table, and not whether the last look at a lock was in vain.
inline std::uint64_t fingerprint(const world& w) {
    mixer mix;
    w.for_each_table([&](const auto& table) {
        using of = std::remove_cvref_t<decltype(table)>;
        if constexpr (!std::is_same_v<of, decltype(world::tasks)> &&
                      !std::is_same_v<of, decltype(world::stacks)>)
            table.hash(mix);
    });
    w.tasks.for_each([&](task_id t, const task& record) {
        task known = record;
        known.call = none;
        mix(&t, sizeof t);
        mix(&known, sizeof known);
        if (!record.call)
            return;
        call_stack calls = w.stacks[record.call];
        calls.blocked = 0;
        mix(&calls, sizeof calls);
    });
    const world_globals& globals = w;
    mix(&globals, sizeof globals);
    return mix.value();
}

/// The kernel at the beginning of the first block, each branch's only call asked for.
inline kernel begin_block(const scenario::scenario& s, const scenario::chosen_kernel& on) {
    replay::run prefix(s, on);
    for (const scenario::step& step : s.steps) {
        const auto* block = std::get_if<scenario::concurrent_step>(&step.what);
        if (!block) {
            REQUIRE(*prefix.next());
            continue;
        }
        kernel k = prefix.model();
        k.watch = nullptr;
        k.preemptive = true;
        for (const auto& branch : block->branches) {
            REQUIRE(branch.size() == 1);
            k.requests.push_back(branch[0].call.asked);
            k.start(find_task(k, branch[0].call.task), {static_cast<index_type>(k.requests.size() - 1)});
        }
        return k;
    }
    FAIL("a scenario without a block");
    return kernel(on.choices);
}

/// Counts all states, and all steps from one to another.
inline slow_count search_slowly(kernel first) {
    slow_count count;
    std::unordered_set<std::uint64_t> seen{fingerprint(first.w)};
    std::deque<kernel> queue;
    queue.push_back(std::move(first));
    while (!queue.empty()) {
        const kernel here = std::move(queue.front());
        queue.pop_front();
        std::vector<task_id> movers;
        here.w.tasks.for_each([&](task_id t, const task&) {
            if (here.can_run(t))
                movers.push_back(t);
        });
        for (const task_id t : movers) {
            kernel next = here;
            next.violations.clear();
            if (next.resume(t) == step::blocked)
                continue;
            ++count.steps;
            count.violations += next.violations.size();
            if (seen.insert(fingerprint(next.w)).second)
                queue.push_back(std::move(next));
        }
    }
    count.states = seen.size();
    return count;
}

} // namespace seccomp_sim

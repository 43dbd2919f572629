// How fast the kernel model runs, and how much memory its tasks take: a generated workload of containers that
// come and go, through the same calls that a replay makes, with the invariants on and off.
#include "bench/churn/containers.hpp"

#include <benchmark/benchmark.h>

#include <malloc.h>
#include <string>

namespace seccomp_sim::bench {
namespace {

constexpr std::string_view presets[] = {"v5.0", "patch-v2", "v5.9", "v6.2", "v6.11", "v6.15"};

void container_churn(benchmark::State& state, std::string_view preset, bool invariants) {
    std::int64_t events = 0;
    for (auto _ : state) {
        churn workload(preset, invariants);
        workload.run(state.range(0));
        events += workload.events;
        if (!workload.k.violations.empty())
            state.SkipWithError(workload.k.violations.front().message.c_str());
    }
    state.SetItemsProcessed(events);
    state.SetComplexityN(state.range(0));
}

/// What the allocator has handed out, in bytes.
double allocated() {
    const struct mallinfo2 info = mallinfo2();
    return static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd);
}

/// A million tasks alive at once, each under its parent's filter.
void memory_of_live_tasks(benchmark::State& state) {
    for (auto _ : state) {
        const double before = allocated();
        churn workload("v6.15", true);
        const task_id parent = workload.fork(workload.init());
        workload.attach(parent);
        for (std::int64_t i = 0; i < state.range(0); ++i)
            workload.fork(parent);
        state.counters["bytes_a_task"] =
            (allocated() - before) / static_cast<double>(workload.k.w.tasks.count());
        if (!workload.k.violations.empty())
            state.SkipWithError(workload.k.violations.front().message.c_str());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

/// Filters of one instruction up to the path limit, then one task more and all of it let go.
void chain_at_the_path_limit(benchmark::State& state) {
    std::int64_t filters = 0;
    for (auto _ : state) {
        churn workload("v6.15", true);
        const task_id task = workload.fork(workload.init());
        filters = -1;
        while (workload.k.w.tasks[task].filter_count > filters) { // until one is refused
            filters = workload.k.w.tasks[task].filter_count;
            workload.attach(task);
        }
        const task_id child = workload.fork(task);
        workload.exit(task);
        workload.wait(workload.init());
        workload.exit(child);
        workload.wait(workload.init());
        if (workload.k.w.filters.count() != 0 || !workload.k.violations.empty())
            state.SkipWithError("the chain was not let go");
    }
    state.counters["filters"] = static_cast<double>(filters);
}

/// A thread group that gets a filter by TSYNC and then dies.
void tsync_of_a_large_group(benchmark::State& state) {
    for (auto _ : state) {
        churn workload("v6.15", true);
        const task_id leader = workload.fork(workload.init());
        const request_id thread = workload.add(operation::fork);
        workload.k.requests[thread.value].flags = clone_flag::vm | clone_flag::files | clone_flag::thread;
        for (std::int64_t i = 1; i < state.range(0); ++i)
            workload.call(leader, thread);
        const request_id sync = workload.add(operation::seccomp);
        workload.k.requests[sync.value].value = 1;
        workload.k.requests[sync.value].program = {0};
        workload.k.requests[sync.value].flags = install_flag::tsync;
        for (int i = 0; i < 3; ++i)
            workload.call(leader, sync);
        if (workload.k.w.filters[workload.k.w.tasks[leader].filter].usage != state.range(0))
            state.SkipWithError("not every thread got the filter");
        workload.exit(leader);
        workload.wait(workload.init());
        if (workload.k.w.filters.count() != 0 || !workload.k.violations.empty())
            state.SkipWithError("the group was not let go");
    }
    state.SetComplexityN(state.range(0));
}

void register_all() {
    for (const std::string_view preset : presets)
        for (const bool invariants : {true, false}) {
            const std::string name =
                "churn/" + std::string(preset) + (invariants ? "/invariants" : "/no_invariants");
            auto* churn_bench = benchmark::RegisterBenchmark(
                name.c_str(), [=](benchmark::State& state) { container_churn(state, preset, invariants); });
            churn_bench->Unit(benchmark::kMillisecond);
            if (preset == "v6.15")
                churn_bench->RangeMultiplier(10)->Range(10'000, 10'000'000)->Complexity(benchmark::oN);
            else
                churn_bench->Arg(1'000'000);
        }
    benchmark::RegisterBenchmark("memory_of_live_tasks", memory_of_live_tasks)
        ->Arg(1'000'000)
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark("chain_at_the_path_limit", chain_at_the_path_limit)
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark("tsync_of_a_large_group", tsync_of_a_large_group)
        ->RangeMultiplier(10)
        ->Range(100, 10'000)
        ->Complexity(benchmark::oN)
        ->Unit(benchmark::kMillisecond);
}

} // namespace
} // namespace seccomp_sim::bench

int main(int argc, char** argv) {
    seccomp_sim::bench::register_all();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}

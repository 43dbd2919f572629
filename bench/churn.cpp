// How fast the kernel model runs, and how much memory its tasks take: a generated workload of containers that
// come and go, through the same calls that a replay makes, with the invariants on and off.
#include "seccomp_sim/kernel.hpp"

#include <benchmark/benchmark.h>

#include <malloc.h>
#include <string>

namespace seccomp_sim {
namespace {

/// Containers of a few processes each: an entrypoint that attaches a filter and forks workers, which exit and
/// are reaped; then the entrypoint goes too. Some containers' last worker outlives its entrypoint and is
/// reaped by init. An event is one system call that changes a task's life or its filter.
class churn {
  public:
    static constexpr int containers = 64; ///< at the same time
    static constexpr int workers = 4;     ///< of a container

    explicit churn(std::string_view preset, bool invariants) : k(find_preset(preset)->choices) {
        k.check_invariants = invariants;
        init_ = k.make_init({});
        k.programs.emplace_back(std::vector<sock_filter>{{0x06, 0, 0, action_allow}});
        fork_ = add(operation::fork);
        exit_ = add(operation::exit_group);
        wait_ = add(operation::wait);
        attach_ = add(operation::seccomp);
        k.requests[attach_.value].value = 1; // SECCOMP_SET_MODE_FILTER
        k.requests[attach_.value].program = {0};
    }

    kernel k;

    request_id add(operation op) {
        request r;
        r.op = op;
        k.requests.push_back(r);
        return {static_cast<index_type>(k.requests.size() - 1)};
    }
    void call(task_id who, request_id what) {
        k.start(who, what);
        k.run_to_rest();
        ++events;
    }
    /// A child; the greatest pid is the newest.
    task_id fork(task_id parent) {
        call(parent, fork_);
        const thread_group& group = k.group_of(parent);
        const group_id newest = k.w.groups[group.first_child].prev_sibling;
        return k.w.groups[newest].leader;
    }
    void attach(task_id who) { call(who, attach_); }
    void exit(task_id who) { call(who, exit_); }
    void wait(task_id who) { call(who, wait_); }
    task_id init() const { return init_; }

    /// Starts containers and ends the oldest ones until so many events have passed.
    void run(std::int64_t until) {
        while (events < until) {
            const std::size_t slot = started_++ % containers;
            if (slots_[slot].entrypoint)
                stop(slots_[slot]);
            start(slots_[slot]);
        }
    }

    std::int64_t events = 0;

  private:
    struct container {
        task_id entrypoint;
        task_id left; ///< the worker that is still there
    };

    void start(container& c) {
        c.entrypoint = fork(init_);
        attach(c.entrypoint);
        for (int i = 1; i < workers; ++i) {
            const task_id worker = fork(c.entrypoint);
            attach(worker);
            exit(worker);
            wait(c.entrypoint);
        }
        c.left = fork(c.entrypoint);
    }
    void stop(container& c) {
        const bool daemon = started_ % 3 == 0;
        if (!daemon) {
            exit(c.left);
            wait(c.entrypoint);
        }
        exit(c.entrypoint);
        wait(init_);
        if (daemon) {
            exit(c.left);
            wait(init_);
        }
    }

    task_id init_;
    request_id fork_, exit_, wait_, attach_;
    container slots_[containers];
    std::uint64_t started_ = 0;
};

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
} // namespace seccomp_sim

int main(int argc, char** argv) {
    seccomp_sim::register_all();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}

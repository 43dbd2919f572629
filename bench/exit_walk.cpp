// What the walk up the filter chain costs a dying task: ns a level over the depth of the chain, for a walk to
// the root and one that stops at once, hot and cold, with and without waiters, in each design; and the floors
// beside it. bench/README.md says what each name means.
#include "bench/walk/chains.hpp"
#include "bench/walk/designs.hpp"
#include "bench/walk/exits_at_once.hpp"
#include "bench/walk/floors.hpp"
#include "bench/walk/stopwatch.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

namespace seccomp_sim::bench {
namespace {

constexpr std::int64_t path_limit = 3641; ///< filters of one instruction that fit on a path
constexpr std::int64_t hot_levels = 256;  ///< what a first-level cache holds
constexpr std::int64_t cold_levels = 4096;
constexpr int repetitions = 5;
constexpr std::size_t scanned_tasks = 64;

/// Real exits are far apart: none begins to load while the one before still waits for memory.
void drain_pipeline() {
#if defined(__x86_64__)
    __builtin_ia32_lfence();
#else
    std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

enum class reach : std::uint8_t { full, stop };
enum class cache : std::uint8_t { hot, cold };

struct setting {
    design how = design::upstream;
    reach to = reach::full;
    cache where = cache::hot;
    waiters who = waiters::nobody;
};

std::string name_of(const setting& s) {
    static constexpr std::string_view waiter_names[] = {"nobody", "poller", "epoll_1000"};
    std::string name = "walk/";
    name += design_names[static_cast<std::size_t>(s.how)];
    name += s.to == reach::full ? "/full" : "/stop";
    name += s.where == cache::hot ? "/hot/" : "/cold/";
    return name += waiter_names[static_cast<std::size_t>(s.who)];
}

/// The other tasks of the system, each under a filter of its own, for the design that looks at them.
class bystanders {
  public:
    bystanders() : filters_(scanned_tasks), slots_(scanned_tasks) {
        for (std::size_t i = 0; i < scanned_tasks; ++i)
            slots_[i].store(&filters_[i]);
        tasks.filters = slots_;
    }
    task_list tasks;

  private:
    std::vector<real_filter> filters_;
    std::vector<std::atomic<real_filter*>> slots_;
};

/// One setting at one depth: batches of exits from chains that are reset, or still cold, alternating with
/// batches of the floor, so that both meet the same machine.
class walk_bench {
  public:
    walk_bench(const setting& s, std::int64_t depth)
        : s_(s), depth_(static_cast<std::size_t>(depth)),
          batch_(static_cast<std::size_t>(chains_a_batch(s, depth))), memory_(memory_size()),
          chains_(memory_, s.where == cache::hot ? batch_ : memory_.size() / depth_, depth_, s.who) {
        if (s.to == reach::stop)
            chains_.share_leaves(exits_of_leaf + 1);
        chains_.reset();
        if (s.where == cache::cold)
            evict_caches();
    }

    /// How many pairs of batches there are in one repetition; cold ones use all the memory once.
    static std::int64_t iterations(const setting& s) {
        return s.where == cache::hot ? 200 : static_cast<std::int64_t>(cold_filters()) / cold_levels / 2 - 4;
    }

    template <design D>
    void run(benchmark::State& state) {
        std::vector<double> walks, floors;
        const auto batch_exits = static_cast<double>(batch_) * exits();
        const double levels = s_.to == reach::full ? batch_exits * static_cast<double>(depth_) : batch_exits;
        for (auto _ : state) {
            const double took = next_batch([this] { walk<D>(); });
            walks.push_back(took / levels);
            floors.push_back(next_batch([this] { least<D>(); }) / levels);
            state.SetIterationTime(took / batch_exits * 1e-9);
        }
        state.counters["ns_level"] = median(walks);
        state.counters["floor_ns_level"] = median(floors);
        state.counters["over_floor"] = median(walks) / median(floors);
        state.SetComplexityN(static_cast<std::int64_t>(depth_));
    }

    /// A bare loop over one chain after the other.
    template <class Loop>
    void run_floor(benchmark::State& state, const Loop& loop) {
        std::vector<double> times;
        const auto levels = static_cast<double>(batch_ * depth_);
        for (auto _ : state) {
            const double took = next_batch([&] {
                for (std::size_t i = first_; i < first_ + batch_; ++i) {
                    loop(chains_.leaves()[i], chains_.filters().subspan(i * depth_, depth_));
                    drain_pipeline();
                }
            });
            times.push_back(took / levels);
            state.SetIterationTime(took / static_cast<double>(batch_) * 1e-9);
        }
        state.counters["ns_level"] = median(times);
    }

  private:
    static constexpr std::int32_t exits_of_leaf = 256; ///< where each stops at once

    static std::size_t cold_filters() { return 4 * last_level_cache() / sizeof(filter_slot); }
    static std::int64_t chains_a_batch(const setting& s, std::int64_t depth) {
        if (s.where == cache::cold)
            return std::max<std::int64_t>(1, cold_levels / depth);
        const bool many_waiters = s.who == waiters::epoll_1000;
        return s.to == reach::stop || many_waiters ? 1 : std::max<std::int64_t>(1, hot_levels / depth);
    }
    std::size_t memory_size() const { return s_.where == cache::cold ? cold_filters() : batch_ * depth_; }

    template <class Work>
    double next_batch(Work&& work) {
        if (s_.where == cache::hot)
            chains_.reset();
        const double took = nanoseconds_of(work);
        if (s_.where == cache::cold)
            first_ += batch_;
        return took;
    }
    std::span<real_filter* const> batch() const { return chains_.leaves().subspan(first_, batch_); }
    int exits() const { return s_.to == reach::stop ? exits_of_leaf : 1; }

    template <design D>
    void walk() {
        for (real_filter* leaf : batch())
            for (int i = 0; i < exits(); ++i) {
                exit_task<D>(leaf, others_.tasks, nullptr);
                drain_pipeline();
            }
        if constexpr (D == design::patch_v2)
            for (real_filter* leaf : batch())
                for (int i = 0; i < exits(); ++i) {
                    free_task<D>(leaf);
                    drain_pipeline();
                }
    }
    /// The counters that the design takes down, once each, and no more; patch v2's second walk is as far from
    /// its first as it is there.
    template <design D>
    void least() {
        constexpr bool two_counters = D != design::before && D != design::scan;
        const auto each_exit = [this](auto&&... counters) {
            for (real_filter* leaf : batch())
                for (int i = 0; i < exits(); ++i) {
                    (take_down(leaf, counters), ...);
                    drain_pipeline();
                }
        };
        if constexpr (D == design::patch_v2) {
            each_exit(&real_filter::live);
            each_exit(&real_filter::usage);
        } else if constexpr (two_counters) {
            each_exit(&real_filter::live, &real_filter::usage);
        } else {
            each_exit(&real_filter::usage);
        }
    }
    void take_down(real_filter* leaf, std::atomic<std::int32_t> real_filter::*counter) const {
        if (s_.to == reach::full)
            chase_and_decrement(leaf, counter);
        else
            decrement(std::span<real_filter* const>(&leaf, 1), counter);
    }

    setting s_;
    std::size_t depth_, batch_;
    arena memory_;
    chains chains_;
    bystanders others_;
    std::size_t first_ = 0;
};

/// `depths` from 1 to the path limit.
void add(const setting& s, const std::vector<std::int64_t>& depths) {
    auto* b = benchmark::RegisterBenchmark(name_of(s).c_str(), [s](benchmark::State& state) {
        with_design(s.how, [&]<design D>() { walk_bench(s, state.range(0)).run<D>(state); });
    });
    for (const std::int64_t depth : depths)
        b->Arg(depth);
    b->ArgName("depth")->Iterations(walk_bench::iterations(s))->Repetitions(repetitions)->UseManualTime();
    if (s.to == reach::full && depths.size() > 4)
        b->Complexity(benchmark::oN);
}

template <class Loop>
void add_floor(const char* name, cache where, Loop&& loop) {
    const setting s{.where = where};
    auto* b = benchmark::RegisterBenchmark(
        (std::string("floor/") + name + (where == cache::hot ? "/hot" : "/cold")).c_str(),
        [=](benchmark::State& state) { walk_bench(s, state.range(0)).run_floor(state, loop); });
    for (const std::int64_t depth : {std::int64_t{1}, std::int64_t{64}, std::int64_t{1024}, path_limit})
        b->Arg(depth);
    b->ArgName("depth")->Iterations(walk_bench::iterations(s))->Repetitions(repetitions)->UseManualTime();
}

void register_all() {
    std::vector<std::int64_t> every, some{1, 8, 64, 512, path_limit};
    for (std::int64_t depth = 1; depth < path_limit; depth *= 2)
        every.push_back(depth);
    every.push_back(path_limit);
    for (std::size_t i = 0; i < design_count; ++i) {
        const auto how = static_cast<design>(i);
        const auto& depths = how == design::upstream ? every : some;
        for (const cache where : {cache::hot, cache::cold})
            add({how, reach::full, where, waiters::nobody}, depths);
        add({how, reach::stop, cache::hot, waiters::nobody}, {1, 64, path_limit});
        if (how != design::before)
            for (const waiters who : {waiters::poller, waiters::epoll_1000})
                add({how, reach::full, cache::hot, who}, {1, 64, 1024});
    }
    for (const cache where : {cache::hot, cache::cold}) {
        add_floor("chase", where, [](real_filter* leaf, std::span<real_filter* const>) { chase(leaf); });
        add_floor("decrement", where, [](real_filter*, std::span<real_filter* const> filters) {
            decrement(filters, &real_filter::live);
        });
        add_floor("chase_and_decrement", where, [](real_filter* leaf, std::span<real_filter* const>) {
            chase_and_decrement(leaf, &real_filter::live);
        });
    }
    register_exits_at_once();
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

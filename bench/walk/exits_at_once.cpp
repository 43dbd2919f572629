// Several threads that exit at the same time, each a task under one shared leaf, under a leaf of its own on a
// shared trunk, or under a chain of its own.
#include "bench/walk/exits_at_once.hpp"

#include "bench/walk/chains.hpp"
#include "bench/walk/designs.hpp"
#include "bench/walk/stopwatch.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <thread>

namespace seccomp_sim::bench {
namespace {

constexpr std::size_t trees = 128; ///< of one round
constexpr int repetitions = 5;
constexpr int rounds = 40;

enum class sharing : std::uint8_t { leaf, trunk, nothing };
constexpr std::string_view sharing_names[] = {"one_leaf", "shared_trunk", "disjoint"};

/// Everybody leaves when everybody has come.
class barrier {
  public:
    explicit barrier(std::size_t count) : count_(count) {}
    void wait() {
        const std::size_t round = round_.load(std::memory_order_acquire);
        if (come_.fetch_add(1, std::memory_order_acq_rel) + 1 == count_) {
            come_.store(0, std::memory_order_relaxed);
            round_.store(round + 1, std::memory_order_release);
            return;
        }
        for (int turns = 1; round_.load(std::memory_order_acquire) == round; ++turns) {
            cpu_relax();
            if (turns % 1024 == 0)
                std::this_thread::yield();
        }
    }

  private:
    const std::size_t count_;
    std::atomic<std::size_t> come_{0}, round_{0};
};

/// Trees with one task for each thread, made new before each round.
class forest {
  public:
    forest(sharing what, std::size_t threads, std::size_t depth)
        : what_(what), threads_(threads), depth_(depth), memory_(trees * filters_a_tree()),
          tasks_(trees * threads) {
        list.filters = tasks_;
        reset();
    }

    task_list list;
    std::atomic<real_filter*>* task(std::size_t tree, std::size_t thread) {
        return &tasks_[tree * threads_ + thread];
    }
    void reset() {
        for (std::size_t tree = 0; tree < trees; ++tree)
            reset_tree(tree);
    }

  private:
    std::size_t filters_a_tree() const {
        return what_ == sharing::nothing ? threads_ * depth_ : depth_ + threads_;
    }

    /// A chain of `length` filters from `first` on; its leaf.
    real_filter* chain(std::size_t first, std::size_t length) {
        for (std::size_t i = 0; i < length; ++i) {
            real_filter* f = memory_.at(first + i);
            f->usage.store(1, std::memory_order_relaxed);
            f->live.store(1, std::memory_order_relaxed);
            f->prev = i == 0 ? nullptr : memory_.at(first + i - 1);
        }
        return length == 0 ? nullptr : memory_.at(first + length - 1);
    }
    void reset_tree(std::size_t tree) {
        const std::size_t first = tree * filters_a_tree();
        if (what_ == sharing::nothing) {
            for (std::size_t thread = 0; thread < threads_; ++thread)
                *task(tree, thread) = chain(first + thread * depth_, depth_);
            return;
        }
        const auto users = static_cast<std::int32_t>(threads_);
        const bool own_leaf = what_ == sharing::trunk;
        real_filter* shared = chain(first, own_leaf ? depth_ - 1 : depth_);
        if (shared) {
            shared->usage.store(users, std::memory_order_relaxed);
            shared->live.store(users, std::memory_order_relaxed);
        }
        for (std::size_t thread = 0; thread < threads_; ++thread) {
            real_filter* leaf = shared;
            if (own_leaf) {
                leaf = chain(first + depth_ + thread, 1);
                leaf->prev = shared;
            }
            *task(tree, thread) = leaf;
        }
    }

    sharing what_;
    std::size_t threads_, depth_;
    arena memory_;
    std::vector<std::atomic<real_filter*>> tasks_;
};

template <design D>
void run(benchmark::State& state, sharing what) {
    const auto threads = static_cast<std::size_t>(state.range(0));
    forest all(what, threads, static_cast<std::size_t>(state.range(1)));
    barrier start(threads), finish(threads);
    std::atomic<bool> over{false};
    const auto exits = [&](std::size_t thread) {
        for (std::size_t tree = 0; tree < trees; ++tree) {
            std::atomic<real_filter*>* own = all.task(tree, thread);
            real_filter* leaf = own->load(std::memory_order_relaxed);
            exit_task<D>(leaf, all.list, own);
            free_task<D>(leaf);
        }
    };
    std::vector<std::thread> others;
    for (std::size_t thread = 1; thread < threads; ++thread)
        others.emplace_back([&, thread] {
            for (start.wait(); !over.load(); start.wait()) {
                exits(thread);
                finish.wait();
            }
        });
    std::vector<double> times;
    for (auto _ : state) {
        all.reset();
        const double took = nanoseconds_of([&] {
            start.wait();
            exits(0);
            finish.wait();
        });
        times.push_back(took / trees);
        state.SetIterationTime(took / trees * 1e-9);
    }
    over = true;
    start.wait();
    for (std::thread& other : others)
        other.join();
    // Each thread makes one exit a tree in that time.
    state.counters["ns_exit"] = median(times);
    state.counters["exits_per_second"] = static_cast<double>(threads) * 1e9 / median(times);
}

} // namespace

void register_exits_at_once() {
    for (std::size_t i = 0; i < design_count; ++i)
        for (std::size_t j = 0; j < std::size(sharing_names); ++j) {
            const auto how = static_cast<design>(i);
            const auto what = static_cast<sharing>(j);
            const std::string name =
                "at_once/" + std::string(design_names[i]) + "/" + std::string(sharing_names[j]);
            benchmark::RegisterBenchmark(
                name.c_str(),
                [=](benchmark::State& state) { with_design(how, [&]<design D>() { run<D>(state, what); }); })
                ->ArgNames({"threads", "depth"})
                ->ArgsProduct({{1, 2, 4}, {16, 256}})
                ->Iterations(rounds)
                ->Repetitions(repetitions)
                ->UseManualTime();
        }
}

} // namespace seccomp_sim::bench

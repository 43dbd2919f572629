// How fast random histories run, made up and all: atomic steps a second of a core, one call after the other
// and with random preemption, with the invariants on and off.
#include "sim/property/fuzz.hpp"

#include <benchmark/benchmark.h>

namespace seccomp_sim::property {
namespace {

void fuzz(benchmark::State& state, std::uint32_t block_percent, bool invariants) {
    fuzz_options options = default_fuzz_options();
    options.steps = 200'000;
    options.invariants = invariants;
    options.calls.block_percent = block_percent;
    const scenario::chosen_kernel newest =
        scenario::choose(static_cast<std::uint8_t>(all_presets().size() - 1));
    std::uint64_t run = 0;
    std::uint64_t steps = 0;
    std::uint64_t calls = 0;
    for (auto _ : state) {
        const run_result made = fuzz_run(newest, "newest", ++run, options, false);
        steps += made.reached.steps;
        calls += made.reached.started;
    }
    state.counters["steps/s"] = benchmark::Counter(static_cast<double>(steps), benchmark::Counter::kIsRate);
    state.counters["calls/s"] = benchmark::Counter(static_cast<double>(calls), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(fuzz, one_after_the_other, 0, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fuzz, one_after_the_other_no_invariants, 0, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fuzz, random_preemption, 100, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fuzz, random_preemption_no_invariants, 100, false)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace seccomp_sim::property

BENCHMARK_MAIN();

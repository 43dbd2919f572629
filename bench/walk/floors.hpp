// What no walk can do without, as bare loops: to follow the pointers, and to take the counters down.
#pragma once

#include "bench/walk/real_filter.hpp"

#include <benchmark/benchmark.h>

#include <span>

namespace seccomp_sim::bench {

inline void chase(real_filter* leaf) {
    for (real_filter* f = leaf; f; f = f->prev)
        benchmark::DoNotOptimize(f);
}

/// The addresses are known beforehand.
inline void decrement(std::span<real_filter* const> filters,
                      std::atomic<std::int32_t> real_filter::*counter) {
    for (real_filter* f : filters)
        (f->*counter).fetch_sub(1, std::memory_order_release);
}

/// Both: the pointers followed, one counter of each filter taken down.
inline void chase_and_decrement(real_filter* leaf, std::atomic<std::int32_t> real_filter::*counter) {
    for (real_filter* f = leaf; f; f = f->prev)
        (f->*counter).fetch_sub(1, std::memory_order_release);
}

} // namespace seccomp_sim::bench

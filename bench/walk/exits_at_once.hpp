// Exits of several threads at the same time: the same counters, or memory beside each other.
#pragma once

namespace seccomp_sim::bench {

/// Adds the benchmarks `at_once/...` for 1, 2 and 4 threads.
void register_exits_at_once();

} // namespace seccomp_sim::bench

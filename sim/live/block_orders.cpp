// The orders of a "concurrently" block.
#include "sim/live/block_orders.hpp"

#include <algorithm>
#include <numeric>

namespace seccomp_sim::live {

std::vector<scenario::concurrent_step> orders_of(const scenario::concurrent_step& block) {
    constexpr std::size_t most_sequences = 24;
    constexpr std::uint64_t mixtures = 32;
    std::vector<scenario::concurrent_step> orders;
    std::vector<std::size_t> sequence(block.branches.size());
    std::iota(sequence.begin(), sequence.end(), std::size_t{0});
    do {
        scenario::concurrent_step& one = orders.emplace_back();
        for (const std::size_t i : sequence)
            one.branches.push_back(block.branches[i]);
        one.schedule.emplace(); // empty: the first branch that can go on goes on
    } while (orders.size() < most_sequences && std::next_permutation(sequence.begin(), sequence.end()));
    for (std::uint64_t seed = 1; seed <= mixtures; ++seed) {
        scenario::concurrent_step& one = orders.emplace_back();
        one.branches = block.branches;
        one.seed = seed;
    }
    return orders;
}

} // namespace seccomp_sim::live

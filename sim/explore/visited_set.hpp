// The states that were seen, as 64-bit fingerprints. Several workers may insert at once.
//
// Open addressing in shards that grow one by one, so that a growing set never needs twice its memory. A shard
// grows by half when it is five sixths full: a state takes 9.6 to 14.4 bytes.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace seccomp_sim::explore {

class visited_set {
  public:
    /// With `bits` other than 0: a bit table of 2^bits bits, two bits a state. What it takes for seen may be
    /// new (bitstate hashing).
    explicit visited_set(unsigned bits = 0);

    /// Says whether it was not there before.
    bool insert(std::uint64_t fingerprint);

    std::uint64_t size() const;
    std::uint64_t bytes() const;
    /// The probability that two of the states seen had the same fingerprint, so that one was not explored: at
    /// most this.
    double collision_bound() const;

    /// All fingerprints, shard by shard; for checkpoints.
    std::vector<std::uint64_t> all() const;

  private:
    static constexpr unsigned shard_bits = 6;
    struct alignas(64) shard {
        std::atomic_flag lock = ATOMIC_FLAG_INIT;
        std::uint64_t count = 0;
        std::vector<std::uint64_t> slots;
    };
    static bool insert_into(std::vector<std::uint64_t>& slots, std::uint64_t value);
    static void grow(shard& s);

    std::array<shard, std::size_t{1} << shard_bits> shards_;
    std::vector<std::atomic<std::uint64_t>> bits_;
    std::atomic<std::uint64_t> bit_states_{0};
    unsigned bit_count_ = 0;
};

} // namespace seccomp_sim::explore

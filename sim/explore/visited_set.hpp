// The states that were seen, as 64-bit fingerprints. Several workers may insert at once.
//
// Open addressing in shards that grow one by one, so that a growing set never needs twice its memory. A shard
// is made of lines, each as long as a line of the cache; a fingerprint lies in its line or, when that one is
// full, in the first one behind it that was not. A shard grows by half when it is five sixths full: a state
// takes 9.6 to 14.4 bytes. The first few lie in a list, for which lines would be too long.
//
// Workers do not lock what they insert into: a slot is claimed by one compare-and-swap, and never emptied.
// Only a shard that grows is nobody else's. Whoever is inside says so in memory of its own, which no other
// worker writes to; whoever lets a shard grow keeps others out, and waits until nobody is inside.
#pragma once

#include "sim/explore/zeroed_lines.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace seccomp_sim::explore {

class visited_set {
  public:
    /// With `bits` other than 0: a bit table of 2^bits bits, two bits a state. What it takes for seen may be
    /// new (bitstate hashing). `workers`: so many threads use it.
    explicit visited_set(unsigned bits, std::size_t workers = 1);

    /// Says whether it was not there before. `worker`: the number of the thread that asks.
    bool insert(std::uint64_t fingerprint, std::size_t worker = 0);
    /// While it lasts, no shard grows. Its thread must not insert meanwhile.
    class visit {
      public:
        visit(visited_set& set, std::size_t worker);
        ~visit();
        visit(const visit&) = delete;
        visit& operator=(const visit&) = delete;

      private:
        std::atomic<bool>* inside_ = nullptr;
    };
    bool has(std::uint64_t fingerprint, const visit&) const;
    /// Has the memory brought here that insert() will look at: it is rarely in a cache.
    void prefetch(std::uint64_t fingerprint) const;

    std::uint64_t size() const;
    std::uint64_t bytes() const;
    /// The probability that two of the states seen had the same fingerprint, so that one was not explored: at
    /// most this.
    double collision_bound() const;

    /// All fingerprints, shard by shard; for checkpoints. Nobody inserts meanwhile.
    std::vector<std::uint64_t> all() const;

  private:
    static constexpr unsigned shard_bits = 3;
    static constexpr std::size_t shard_count = std::size_t{1} << shard_bits;
    static constexpr std::size_t line_size = 8;
    static constexpr std::size_t most_few = 40;
    struct alignas(64) line {
        std::array<std::uint64_t, line_size> slots; ///< filled from the first; 0: empty
    };
    /// All but the count is written only while it grows.
    struct alignas(64) shard {
        zeroed_lines<line> lines;
        std::size_t most = 0;  ///< so many, and it grows
        std::size_t batch = 1; ///< so many does a worker insert before it counts them
        // Of `lines`, for who is not inside: if one is older than the other, that brings the wrong line.
        std::atomic<const line*> first{nullptr};
        std::atomic<std::size_t> size{0};
        alignas(64) std::atomic<std::uint64_t> count{0};
    };
    struct alignas(64) worker_part {
        std::atomic<bool> inside{false};
        std::array<std::atomic<std::size_t>, shard_count> added{}; ///< to each shard, and not counted yet
    };
    bool insert_bits(std::uint64_t fingerprint);
    bool insert_into_shard(std::uint64_t value, std::size_t worker);
    /// Nothing: they lie in the shards by now.
    std::optional<bool> insert_into_few(std::uint64_t value);
    void fill(std::uint64_t value);
    void count_one(std::size_t which, std::size_t worker);
    void grow(shard& s, std::size_t from_size, std::size_t worker);
    void resize(shard& s, std::size_t lines) const;
    static void spread(zeroed_lines<line>& lines, std::size_t from_size);

    mutable std::mutex few_lock_;
    std::vector<std::uint64_t> few_;
    std::atomic<bool> in_shards_{false};
    std::array<shard, shard_count> shards_;
    std::vector<worker_part> parts_;
    std::mutex growth_;
    alignas(64) std::atomic<bool> grows_{false};
    alignas(64) std::vector<std::atomic<std::uint64_t>> bits_;
    std::atomic<std::uint64_t> bit_states_{0};
    unsigned bit_count_ = 0;
};

} // namespace seccomp_sim::explore

// The states that were seen, as 64-bit fingerprints. Several workers may insert at once.
//
// Open addressing in shards that grow one by one, so that a growing set never needs twice its memory. A shard
// is made of lines, each as long as a line of the cache; a fingerprint lies in its line or, when that one is
// full, in the first one behind it that was not. A shard grows by half when it is five sixths full: a state
// takes 9.6 to 14.4 bytes. The first few lie in a list, for which lines would be too long.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace seccomp_sim::explore {

class visited_set {
  public:
    /// With `bits` other than 0: a bit table of 2^bits bits, two bits a state. What it takes for seen may be
    /// new (bitstate hashing). `shared`: several threads insert.
    visited_set(unsigned bits, bool shared);

    /// Says whether it was not there before.
    bool insert(std::uint64_t fingerprint);
    /// Has the memory brought here that insert() will look at: it is rarely in a cache.
    void prefetch(std::uint64_t fingerprint) const;

    std::uint64_t size() const;
    std::uint64_t bytes() const;
    /// The probability that two of the states seen had the same fingerprint, so that one was not explored: at
    /// most this.
    double collision_bound() const;

    /// All fingerprints, shard by shard; for checkpoints.
    std::vector<std::uint64_t> all() const;

  private:
    static constexpr unsigned shard_bits = 3;
    static constexpr std::size_t line_size = 8;
    struct alignas(64) line {
        std::array<std::uint64_t, line_size> slots; ///< filled from the first; 0: empty
    };

    struct alignas(64) shard {
        mutable std::atomic_flag lock = ATOMIC_FLAG_INIT;
        std::uint64_t count = 0;
        std::vector<line> lines;
        // For prefetch(), which takes no lock: if one is older than the other, it brings the wrong line.
        std::atomic<const line*> first{nullptr};
        std::atomic<std::size_t> size{0};
    };
    static constexpr std::size_t most_few = 40;

    bool insert_into_shard(std::uint64_t value);
    /// Nothing: they lie in the shards by now.
    std::optional<bool> insert_into_few(std::uint64_t value);
    static std::size_t shard_of(std::uint64_t value);
    /// Where the value is, or else the first empty slot for it.
    static std::uint64_t& slot_of(std::vector<line>& lines, std::uint64_t value);
    static void grow(shard& s);

    mutable std::atomic_flag few_lock_ = ATOMIC_FLAG_INIT;
    std::vector<std::uint64_t> few_;
    std::atomic<bool> in_shards_{false};
    std::array<shard, std::size_t{1} << shard_bits> shards_;
    std::vector<std::atomic<std::uint64_t>> bits_;
    std::atomic<std::uint64_t> bit_states_{0};
    unsigned bit_count_ = 0;
    bool shared_ = false;
};

} // namespace seccomp_sim::explore

// The states that were seen.
#include "sim/explore/visited_set.hpp"

#include <mutex>

namespace seccomp_sim::explore {
namespace {

constexpr std::size_t first_size = 2; ///< of a shard: so a state takes at most 16 bytes in tiny spaces, too

class locked {
  public:
    explicit locked(std::atomic_flag& flag) : flag_(flag) {
        while (flag_.test_and_set(std::memory_order_acquire)) {
        }
    }
    ~locked() { flag_.clear(std::memory_order_release); }
    locked(const locked&) = delete;
    locked& operator=(const locked&) = delete;

  private:
    std::atomic_flag& flag_;
};

/// Where in a table of `size` a value belongs: its high bits, scaled.
std::size_t place_of(std::uint64_t value, std::size_t size) {
    return static_cast<std::size_t>((static_cast<unsigned __int128>(value) * size) >> 64);
}

} // namespace

visited_set::visited_set(unsigned bits) : bit_count_(bits) {
    if (bits != 0)
        bits_ = std::vector<std::atomic<std::uint64_t>>((std::size_t{1} << bits) / 64);
}

bool visited_set::insert(std::uint64_t fingerprint) {
    if (bit_count_ != 0) {
        bool is_new = false;
        for (const std::uint64_t part :
             std::array{fingerprint, fingerprint * std::uint64_t{0x9e3779b97f4a7c15}}) {
            const std::uint64_t at = part >> (64 - bit_count_);
            const std::uint64_t bit = std::uint64_t{1} << (at & 63);
            is_new |= (bits_[at / 64].fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
        }
        bit_states_.fetch_add(is_new ? 1 : 0, std::memory_order_relaxed);
        return is_new;
    }
    const std::uint64_t value = fingerprint == 0 ? 1 : fingerprint; // 0 is an empty slot
    // The low bits choose the shard, the high ones the place in it.
    shard& s = shards_[value & (shards_.size() - 1)];
    const locked hold(s.lock);
    if (s.slots.empty() || s.count * 6 >= s.slots.size() * 5)
        grow(s);
    if (!insert_into(s.slots, value))
        return false;
    ++s.count;
    return true;
}

bool visited_set::insert_into(std::vector<std::uint64_t>& slots, std::uint64_t value) {
    std::size_t at = place_of(value, slots.size());
    while (slots[at] != 0) {
        if (slots[at] == value)
            return false;
        at = at + 1 == slots.size() ? 0 : at + 1;
    }
    slots[at] = value;
    return true;
}

void visited_set::grow(shard& s) {
    std::vector<std::uint64_t> larger(s.slots.empty() ? first_size : s.slots.size() * 3 / 2);
    for (const std::uint64_t value : s.slots)
        if (value != 0)
            insert_into(larger, value);
    s.slots.swap(larger);
}

std::uint64_t visited_set::size() const {
    std::uint64_t all = bit_states_.load();
    for (const shard& s : shards_)
        all += s.count;
    return all;
}

std::uint64_t visited_set::bytes() const {
    std::uint64_t all = bits_.size() * 8;
    for (const shard& s : shards_)
        all += s.slots.size() * sizeof(std::uint64_t);
    return all;
}

double visited_set::collision_bound() const {
    const double n = static_cast<double>(size());
    return n * (n - 1) / 2 / 18446744073709551616.0;
}

std::vector<std::uint64_t> visited_set::all() const {
    std::vector<std::uint64_t> values;
    for (const shard& s : shards_)
        for (const std::uint64_t value : s.slots)
            if (value != 0)
                values.push_back(value);
    return values;
}

} // namespace seccomp_sim::explore

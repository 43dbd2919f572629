// The states that were seen.
#include "sim/explore/visited_set.hpp"

#include <algorithm>
#include <utility>

namespace seccomp_sim::explore {
namespace {

/// Held only where several workers insert.
class locked {
  public:
    locked(std::atomic_flag& flag, bool shared) : flag_(shared ? &flag : nullptr) {
        while (flag_ != nullptr && flag_->test_and_set(std::memory_order_acquire)) {
        }
    }
    ~locked() {
        if (flag_ != nullptr)
            flag_->clear(std::memory_order_release);
    }
    locked(const locked&) = delete;
    locked& operator=(const locked&) = delete;

  private:
    std::atomic_flag* flag_;
};

/// 0 is an empty slot.
std::uint64_t value_of(std::uint64_t fingerprint) {
    return fingerprint == 0 ? 1 : fingerprint;
}

/// Which of `size` lines a value belongs to: its high bits, scaled.
std::size_t place_of(std::uint64_t value, std::size_t size) {
    return static_cast<std::size_t>((static_cast<unsigned __int128>(value) * size) >> 64);
}

} // namespace

/// The low bits choose the shard, the high ones the place in it.
std::size_t visited_set::shard_of(std::uint64_t value) {
    return value & ((std::size_t{1} << shard_bits) - 1);
}

visited_set::visited_set(unsigned bits, bool shared) : bit_count_(bits), shared_(shared) {
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
    const std::uint64_t value = value_of(fingerprint);
    if (!in_shards_.load(std::memory_order_acquire))
        if (const std::optional<bool> is_new = insert_into_few(value))
            return *is_new;
    return insert_into_shard(value);
}

std::optional<bool> visited_set::insert_into_few(std::uint64_t value) {
    const locked hold(few_lock_, shared_);
    if (in_shards_.load(std::memory_order_relaxed))
        return std::nullopt;
    if (std::find(few_.begin(), few_.end(), value) != few_.end())
        return false;
    if (few_.size() < most_few) {
        few_.push_back(value);
    } else {
        for (const std::uint64_t one : few_)
            insert_into_shard(one);
        insert_into_shard(value);
        std::vector<std::uint64_t>().swap(few_);
        in_shards_.store(true, std::memory_order_release);
    }
    return true;
}

bool visited_set::insert_into_shard(std::uint64_t value) {
    shard& s = shards_[shard_of(value)];
    const locked hold(s.lock, shared_);
    // A single line is filled up: so a state takes at most 16 bytes in tiny spaces, too.
    const std::size_t slots = s.lines.size() * line_size;
    if (slots == line_size ? s.count == slots : s.count * 6 >= slots * 5)
        grow(s);
    std::uint64_t& slot = slot_of(s.lines, value);
    if (slot == value)
        return false;
    slot = value;
    ++s.count;
    return true;
}

void visited_set::prefetch(std::uint64_t fingerprint) const {
    if (bit_count_ != 0)
        return;
    const std::uint64_t value = value_of(fingerprint);
    const shard& s = shards_[shard_of(value)];
    const std::size_t size = s.size.load(std::memory_order_relaxed);
    __builtin_prefetch(s.first.load(std::memory_order_relaxed) + place_of(value, size), 1);
}

std::uint64_t& visited_set::slot_of(std::vector<line>& lines, std::uint64_t value) {
    for (std::size_t at = place_of(value, lines.size());; at = at + 1 == lines.size() ? 0 : at + 1) {
        // All slots of the line, whatever is in them: where to stop could not be predicted.
        line& here = lines[at];
        std::size_t found = line_size;
        std::size_t used = 0;
        for (std::size_t i = 0; i < line_size; ++i) {
            found = here.slots[i] == value ? i : found;
            used += here.slots[i] != 0 ? 1U : 0U;
        }
        if (found < line_size)
            return here.slots[found];
        if (used < line_size)
            return here.slots[used];
    }
}

void visited_set::grow(shard& s) {
    const std::size_t size = s.lines.size();
    std::vector<line> larger(std::max(size + 1, size * 3 / 2));
    for (const line& full : s.lines)
        for (const std::uint64_t value : full.slots)
            if (value != 0)
                slot_of(larger, value) = value;
    s.lines = std::move(larger);
    s.first.store(s.lines.data(), std::memory_order_relaxed);
    s.size.store(s.lines.size(), std::memory_order_relaxed);
}

std::uint64_t visited_set::size() const {
    std::uint64_t all = bit_states_.load();
    {
        const locked hold(few_lock_, shared_);
        all += few_.size();
    }
    for (const shard& s : shards_) {
        const locked hold(s.lock, shared_);
        all += s.count;
    }
    return all;
}

std::uint64_t visited_set::bytes() const {
    std::uint64_t all = bits_.size() * 8;
    {
        const locked hold(few_lock_, shared_);
        all += few_.capacity() * sizeof few_[0];
    }
    for (const shard& s : shards_) {
        const locked hold(s.lock, shared_);
        all += s.lines.size() * sizeof(line);
    }
    return all;
}

double visited_set::collision_bound() const {
    const double n = static_cast<double>(size());
    return n * (n - 1) / 2 / 18446744073709551616.0;
}

std::vector<std::uint64_t> visited_set::all() const {
    std::vector<std::uint64_t> values = few_;
    for (const shard& s : shards_)
        for (const line& some : s.lines)
            for (const std::uint64_t value : some.slots)
                if (value != 0)
                    values.push_back(value);
    return values;
}

} // namespace seccomp_sim::explore

// The states that were seen.
#include "sim/explore/visited_set.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace seccomp_sim::explore {
namespace {

/// 0 is an empty slot.
std::uint64_t value_of(std::uint64_t fingerprint) {
    return fingerprint == 0 ? 1 : fingerprint;
}

/// Which of `size` lines a value belongs to: its high bits, scaled.
std::size_t place_of(std::uint64_t value, std::size_t size) {
    return static_cast<std::size_t>((static_cast<unsigned __int128>(value) * size) >> 64);
}

/// The low bits choose the shard, the high ones the place in it.
std::size_t shard_of(std::uint64_t value, unsigned bits) {
    return value & ((std::size_t{1} << bits) - 1);
}

/// How many lines a shard has next.
std::size_t larger(std::size_t lines) {
    return std::max(lines + 1, lines * 3 / 2);
}

/// Which bits a state has in a table of 2^bits.
std::array<std::uint64_t, 2> places_of_bits(std::uint64_t fingerprint, unsigned bits) {
    return {fingerprint >> (64 - bits), (fingerprint * 0x9e3779b97f4a7c15) >> (64 - bits)};
}

struct found_place {
    bool there = false;
    std::size_t empty; ///< the first empty slot
};

/// All slots of a line, whatever is in them: where to stop could not be predicted.
template <std::size_t N>
found_place look_in(const std::array<std::uint64_t, N>& slots, std::uint64_t value) {
    found_place found{false, N};
    for (std::size_t i = N; i-- > 0;) {
        const std::uint64_t slot = __atomic_load_n(&slots[i], __ATOMIC_RELAXED);
        found.there |= slot == value;
        found.empty = slot == 0 ? i : found.empty;
    }
    return found;
}

/// How a slot is filled.
enum class filling {
    alone,
    beside_others, ///< who may be about to fill it
};

/// Whether the value is new; nothing: neither is it there, nor is there room.
template <filling How, std::size_t N>
std::optional<bool> add_to(std::array<std::uint64_t, N>& slots, std::uint64_t value) {
    found_place found = look_in(slots, value);
    if (found.there)
        return false;
    for (; found.empty < N; ++found.empty) {
        if (How == filling::alone) {
            slots[found.empty] = value;
            return true;
        }
        std::uint64_t there = 0;
        if (std::atomic_ref(slots[found.empty])
                .compare_exchange_strong(there, value, std::memory_order_relaxed))
            return true;
        if (there == value)
            return false;
    }
    return std::nullopt;
}

/// What the first of `lines` from `begin` to `end` that can tell says to `ask(slots)`.
template <class Line, class Ask>
std::optional<bool> first_answer(const zeroed_lines<Line>& lines, std::size_t begin, std::size_t end,
                                 const Ask& ask) {
    for (std::size_t at = begin; at < end; ++at)
        if (const std::optional<bool> answer = ask(lines[at].slots))
            return answer;
    return std::nullopt;
}

/// The same of all lines, from the value's own on.
template <class Line, class Ask>
std::optional<bool> first_answer(const zeroed_lines<Line>& lines, std::uint64_t value, const Ask& ask) {
    const std::size_t place = place_of(value, lines.size());
    const std::optional<bool> answer = first_answer(lines, place, lines.size(), ask);
    return answer ? answer : first_answer(lines, 0, place, ask);
}

template <filling How, class Line>
std::optional<bool> add(const zeroed_lines<Line>& lines, std::uint64_t value) {
    return first_answer(lines, value, [&](auto& slots) { return add_to<How>(slots, value); });
}

template <class Line>
bool is_in(const zeroed_lines<Line>& lines, std::uint64_t value) {
    const auto ask = [&](const auto& slots) -> std::optional<bool> {
        const found_place found = look_in(slots, value);
        if (found.there || found.empty < slots.size())
            return found.there;
        return std::nullopt;
    };
    return first_answer(lines, value, ask).value_or(false);
}

} // namespace

visited_set::visit::visit(visited_set& set, std::size_t worker) {
    if (set.parts_.size() == 1)
        return;
    inside_ = &set.parts_[worker].inside;
    for (;;) {
        inside_->store(true, std::memory_order_seq_cst);
        if (!set.grows_.load(std::memory_order_seq_cst))
            return;
        inside_->store(false, std::memory_order_release);
        while (set.grows_.load(std::memory_order_relaxed))
            std::this_thread::yield();
    }
}

visited_set::visit::~visit() {
    if (inside_ != nullptr)
        inside_->store(false, std::memory_order_release);
}

visited_set::visited_set(unsigned bits, std::size_t workers)
    : parts_(std::max<std::size_t>(workers, 1)), bit_count_(bits) {
    if (bits != 0)
        bits_ = std::vector<std::atomic<std::uint64_t>>((std::size_t{1} << bits) / 64);
}

bool visited_set::insert(std::uint64_t fingerprint, std::size_t worker) {
    if (bit_count_ != 0)
        return insert_bits(fingerprint);
    const std::uint64_t value = value_of(fingerprint);
    if (!in_shards_.load(std::memory_order_acquire))
        if (const std::optional<bool> is_new = insert_into_few(value))
            return *is_new;
    return insert_into_shard(value, worker);
}

bool visited_set::insert_bits(std::uint64_t fingerprint) {
    bool is_new = false;
    for (const std::uint64_t at : places_of_bits(fingerprint, bit_count_)) {
        const std::uint64_t bit = std::uint64_t{1} << (at & 63);
        is_new |= (bits_[at / 64].fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
    }
    bit_states_.fetch_add(is_new ? 1 : 0, std::memory_order_relaxed);
    return is_new;
}

bool visited_set::has(std::uint64_t fingerprint, const visit&) const {
    if (bit_count_ != 0) {
        const auto places = places_of_bits(fingerprint, bit_count_);
        return std::all_of(places.begin(), places.end(), [this](std::uint64_t at) {
            return (bits_[at / 64].load(std::memory_order_relaxed) >> (at & 63) & 1) != 0;
        });
    }
    const std::uint64_t value = value_of(fingerprint);
    if (!in_shards_.load(std::memory_order_acquire)) {
        const std::scoped_lock hold(few_lock_);
        if (!in_shards_.load(std::memory_order_relaxed))
            return std::find(few_.begin(), few_.end(), value) != few_.end();
    }
    return is_in(shards_[shard_of(value, shard_bits)].lines, value);
}

std::optional<bool> visited_set::insert_into_few(std::uint64_t value) {
    const std::scoped_lock hold(few_lock_);
    if (in_shards_.load(std::memory_order_relaxed))
        return std::nullopt;
    if (std::find(few_.begin(), few_.end(), value) != few_.end())
        return false;
    if (few_.size() < most_few) {
        few_.push_back(value);
    } else {
        for (const std::uint64_t one : few_)
            fill(one);
        fill(value);
        std::vector<std::uint64_t>().swap(few_);
        in_shards_.store(true, std::memory_order_release);
    }
    return true;
}

/// Before anybody looks at the shards: waiting for those who are inside, with the lock of the few, they and
/// we might wait for each other.
void visited_set::fill(std::uint64_t value) {
    shard& s = shards_[shard_of(value, shard_bits)];
    if (s.count.load(std::memory_order_relaxed) >= s.most)
        resize(s, larger(s.lines.size()));
    add<filling::alone>(s.lines, value);
    s.count.store(s.count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

bool visited_set::insert_into_shard(std::uint64_t value, std::size_t worker) {
    const std::size_t which = shard_of(value, shard_bits);
    shard& s = shards_[which];
    for (;;) {
        std::size_t size = 0;
        {
            const visit here(*this, worker);
            size = s.lines.size();
            if (s.count.load(std::memory_order_relaxed) < s.most) {
                const std::optional<bool> is_new = parts_.size() == 1
                                                       ? add<filling::alone>(s.lines, value)
                                                       : add<filling::beside_others>(s.lines, value);
                if (is_new) {
                    if (*is_new)
                        count_one(which, worker);
                    return *is_new;
                }
            } else if (is_in(s.lines, value)) {
                return false;
            }
        }
        grow(s, size, worker);
    }
}

/// One worker counts each, several now and then: what they all write to wanders from one CPU to the other.
void visited_set::count_one(std::size_t which, std::size_t worker) {
    shard& s = shards_[which];
    if (parts_.size() == 1) {
        s.count.store(s.count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return;
    }
    std::atomic<std::size_t>& added = parts_[worker].added[which];
    const std::size_t now = added.load(std::memory_order_relaxed) + 1;
    added.store(now < s.batch ? now : 0, std::memory_order_relaxed);
    if (now >= s.batch)
        s.count.fetch_add(now, std::memory_order_relaxed);
}

void visited_set::prefetch(std::uint64_t fingerprint) const {
    if (bit_count_ != 0)
        return;
    const std::uint64_t value = value_of(fingerprint);
    const shard& s = shards_[shard_of(value, shard_bits)];
    const std::size_t size = s.size.load(std::memory_order_relaxed);
    __builtin_prefetch(s.first.load(std::memory_order_relaxed) + place_of(value, size), 1);
}

/// Unless it is of another size by now.
void visited_set::grow(shard& s, std::size_t from_size, std::size_t worker) {
    const std::scoped_lock hold(growth_);
    if (s.lines.size() != from_size)
        return;
    grows_.store(true, std::memory_order_seq_cst);
    for (std::size_t i = 0; i < parts_.size(); ++i)
        while (i != worker && parts_[i].inside.load(std::memory_order_seq_cst))
            std::this_thread::yield();
    resize(s, larger(from_size));
    grows_.store(false, std::memory_order_release);
}

void visited_set::resize(shard& s, std::size_t lines) const {
    const std::size_t from_size = s.lines.size();
    s.lines.grow(lines);
    spread(s.lines, from_size);
    const std::size_t slots = lines * line_size;
    // A single line is filled up: so a state takes at most 16 bytes in tiny spaces, too.
    s.most = lines == 1 ? slots : (slots * 5 + 5) / 6;
    // Of what workers have not counted there is at most a sixteenth.
    s.batch = std::max<std::size_t>(1, slots / (16 * parts_.size()));
    s.first.store(s.lines.begin(), std::memory_order_relaxed);
    s.size.store(lines, std::memory_order_relaxed);
}

/// From the last line on, each value goes to its place among more lines: behind where it was, among those
/// that are done. Only one that had been pushed out of a full line may have to go before; it waits.
void visited_set::spread(zeroed_lines<line>& lines, std::size_t from_size) {
    std::vector<std::uint64_t> pushed_out;
    for (std::size_t i = from_size; i-- > 0;) {
        const line taken = std::exchange(lines[i], {});
        for (const std::uint64_t value : taken.slots) {
            if (value == 0)
                break;
            const std::size_t place = place_of(value, lines.size());
            const auto add_here = [&](auto& slots) { return add_to<filling::alone>(slots, value); };
            if (place < i || !first_answer(lines, place, lines.size(), add_here))
                pushed_out.push_back(value);
        }
    }
    for (const std::uint64_t value : pushed_out)
        add<filling::alone>(lines, value);
}

std::uint64_t visited_set::size() const {
    std::uint64_t all = bit_states_.load();
    {
        const std::scoped_lock hold(few_lock_);
        all += few_.size();
    }
    for (const shard& s : shards_)
        all += s.count.load(std::memory_order_relaxed);
    for (const worker_part& part : parts_)
        for (const std::atomic<std::size_t>& added : part.added)
            all += added.load(std::memory_order_relaxed);
    return all;
}

std::uint64_t visited_set::bytes() const {
    std::uint64_t all = bits_.size() * 8;
    {
        const std::scoped_lock hold(few_lock_);
        all += few_.capacity() * sizeof few_[0];
    }
    for (const shard& s : shards_)
        all += s.size.load(std::memory_order_relaxed) * sizeof(line);
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

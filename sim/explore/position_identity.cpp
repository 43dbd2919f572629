// What a position is, as a fingerprint and as bytes.
#include "sim/explore/position.hpp"

#include <cstring>

namespace seccomp_sim::explore {
namespace {

template <class T>
void put(std::vector<std::byte>& out, const T& value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof value);
}

template <class T>
void take_value(const std::byte*& from, T& value) {
    std::memcpy(static_cast<void*>(&value), from, sizeof value);
    from += sizeof value;
}

} // namespace

std::uint64_t position::fingerprint() {
    symmetry* same = symmetric();
    mixer mix(same != nullptr ? same->fingerprint(k_, sum_) : sum_ + globals_hash_);
    mix.add(rest_hash());
    return mix.value();
}

std::uint64_t position::rest_hash() {
    if (!rest_hash_)
        rest_hash_ = hash_rest(nullptr);
    return *rest_hash_;
}

std::uint64_t position::hash_rest(const branch* returned) const {
    const symmetry* same = symmetric();
    mixer mix(step_);
    for (const branch& b : branches_)
        if (same == nullptr || same->member_of(b.task) == symmetry::no_member) {
            const std::uint64_t in_call = &b == returned ? 0 : b.in_call;
            mix.add((std::uint64_t{b.next} << 33) | (in_call << 32) | b.task.value);
        }
    for (const pid_queue& q : k_.w.pid_queues)
        mix(&q, sizeof q);
    for (const named_notification& n : k_.w.named_notifications)
        mix(&n, sizeof n);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        // Each task sees what it sees in order; what several see has none.
        std::uint64_t before = 0;
        for (std::size_t j = 0; j < i; ++j)
            before += seen_[j].who == seen_[i].who ? 1U : 0U;
        mixer one(before);
        one(&seen_[i], sizeof(observation));
        seen += one.value();
    }
    mix.add(seen);
    return mix.value();
}

void position::pack(std::vector<std::byte>& out) const {
    put(out, static_cast<std::uint64_t>(step_));
    put(out, static_cast<std::uint64_t>(branches_.size()));
    for (const branch& b : branches_)
        put(out, b);
    put(out, static_cast<std::uint64_t>(seen_.size()));
    for (const observation& o : seen_)
        put(out, o);
    k_.pack(out);
}

void position::unpack(const std::byte* from) {
    rest_hash_.reset();
    std::uint64_t value = 0;
    take_value(from, value);
    step_ = value;
    take_value(from, value);
    branches_.resize(value);
    for (branch& b : branches_)
        take_value(from, b);
    take_value(from, value);
    seen_.resize(value);
    for (observation& o : seen_)
        take_value(from, o);
    k_.unpack(from);
    sum_ = 0;
    k_.w.for_each_table([&](auto& table) {
        for (index_type i = 0; i < table.end_index(); ++i)
            sum_ += table.known_hash(i);
    });
    rehash_globals();
}

void position::rehash() {
    const auto& entries = journal_.entries();
    for (std::size_t i = entries.size(); i > 0 && entries[i - 1].epoch == journal_.epoch(); --i) {
        table_base& table = *entries[i - 1].table;
        const index_type index = entries[i - 1].index;
        const std::uint64_t known = table.known_hash(index);
        sum_ += table.rehash(index) - known;
    }
}

void position::rehash_globals() {
    mixer mix;
    const world_globals& globals = k_.w;
    mix(&globals, sizeof globals);
    globals_hash_ = mix.value();
}

void position::undo(const mark& before) {
    journal_.undo_to(before.changes);
    sum_ = before.sum;
    globals_hash_ = before.globals_hash;
    if (before.repeated) {
        k_.put_back_globals(before.rest);
        if (before.accounts)
            k_.put_back_accounts(before.rest);
        if (before.returned) {
            rest_hash_.reset();
            branches_ = before.branches;
        }
        return;
    }
    rest_hash_.reset();
    k_.put_back_rest(before.rest);
    branches_ = before.branches;
    step_ = before.step;
    seen_.resize(before.seen);
}

} // namespace seccomp_sim::explore

// Steps by what they read.
#include "sim/explore/transition_cache.hpp"

#include <algorithm>

namespace seccomp_sim::explore {
namespace {

/// More objects than any step needs: one that reads so many is not the same twice.
constexpr std::size_t most_objects = 64;

constexpr std::uint64_t odd = 0x9e3779b97f4a7c15ULL;

std::uint64_t finish(std::uint64_t sum) {
    sum ^= sum >> 32;
    sum *= 0xd6e8feb86659fd93ULL;
    sum ^= sum >> 29;
    return sum == 0 ? 1 : sum; // 0 is an empty slot
}

std::uint64_t hash_of_bytes(const void* data, std::size_t size) {
    mixer mix;
    mix(data, size);
    return mix.value();
}

constexpr parts_of_world part_globals = parts_of_world{1} << 63;

parts_of_world part_of(const table_base& table, index_type index) {
    const std::uint64_t mixed = (reinterpret_cast<std::uintptr_t>(&table) + index) * odd;
    return parts_of_world{1} << ((mixed >> 32) % 63);
}

/// Where a key is, or else the empty slot for it: open addressing, in a power of two.
template <class Slot>
std::size_t slot_of(const large_vector<Slot>& slots, std::uint64_t key) {
    const std::size_t mask = slots.size() - 1;
    std::size_t at = key & mask;
    while (slots[at].key != 0 && slots[at].key != key)
        at = (at + 1) & mask;
    return at;
}

template <class Slot>
void double_slots(large_vector<Slot>& slots) {
    large_vector<Slot> larger(slots.size() * 2);
    for (const Slot& slot : slots)
        if (slot.key != 0)
            larger[slot_of(larger, slot.key)] = slot;
    slots = std::move(larger);
}

} // namespace

std::uint32_t transition_cache::find(std::uint64_t key) const {
    const std::size_t at = slot_of(slots_, key);
    return slots_[at].key == key ? static_cast<std::uint32_t>(at) : unknown;
}

known_step& transition_cache::insert(std::uint64_t key) {
    if (++count_ * 3 > slots_.size() * 2) {
        double_slots(slots_);
        ++generation_;
    }
    known_step& step = slots_[slot_of(slots_, key)];
    step.key = key;
    return step;
}

std::uint64_t transition_cache::place_of(const kernel& k, task_id who) {
    const stack_id stack = std::as_const(k.w.tasks)[who].call;
    return finish(k.w.tasks.known_hash(who.index()) + odd * k.w.stacks.known_hash(stack.index()));
}

const transition_cache::reach* transition_cache::find_reach(std::uint64_t place) const {
    const reach_slot& slot = places_[slot_of(places_, place)];
    return slot.key == place ? &reaches_[slot.number] : nullptr;
}

transition_cache::reach& transition_cache::reach_of(std::uint64_t place) {
    if (reaches_.size() * 2 >= places_.size())
        double_slots(places_);
    reach_slot& slot = places_[slot_of(places_, place)];
    if (slot.key != place) {
        slot = {place, static_cast<std::uint32_t>(reaches_.size())};
        reaches_.emplace_back();
    }
    return reaches_[slot.number];
}

bool transition_cache::is_opaque(const kernel& k, task_id who) const {
    const reach* its = find_reach(place_of(k, who));
    return its != nullptr && its->opaque;
}

/// The reach is part of the key: when it is widened, the steps that were known by less of the world are not
/// found any more.
template <class HashOf, class AccountOf>
std::uint64_t transition_cache::mix_key(const reach& its, std::uint64_t place, std::uint64_t lists_hash,
                                        const world_globals& globals, HashOf&& hash_of,
                                        AccountOf&& account_of, const table_base* filters) {
    // Odd factors: none loses a bit of what it is for.
    constexpr std::uint64_t next = 2 * odd;
    std::uint64_t factor = next * (2 * its.objects.size() + (its.globals ? 1 : 0)) + 1;
    std::uint64_t sum = place + lists_hash * factor;
    for (const journal::access& object : its.objects) {
        sum += hash_of(object) * (factor += next);
        if (object.table == filters) {
            const kernel::account holders = account_of(object.index);
            sum += hash_of_bytes(&holders, sizeof holders) * (factor += next);
        }
    }
    if (its.globals)
        sum += hash_of_bytes(&globals, sizeof globals) * (factor += next);
    return finish(sum);
}

std::uint64_t transition_cache::key_of(const kernel& k, const reach& its, std::uint64_t place,
                                       std::uint64_t lists_hash) {
    return mix_key(
        its, place, lists_hash, k.w, [](const journal::access& o) { return o.table->known_hash(o.index); },
        [&](index_type filter) { return k.account_at(filter); }, &k.w.filters);
}

void transition_cache::begin(const kernel& k, task_id who, label_id label, std::uint64_t lists_hash) {
    if (bytes() > most_bytes_)
        forget();
    place_ = place_of(k, who);
    const stack_id stack = std::as_const(k.w.tasks)[who].call;
    parts_of_place_ = part_of(k.w.tasks, who.index()) | part_of(k.w.stacks, stack.index());
    lists_hash_ = lists_hash;
    label_ = label;
    tested_before_ = k.tested;
}

transition_cache::reach& transition_cache::widen(const journal::access_record& read) {
    reach& its = reach_of(place_);
    its.parts |= parts_of_place_ | (read.globals ? part_globals : 0);
    for (const journal::access& one : read.objects) {
        const bool there = std::any_of(its.objects.begin(), its.objects.end(), [&](const journal::access& o) {
            return o.table == one.table && o.index == one.index;
        });
        if (there)
            continue;
        its.objects.push_back(one);
        its.parts |= part_of(*one.table, one.index);
        ++reached_;
    }
    its.globals |= read.globals;
    its.lists |= read.lists;
    its.opaque |= read.opaque || its.objects.size() > most_objects;
    return its;
}

void transition_cache::remember(const kernel& k, const journal& log, const journal::access_record& read,
                                const kernel::unjournaled& before, std::uint64_t sum_change, step_end end) {
    reach& its = widen(read);
    if (its.opaque) {
        its.objects.clear();
        return;
    }
    // Of what was written, the journal has the hash that it had.
    const auto hash_before = [&](const journal::access& o) {
        const auto& entries = log.entries();
        std::uint64_t hash = o.table->known_hash(o.index);
        for (std::size_t i = entries.size(); i > 0 && entries[i - 1].epoch == log.epoch(); --i)
            if (entries[i - 1].table == o.table && entries[i - 1].index == o.index)
                hash = entries[i - 1].hash;
        return hash;
    };
    const auto account_before = [&](index_type filter) {
        return kernel::account_in(before.accounts, filter);
    };
    const std::uint64_t key = mix_key(its, place_, its.lists ? lists_hash_ : 0, before.globals, hash_before,
                                      account_before, &k.w.filters);
    if (find(key) != unknown)
        return;
    step_changes changes;
    changes.globals = k.w;
    keep_tests(changes, k);
    const bool changes_globals = !(changes.globals == before.globals);
    parts_of_world written = changes_globals ? part_globals : 0;
    if (!end.blocked) {
        written |= keep_objects(changes, log);
        written |= keep_accounts(changes, k, its, before);
    }
    known_step& step = insert(key);
    step.label = label_;
    step.blocked = end.blocked;
    step.returns = end.returns;
    step.changes_globals = changes_globals;
    step.written = written;
    step.sum_change = sum_change;
    step.changes = static_cast<std::uint32_t>(changes_.size());
    changes_.push_back(changes);
}

parts_of_world transition_cache::keep_objects(step_changes& changes, const journal& log) {
    parts_of_world written = 0;
    changes.first_object = static_cast<std::uint32_t>(objects_.size());
    const auto& entries = log.entries();
    std::size_t first = entries.size();
    while (first > 0 && entries[first - 1].epoch == log.epoch())
        --first;
    for (std::size_t i = first; i < entries.size(); ++i) {
        const journal::entry& e = entries[i];
        object_change c{e.table, e.index, e.what, false, 0, 0, e.table->known_hash(e.index)};
        changed_words_.clear();
        packed_.clear();
        if (e.what == journal::change::written && e.table->add_changed_words(log, e, changed_words_)) {
            c.first = static_cast<std::uint32_t>(words_.size());
            c.words = static_cast<std::uint32_t>(changed_words_.size());
            words_.insert(words_.end(), changed_words_.begin(), changed_words_.end());
        } else if (e.what != journal::change::freed) {
            c.packed = true;
            c.first = static_cast<std::uint32_t>(bytes_.size());
            e.table->pack_object(e.index, packed_);
            bytes_.insert(bytes_.end(), packed_.begin(), packed_.end());
        }
        objects_.push_back(c);
        written |= part_of(*e.table, e.index);
    }
    changes.objects = static_cast<std::uint32_t>(objects_.size()) - changes.first_object;
    return written;
}

parts_of_world transition_cache::keep_accounts(step_changes& changes, const kernel& k, const reach& its,
                                               const kernel::unjournaled& before) {
    parts_of_world written = 0;
    changes.first_account = static_cast<std::uint32_t>(accounts_.size());
    for (const journal::access& o : its.objects) {
        if (o.table != &k.w.filters)
            continue;
        const kernel::account is = k.account_at(o.index);
        if (is == kernel::account_in(before.accounts, o.index))
            continue;
        accounts_.emplace_back(o.index, is);
        written |= part_of(*o.table, o.index);
    }
    changes.accounts = static_cast<std::uint32_t>(accounts_.size()) - changes.first_account;
    return written;
}

void transition_cache::keep_tests(step_changes& changes, const kernel& k) {
    changes.first_test = static_cast<std::uint32_t>(tests_.size());
    for (std::size_t i = 0; i < k.tested.size(); ++i)
        if (k.tested[i] != tested_before_[i])
            tests_.emplace_back(i, k.tested[i] - tested_before_[i]);
    changes.tests = static_cast<std::uint32_t>(tests_.size()) - changes.first_test;
}

void transition_cache::repeat(const known_step& step, kernel& k) const {
    const step_changes& changes = changes_[step.changes];
    for (std::uint32_t i = 0; i < changes.objects; ++i) {
        const object_change& c = objects_[changes.first_object + i];
        if (c.packed)
            c.table->repeat_packed(c.index, bytes_.data() + c.first, c.what == journal::change::allocated,
                                   c.hash);
        else if (c.what == journal::change::written)
            c.table->repeat_words(c.index, words_.data() + c.first, c.words, c.hash);
        else
            c.table->repeat_free(c.index, c.hash);
    }
    for (std::uint32_t i = 0; i < changes.accounts; ++i)
        k.set_account(accounts_[changes.first_account + i].first,
                      accounts_[changes.first_account + i].second);
    if (step.changes_globals)
        static_cast<world_globals&>(k.w) = changes.globals;
}

void transition_cache::settle_counts(std::vector<std::uint64_t>* label_counts,
                                     std::array<std::uint64_t, invariants.size()>& tested) {
    forgotten_labels_.resize(yield_labels.size());
    for (known_step& step : slots_) {
        if (step.key == 0)
            continue;
        if (!step.blocked)
            forgotten_labels_[step.label] += step.times;
        const step_changes& changes = changes_[step.changes];
        for (std::uint32_t i = changes.first_test; i < changes.first_test + changes.tests; ++i)
            forgotten_tests_[tests_[i].first] += tests_[i].second * step.times;
        step.times = 0;
    }
    for (std::size_t i = 0; i < tested.size(); ++i)
        tested[i] += std::exchange(forgotten_tests_[i], 0);
    for (std::size_t i = 0; label_counts != nullptr && i < label_counts->size(); ++i)
        (*label_counts)[i] += std::exchange(forgotten_labels_[i], 0);
}

std::size_t transition_cache::bytes() const {
    const auto of = [](const auto& list) { return list.size() * sizeof list[0]; };
    return of(slots_) + of(changes_) + of(objects_) + of(words_) + of(bytes_) + of(accounts_) + of(tests_) +
           of(places_) + of(reaches_) + reached_ * sizeof(journal::access);
}

void transition_cache::forget() {
    std::array<std::uint64_t, invariants.size()> tests{};
    std::vector<std::uint64_t> labels(yield_labels.size());
    settle_counts(&labels, tests);
    const std::uint32_t generation = generation_ + 1;
    *this = transition_cache(most_bytes_);
    generation_ = generation;
    forgotten_labels_ = std::move(labels);
    forgotten_tests_ = tests;
}

} // namespace seccomp_sim::explore

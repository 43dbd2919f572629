// Steps that were taken before. A step depends on little of the world: on the objects that it reads. Where
// all of them look as they did, it leads to the same changes, which are made again without it (local
// transition caching, as Blom, van de Pol and Weber describe for LTSmin). There what a step reads is
// declared; here the journal records it.
//
// Objects are compared by their hashes, as states are by their fingerprints.
#pragma once

#include "seccomp_sim/kernel.hpp"
#include "sim/explore/large_pages.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace seccomp_sim::explore {

/// Some parts of the world, at least: a bit stands for many objects. What two of these sets share no bit of,
/// they do not share.
using parts_of_world = std::uint64_t;

/// A step that is known. What it changes is kept apart: most steps lead to a state that was seen before, and
/// then the hash of that state is all that is needed.
struct known_step {
    std::uint64_t key = 0; ///< what it reads; 0: none
    parts_of_world written = 0;
    std::uint64_t sum_change = 0; ///< of the sum of the hashes of all objects and of the globals
    std::uint64_t times = 0;      ///< repeated, since the counts were last settled
    std::uint32_t changes = 0;    ///< their number
    label_id label = 0;
    bool blocked = false; ///< it finds a lock taken, and changes nothing
    bool changes_globals = false;
    bool returns = false; ///< from a call, to user mode
};

class transition_cache {
  public:
    /// Beyond so many bytes, all is forgotten and learned anew.
    explicit transition_cache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

    struct step_key {
        std::uint64_t value = 0; ///< 0: not known
        parts_of_world read = 0;
    };
    /// What the next step of `who` reads. `lists_hash()` is asked for where it reads a list.
    template <class ListsHash>
    step_key key_of(const kernel& k, task_id who, ListsHash&& lists_hash) const {
        const std::uint64_t place = place_of(k, who);
        const reach* its = find_reach(place);
        if (its == nullptr || its->opaque)
            return {};
        return {key_of(k, *its, place, its->lists ? lists_hash() : 0), its->parts};
    }
    /// What repeat() will read first.
    void prefetch_changes(const known_step& step) const { __builtin_prefetch(&changes_[step.changes]); }
    void prefetch(std::uint64_t key) const { __builtin_prefetch(&slots_[key & (slots_.size() - 1)], 1); }
    static constexpr std::uint32_t unknown = 0xffffffff;
    /// The number of the step with a key other than 0; or `unknown`.
    std::uint32_t find(std::uint64_t key) const;
    known_step& operator[](std::uint32_t number) { return slots_[number]; }
    bool changes_accounts(const known_step& step) const { return changes_[step.changes].accounts != 0; }
    std::size_t size() const { return count_; }
    /// How often all numbers were changed: those from before mean nothing.
    std::uint32_t generation() const { return generation_; }
    /// Whether the step is one whose changes nobody can foresee: it need not be recorded.
    bool is_opaque(const kernel& k, task_id who) const;

    /// A step is about to be taken by `who` at `label`.
    void begin(const kernel& k, task_id who, label_id label, std::uint64_t lists_hash);
    struct step_end {
        bool blocked = false;
        bool returns = false;
    };
    /// It was taken, and changed what the journal has of its present step; `before` is what was kept of the
    /// rest, `sum_change` what it made of the sum of the hashes. Or it was blocked, and is undone already.
    void remember(const kernel& k, const journal& log, const journal::access_record& read,
                  const kernel::unjournaled& before, std::uint64_t sum_change, step_end end);

    /// Makes the changes of a step.
    void repeat(const known_step& step, kernel& k) const;
    /// Adds what the repeated steps would have counted, once.
    void settle_counts(std::vector<std::uint64_t>* label_counts,
                       std::array<std::uint64_t, invariants.size()>& tested);

  private:
    /// What the steps from one place read: a place is a task as it is, with its calls in flight.
    struct reach {
        std::vector<journal::access> objects;
        parts_of_world parts = 0; ///< of the place, too
        bool globals = false;
        bool lists = false;
        bool opaque = false;
    };
    struct reach_slot {
        std::uint64_t key = 0; ///< the place
        std::uint32_t number = 0;
    };
    struct object_change {
        table_base* table;
        index_type index;
        journal::change what;
        bool packed;         ///< all of it, from `bytes_`; otherwise, if it was written, some of `words_`
        std::uint32_t first; ///< byte, or word
        std::uint32_t words;
        std::uint64_t hash;
    };
    /// What a step changes: parts of the lists below.
    struct step_changes {
        world_globals globals; ///< after it
        std::uint32_t first_object = 0, objects = 0;
        std::uint32_t first_account = 0, accounts = 0;
        std::uint32_t first_test = 0, tests = 0;
    };
    static constexpr std::size_t first_size = 1024;

    static std::uint64_t place_of(const kernel& k, task_id who);
    const reach* find_reach(std::uint64_t place) const;
    template <class HashOf, class AccountOf>
    static std::uint64_t mix_key(const reach& its, std::uint64_t place, std::uint64_t lists_hash,
                                 const world_globals& globals, HashOf&& hash_of, AccountOf&& account_of,
                                 const table_base* filters);
    static std::uint64_t key_of(const kernel& k, const reach& its, std::uint64_t place,
                                std::uint64_t lists_hash);
    reach& reach_of(std::uint64_t place);
    reach& widen(const journal::access_record& read);
    parts_of_world keep_objects(step_changes& changes, const journal& log);
    parts_of_world keep_accounts(step_changes& changes, const kernel& k, const reach& its,
                                 const kernel::unjournaled& before);
    void keep_tests(step_changes& changes, const kernel& k);
    known_step& insert(std::uint64_t key);
    std::size_t bytes() const;
    void forget();

    std::size_t most_bytes_;
    std::vector<reach> reaches_;
    large_vector<reach_slot> places_ = large_vector<reach_slot>(first_size);
    large_vector<known_step> slots_ = large_vector<known_step>(first_size);
    std::size_t count_ = 0;   ///< of steps
    std::size_t reached_ = 0; ///< objects of all reaches
    large_vector<step_changes> changes_;
    large_vector<object_change> objects_;
    large_vector<table_base::object_word> words_;
    large_vector<std::byte> bytes_;
    large_vector<std::pair<index_type, kernel::account>> accounts_;
    large_vector<std::pair<std::uint32_t, std::uint32_t>> tests_; ///< which invariant, how often
    std::vector<std::uint64_t> forgotten_labels_;
    std::array<std::uint64_t, invariants.size()> forgotten_tests_{};

    std::uint32_t generation_ = 0;

    // Of the step that is being taken.
    std::uint64_t place_ = 0;
    parts_of_world parts_of_place_ = 0;
    std::uint64_t lists_hash_ = 0;
    label_id label_ = 0;
    std::array<std::uint64_t, invariants.size()> tested_before_{};
    std::vector<table_base::object_word> changed_words_;
    std::vector<std::byte> packed_;
};

} // namespace seccomp_sim::explore

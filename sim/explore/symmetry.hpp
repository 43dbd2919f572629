// Interchangeable threads: states that differ only in which of them is where are taken for one.
//
// Threads of one group are interchangeable when each only has to exit, no other step of the scenario names
// one of them, and they are alike when the search begins. What a thread's place is, is told by its colour: a
// hash of its record and its stack in which its own name reads "self". The fingerprint of a state adds up the
// members' colours, and every other object in which a member's name is replaced by its colour; so it does not
// depend on who is who.
//
// The order of the group's list of threads would tell the members apart. It is the order of their births,
// which the scenario chose at will: it is taken as free. So a walk over the list (TSYNC's) may go to any
// member next that it did not visit yet: each is a choice of the scheduler. What it comes to is the same as
// exploring the scenario with its members born in every order. Where a signal would pick a thread by the
// list, there is no symmetry.
#pragma once

#include "seccomp_sim/kernel.hpp"
#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace seccomp_sim::explore {

class symmetry {
  public:
    /// Finds the members among the tasks of the block at `step`.
    symmetry(const scenario::scenario& s, std::size_t step, const scenario::applicability& applies,
             const kernel& k);

    bool on() const { return members_.size() > 1; }
    const std::vector<task_id>& members() const { return members_; }
    /// Why there is none, in a few words.
    const std::string& why_off() const { return why_off_; }

    /// The fingerprint of a world; `sum` is the sum of all objects' known hashes.
    std::uint64_t fingerprint(const kernel& k, std::uint64_t sum);
    /// The colour of each member, in the order of members(), as of the last fingerprint.
    const std::vector<std::uint64_t>& colours() const { return colours_; }
    /// Whether the next step of this task takes a walk over the list on to a thread that may be any of
    /// several.
    bool chooses(const kernel& k, task_id walker) const;
    /// The threads that it may go to then: one member of each colour, and whoever is no member.
    std::vector<task_id> next_of_walk(const kernel& k, task_id walker) const;
    /// The number of a member, or `no_member`.
    std::size_t member_of(task_id t) const { return member_of(t.value); }
    static constexpr std::size_t no_member = 0xff;
    /// Makes `next` the thread that the walk goes to.
    static void put_next(kernel& k, task_id walker, task_id next);

  private:
    struct cached {
        std::uint64_t known = 0;
        std::uint64_t renamed = 0;
    };
    std::size_t member_of(index_type word) const;
    std::uint64_t own_hash(const kernel& k, std::size_t member, bool& names_others);
    std::uint64_t hash_words(const std::byte* bytes, std::size_t size, std::size_t self, bool by_colour,
                             bool& names_others) const;
    void place_in_walk(const kernel& k);

    std::vector<task_id> members_;
    group_id group_;                      ///< whose threads they are
    std::uint64_t others_ahead_ = 0;      ///< of a walk: threads that are no members
    std::vector<std::uint8_t> member_at_; ///< by the index of a task: its number, or none
    std::vector<std::uint64_t> colours_;
    std::vector<std::uint64_t> places_; ///< of the members in lists that matter
    std::vector<cached> tasks_, stacks_;
    std::string why_off_;
};

} // namespace seccomp_sim::explore

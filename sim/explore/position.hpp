// A place in the state space of a scenario: the kernel in the middle of its tasks' calls, and what each
// branch still has to do. It can take a step, take steps back, and be packed into bytes.
//
// A step is what one choice of a scheduler leads to: one atomic step of a task and then, with partial order
// reduction, every step that is private to its task (label_effects.hpp), in one fixed order. When no call can
// go on, the scenario's next steps that are not concurrent happen, as part of the same step.
#pragma once

#include "seccomp_sim/kernel.hpp"
#include "sim/explore/label_effects.hpp"
#include "sim/explore/symmetry.hpp"
#include "sim/explore/transition_cache.hpp"
#include "sim/replay/run.hpp"
#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace seccomp_sim::explore {

/// Something that user space can see: what a call gave back, what poll reported, who was woken.
struct observation {
    enum class kind : std::uint16_t { returned, reported, received, handler, woken, exited, warning };
    kind what = kind::returned;
    std::uint16_t branch = 0; ///< returned: which call of its task, from 1
    name_id who;
    name_id fd;
    std::uint32_t events = 0;
    std::int64_t value = 0;
    friend bool operator==(const observation&, const observation&) = default;
};

/// One atomic step, for stories and schedules.
struct atomic_step {
    task_id who;
    name_id name; ///< of the task; scenario::rcu() for the worker of RCU callbacks
    label_id label = 0;
    bool chosen = false;   ///< by the scheduler; the others follow by themselves
    std::size_t block = 0; ///< index in scenario::steps
};

/// A choice of the scheduler: who takes the next step, and, where a walk over a group's threads may go to
/// any of several (symmetry.hpp), to which. Or `go_on_choice`: the scenario's next steps, once nobody can
/// move.
using choice = std::uint64_t;
inline constexpr choice go_on_choice = ~choice{0};
constexpr choice choice_of(task_id who, task_id next = {}) {
    return choice{next.value} << 32 | who.value;
}
constexpr task_id task_of(choice c) {
    return {static_cast<index_type>(c & 0xffffffffU)};
}
constexpr task_id next_of(choice c) {
    return {static_cast<index_type>(c >> 32)};
}

struct position_options {
    bool partial_order = true; ///< never with a mutant, which may get wrong what it relies on
    reduction_parts parts{};   ///< of partial order reduction
    bool symmetric = true;     ///< take states for the same that differ in interchangeable threads only
    bool observations = false; ///< remember what user space saw: part of the state
    /// For whoever looks ahead: no step is taken twice that must lead to the same changes
    /// (transition_cache.hpp). Without reductions only: these save more, and look at more than a step does.
    bool repeat_known = true;
    /// That known steps may take; then they are forgotten.
    std::size_t most_known_bytes = std::size_t{128} << 20;
};

class position {
  public:
    /// Runs the scenario up to its first concurrent block. Throws scenario::input_error if a step cannot be
    /// asked for, or if there is no such block.
    position(const scenario::scenario& s, const scenario::chosen_kernel& on, position_options options);
    position(const position&) = delete;
    position& operator=(const position&) = delete;
    ~position();

    /// What must be kept to take a step back.
    struct mark;
    std::unique_ptr<mark> make_mark() const;

    /// What the scheduler can choose from, in a fixed order; after fingerprint(). Some tasks may turn out to
    /// be blocked.
    void candidates(std::vector<choice>& out) const;
    enum class outcome : std::uint8_t {
        moved,
        blocked, ///< the task only found a lock taken: no step, and nothing to take back
        violated ///< an invariant broke: violation() says which
    };
    outcome take(choice taken, mark& before);
    void undo(const mark& before);

    /// A step that need not be taken to know where it leads.
    struct foreseen {
        std::uint32_t step = transition_cache::unknown; ///< its number; or it is not known
        std::uint32_t generation = 0;
        bool blocked = false;
        label_id label = 0;
        std::uint64_t fingerprint = 0; ///< of the state after it
        parts_of_world read = 0;
        /// Whether there is a state after it.
        bool leads_on() const { return step != transition_cache::unknown && !blocked; }
    };
    /// Whether steps are foreseen in this state at all.
    bool foresees() const;
    /// A state with what its choices lead to; and what of it a step has changed since.
    struct state_before {
        const std::vector<choice>& choices;
        const std::vector<foreseen>& ahead;
        parts_of_world written;
    };
    /// What each choice leads to, told one by one. Of those that were known before, the ones that read
    /// nothing that was written since are known still.
    template <class Use>
    void foresee(const std::vector<choice>& choices, const state_before* from, Use&& use) {
        find_keys(choices, from);
        for (std::size_t i = 0; i < choices.size(); ++i)
            use(i, foresee_by_key(choices[i], keys_[i]));
    }
    foreseen foresee(choice taken);
    bool is_known(const foreseen& ahead) const {
        return ahead.step != transition_cache::unknown && ahead.generation == known_.generation();
    }
    /// What a step that is known writes.
    parts_of_world written_by(const foreseen& ahead) { return known_[ahead.step].written; }
    /// What take() will read first.
    void prefetch(const foreseen& ahead) { known_.prefetch_changes(known_[ahead.step]); }
    /// As take(), where steps are foreseen; it is known from now on, if it can be.
    outcome take_and_remember(choice taken, mark& before);
    /// The step is taken by somebody who knows where it leads, and does not go there.
    void count(const foreseen& ahead);
    void take(choice taken, const foreseen& ahead, mark& before);
    std::size_t known_steps() const { return known_.size(); }
    /// Before label_counts and the model's counts of tests are read.
    void settle_counts() { known_.settle_counts(label_counts, k_.tested); }

    /// Forgets how it came here: nothing can be taken back any more.
    void settle() { journal_.clear(); }

    /// After candidates() gave nobody who moved: the invariants at rest. Says whether all hold;
    /// violations() has what does not.
    bool check_rest();
    /// At rest: the scenario goes on to its next concurrent block, or to its end.
    outcome go_on(mark& before);
    bool at_end() const { return step_ >= s_.steps.size(); }
    /// The index in scenario::steps of the present block, or past the end.
    std::size_t at_step() const { return step_; }
    /// At rest: whether there is nothing that could go on.
    bool nothing_follows() const;

    /// The same for equal states, and, but for accidents of 64 bits, for no others.
    std::uint64_t fingerprint();
    void pack(std::vector<std::byte>& out) const;
    void unpack(const std::byte* from);

    const std::vector<violation>& violations() const { return found_; }
    void forget_violations() { found_.clear(); }
    const std::vector<observation>& observations() const { return seen_; }
    /// What poll would report of each named listener now, for the end of an outcome.
    std::vector<replay::poll_state> final_polls();

    /// Of the present block; nullptr after the last one.
    const symmetry* interchangeable() const { return at_end() ? nullptr : symmetries_[step_].get(); }
    const scenario_facts& facts() const { return facts_; }
    const kernel& model() const { return k_; }
    kernel& model() { return k_; }
    const scenario::scenario& script() const { return s_; }
    std::uint64_t atomic_steps() const { return atomic_steps_; }

    /// Told of every atomic step, those before the first choice included; nullptr: nobody.
    void record_to(std::vector<atomic_step>* record) {
        record_ = record;
        if (record_ != nullptr)
            record_->insert(record_->end(), opening_.begin(), opening_.end());
    }
    /// While it lasts, steps are not counted: they were before.
    class uncounted {
      public:
        explicit uncounted(position& p)
            : p_(p), tested_(p.k_.tested), steps_(p.atomic_steps_),
              label_counts_(std::exchange(p.label_counts, nullptr)) {}
        ~uncounted() {
            p_.label_counts = label_counts_;
            p_.atomic_steps_ = steps_;
            p_.k_.tested = tested_;
        }
        uncounted(const uncounted&) = delete;
        uncounted& operator=(const uncounted&) = delete;

      private:
        position& p_;
        decltype(kernel::tested) tested_;
        std::uint64_t steps_;
        std::vector<std::uint64_t>* label_counts_;
    };
    /// Counts how often each label is passed, by its number; nullptr: not counted.
    std::vector<std::uint64_t>* label_counts = nullptr;
    /// What was made so far, on any way; as search_result::made.
    const std::vector<std::vector<std::uint32_t>>& made() const { return made_; }

  private:
    class listener;
    struct branch {
        std::uint32_t next = 0; ///< the call to start next
        std::uint32_t in_call = 0;
        task_id task;
    };

    /// Whose call the task is in; nullptr: one from before the block.
    branch* branch_of_call(task_id who);
    bool has_calls_left(const branch& b) const;
    const scenario::concurrent_step* block() const;
    void begin_block();
    /// Where it is on.
    symmetry* symmetric() const;
    void start_ready();
    bool may_start(const scenario::call_step& call);
    /// Whether the task's next step is left for later, together with the one after it.
    bool passes_over(task_id who) const;
    std::uint32_t follow_private_steps(std::uint32_t at_most);
    bool step_once(task_id who, bool chosen);
    bool choose(choice taken);
    void run_to_next_block();
    template <class Begin>
    outcome step_and_follow(mark& before, Begin&& begin);
    void rehash();
    void rehash_globals();
    void keep(mark& before);
    struct choice_key {
        transition_cache::step_key key;
        std::uint32_t step = transition_cache::unknown; ///< its number, where that is known already
    };
    transition_cache::step_key key_of(choice taken) const;
    void find_keys(const std::vector<choice>& choices, const state_before* from);
    foreseen foresee_by_key(choice taken, const choice_key& its);
    void check(choice taken, const foreseen& ahead);
    /// Of all that is in no object and not among the globals.
    std::uint64_t rest_hash();
    /// The same, once the call of that branch has returned.
    std::uint64_t hash_rest(const branch* returned) const;
    std::uint64_t lists_hash() const;

    const scenario::scenario& s_;
    scenario::chosen_kernel on_;
    scenario::applicability applies_;
    position_options options_;
    scenario_facts facts_;
    kernel k_;
    journal journal_;
    std::unique_ptr<listener> listener_;
    std::size_t step_ = 0; ///< index in scenario::steps of the present block; past the end: all is done
    std::vector<branch> branches_;
    std::vector<std::vector<std::vector<request_id>>> requests_; ///< by step, branch and call
    std::vector<std::vector<std::uint32_t>> made_;
    std::vector<observation> seen_;
    std::vector<violation> found_;
    std::uint64_t sum_ = 0;          ///< of the hashes of all objects
    std::uint64_t globals_hash_ = 0; ///< of world_globals
    std::uint64_t atomic_steps_ = 0;
    std::vector<atomic_step>* record_ = nullptr;
    std::vector<atomic_step> opening_; ///< the private steps before the first choice
    std::unique_ptr<replay::run> prefix_;
    std::vector<std::unique_ptr<symmetry>> symmetries_; ///< by step
    bool returned_ = false; ///< the present step, from a call that no other one of its branch follows
    transition_cache known_;
    std::vector<choice_key> keys_; ///< of the choices that are looked at
    std::uint64_t looks_ahead_ = 0;
    std::optional<std::uint64_t> rest_hash_; ///< while nothing changed that it is of
};

struct position::mark {
    journal::mark changes;
    kernel::unjournaled rest;
    std::vector<branch> branches;
    std::size_t step = 0;
    std::size_t seen = 0;
    std::uint64_t sum = 0;
    std::uint64_t globals_hash = 0;
    bool repeated = false; ///< a known step: of the rest, only what such a step may change is kept
    bool accounts = false; ///< and these only if it changes any
    bool returned = false; ///< and the branches only if one's call returns
};

} // namespace seccomp_sim::explore

// Runs generated calls on a modelled kernel: one after the other, or at the same time under a scheduler.
#pragma once

#include "seccomp_sim/kernel.hpp"
#include "sim/property/choice_source.hpp"
#include "sim/property/history.hpp"
#include "sim/scenario/name_table.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace seccomp_sim::property {

/// Chooses who takes the next atomic step of a block.
class scheduler {
  public:
    virtual ~scheduler() = default;
    virtual void start_block() = 0;
    /// One of `ready`, never empty: the index of the task that goes on. It is asked again with the others
    /// when that one only finds a lock taken.
    virtual std::size_t choose(std::span<const task_id> ready) = 0;
};

/// Any task that can, with the same chance.
class uniform_scheduler final : public scheduler {
  public:
    explicit uniform_scheduler(choice_source& choices) : choices_(choices) {}
    void start_block() override {}
    std::size_t choose(std::span<const task_id> ready) override {
        return choices_.below(static_cast<std::uint32_t>(ready.size()));
    }

  private:
    choice_source& choices_;
};

/// Probabilistic concurrency testing (Burckhardt and others, ASPLOS 2010): the task of the highest random
/// priority goes on; at depth - 1 random steps of a block, the one that is running falls below all others.
/// A bug that needs `depth` ordering constraints is found in a block of n tasks and k steps with a chance
/// of at least 1 / (n * k^(depth - 1)).
class pct_scheduler final : public scheduler {
  public:
    pct_scheduler(choice_source& choices, std::uint32_t depth) : choices_(choices), depth_(depth) {}
    void start_block() override;
    std::size_t choose(std::span<const task_id> ready) override;

  private:
    struct priority {
        task_id task;
        std::uint64_t value = 0;
    };
    std::uint64_t priority_of(task_id t);

    choice_source& choices_;
    std::uint32_t depth_;
    std::vector<priority> priorities_;   ///< of the block's tasks, as they are met
    std::vector<std::uint32_t> changes_; ///< at which steps of the block one falls
    std::uint32_t steps_ = 0;            ///< of the present block
    std::uint32_t expected_steps_ = 64;  ///< of a block, from those before it
    std::uint64_t lowest_ = 0;
};

/// A kernel in the middle of a history. Tasks are found by name; the names are kept outside.
class execution {
  public:
    /// A kernel with `init` in it and the shelf's filters.
    explicit execution(const revision& choices);
    /// A copy in the same state, watched by nobody.
    execution(const execution& other);
    execution& operator=(const execution&) = delete;

    kernel k;

    /// Tasks that are in memory, but for the worker of RCU callbacks, in the order of their births.
    std::span<const task_id> tasks() const { return tasks_; }
    bool is_possible(const planned_call& call) const;
    /// Makes a call and runs until nothing can go on.
    void run_call(const planned_call& call);
    /// Makes the calls of all branches at the same time, each branch in order. A call that is not possible
    /// yet waits; one that never is, is not made. If `taken` is given, it gets the schedule.
    void run_block(std::span<const std::vector<planned_call>> branches, scheduler& who,
                   std::vector<planned_turn>* taken = nullptr);
    /// The same by a schedule. Turns that cannot be taken are left out; after them each branch runs in
    /// turn.
    void follow_block(std::span<const std::vector<planned_call>> branches,
                      std::span<const planned_turn> schedule);
    void run_step(const planned_step& step) {
        if (step.is_block())
            follow_block(step.branches, step.schedule);
        else
            run_call(step.branches.front().front());
    }

    /// Atomic steps taken in blocks so far.
    std::uint64_t atomic_steps = 0;
    /// Calls started so far.
    std::uint64_t calls = 0;

  private:
    struct branch {
        std::span<const planned_call> left;
        task_id task; ///< in a call of this branch; nothing before the first
    };

    void start(const planned_call& call);
    void begin_block(std::span<const std::vector<planned_call>> branches);
    void start_ready();
    void collect_ready();
    void find_newborn();
    bool take_turn(task_id who, std::vector<planned_turn>* taken);
    void follow_turn(const planned_turn& turn);
    void end_block();

    struct birth {
        name_id child;
        task_id parent;
    };
    std::vector<task_id> tasks_;
    std::vector<birth> births_; ///< of calls in flight
    std::vector<branch> branches_;
    std::vector<task_id> ready_;
};

} // namespace seccomp_sim::property

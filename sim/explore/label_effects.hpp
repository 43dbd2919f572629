// Which atomic steps are private to their task, so that it makes no difference when they happen: the partial
// order reduction.
//
// A step may be taken alone, before anybody else's, if nothing that others do before it can change what it
// does, and nothing that it does can be seen by others or by an invariant before their own next step: it
// reads and writes only what belongs to its task or what is protected by a lock that its task holds, or it
// drops such a lock. (The set of one such step is persistent in the sense of Godefroid: what others could do
// meanwhile commutes with it.) It must never be blocked. Every cycle of steps has one that is not private:
// each loop of a kernel function looks at something shared. Counters of filters are never private: in which
// order they are touched is what this tool is about.
//
// Some steps are private only because of what nobody in the scenario ever does (scenario_facts).
//
// `check_reduction` tests the claim in every state that a scenario can reach: the step and any step of
// another task must lead to the same state in both orders.
#pragma once

#include "seccomp_sim/kernel.hpp"
#include "sim/scenario/scenario.hpp"

#include <vector>

namespace seccomp_sim::explore {

/// What can happen at all in the rest of a scenario, by the calls that are in it and the filters they meet.
struct scenario_facts {
    bool kills = false; ///< a task may die of another's doing, or stop, or change its process by exec
    bool takes_fd_tables = false; ///< somebody looks into another task's fd table, or leaves a shared one
    std::vector<name_id> exiting; ///< the tasks that exit by themselves

    bool may_exit(name_id task) const;
};
scenario_facts facts_of(const scenario::scenario& s, const scenario::applicability& applies);

/// Whether the next step of this task, which can run, is private.
bool is_private(const kernel& k, const scenario_facts& facts, task_id who);

} // namespace seccomp_sim::explore

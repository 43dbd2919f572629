// Which atomic steps are private to their task, so that it makes no difference when they happen: the partial
// order reduction.
//
// A step may be taken alone, before anybody else's, if nothing that others do before it can change what it
// does, and nothing that it does can be seen by others or by an invariant before their own next step: it
// reads and writes only what belongs to its task or what is protected by a lock that its task holds, or it
// drops such a lock. (The set of one such step is persistent in the sense of Godefroid: what others could do
// meanwhile commutes with it.) It must never be blocked. Every cycle of steps has one that is not private:
// each loop of a kernel function looks at something shared, or goes over what only gets less. A step that
// breaks an invariant is never private: it is left for the scheduler to choose, with all others
// (position.cpp).
//
// Some steps are private only because of what nobody in the scenario ever does (scenario_facts.hpp). Beside
// what a single step touches there are four reasons, each of which can be left out (reduction_parts):
//
// - counts: taking a filter's counter up or down beside a user that stays (count_effects.hpp);
// - sections: what a task does under a lock, if all of it is private, goes as one (lock_effects.hpp);
// - lock pairs: a lock that is only taken to take another next is taken with it (lock_effects.hpp);
// - passing calls: which filter a task has makes no difference to a call that every filter lets pass.
//
// `check_reduction` tests the claim in every state that a scenario can reach: the step and any step of
// another task must lead to the same state in both orders. With a mutant nothing is private: what is here
// relies on the very locks and counts that a mutant gets wrong.
#pragma once

#include "sim/explore/scenario_facts.hpp"

namespace seccomp_sim::explore {

/// Whether the next step of this task, which can run, is private.
bool is_private(const kernel& k, const scenario_facts& facts, task_id who);

} // namespace seccomp_sim::explore

// Which atomic steps are private to their task, so that it makes no difference when they happen: the partial
// order reduction.
//
// A step may be taken alone, before anybody else's, if nothing that others do before it can change what it
// does, and nothing that it does can be seen by others or by an invariant before their own next step: it
// reads and writes only what belongs to its task or what is protected by a lock that its task holds, or it
// drops such a lock. (The set of one such step is persistent in the sense of Godefroid: what others could do
// meanwhile commutes with it.) It must never be blocked. Every cycle of steps has one that is not private:
// each loop of a kernel function looks at something shared. Counters are never private: in which order they
// are touched is what this tool is about.
//
// `check_reduction` tests the claim in every state that a scenario can reach: the step and any step of
// another task must lead to the same state in both orders.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim::explore {

/// Whether the next step of this task, which can run, is private.
bool is_private(const kernel& k, task_id who);

} // namespace seccomp_sim::explore

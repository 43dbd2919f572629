// What locks make private: whole sections, and the first of two locks.
//
// Taking a lock can be put off past what others do meanwhile, for they cannot take it; dropping one can be
// brought forward, for nobody could take it before; and what is done under it commutes if it is private. So
// whatever comes between the steps of a section that is private as a whole can as well come after all of
// them: the section may be taken at once, as one private step, when its lock is free (Lipton's reduction).
//
// Where a lock is taken only to take another one next, nothing else being done in between, whatever comes
// between can as well come before both. So the first is only taken where the second is free, too, and both in
// one step. A task that holds the first and waits for the second is passed over by this; it can only be stuck
// there if the second one's holder waits for the first: that is what `no-deadlock` finds by the order of
// locks alone (kernel-model/lock_order.hpp).
#pragma once

#include "sim/explore/scenario_facts.hpp"

namespace seccomp_sim::explore {

/// Whether the next step of this task is in a section under a lock that is private as a whole, at its
/// beginning (the lock is free then) or further on.
bool in_private_section(const kernel& k, const scenario_facts& facts, task_id who);

/// Whether the next step of this task takes a lock and nothing else, and the one after it another lock.
bool takes_first_of_two(const kernel& k, const scenario_facts& facts, task_id who);
/// Whether the second of them is free.
bool second_is_free(const kernel& k, task_id who);

} // namespace seccomp_sim::explore

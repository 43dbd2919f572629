// When taking a filter's `usage` or `live` up or down is private.
//
// The counter is seen by others only where it is tested for zero, or for one (an exit walk that frees what
// only it holds). As long as somebody else holds it, who does not let go, no such test can come out
// differently, whatever order all the counting is done in: additions commute. So a step that only counts, and
// learns that the counter is not zero, can be taken at once.
//
// A holder that does not let go is a task that stays (scenario_facts.hpp), of any filter on the path up from
// its own: its pointer holds the leaf, each filter holds the one above. Only TSYNC moves another task's
// pointer, to a leaf from which the old one is still on the path, and lets go of the old one while the caller
// holds the new one. The task that counts may be that task itself: what it does with its own pointer is no
// counting.
//
// The exact invariants compare a counter with its holders, who are told in the same step: they hold after a
// step or do not, in both orders alike; and where they do not, the step is not private (label_effects.hpp). A
// counter that is not exact is found by them before anything else can come of it, so what is said here may
// assume that it is. Whether `live` rises from zero, a walk goes on from it, a poll has HUP: none of these
// can happen with a holder that stays. The invariants at rest look when nobody is counting.
#pragma once

#include "sim/explore/scenario_facts.hpp"

namespace seccomp_sim::explore {

/// Whether the next step of this task does nothing but count beside a user that stays.
bool counts_beside_a_user(const kernel& k, const scenario_facts& facts, task_id who);

} // namespace seccomp_sim::explore

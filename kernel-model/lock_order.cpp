// The order in which a task may take the kernel's locks.
#include "kernel-model/lock_order.hpp"

#include <utility>

namespace seccomp_sim {

void check_lock_order(kernel& k, lock_class taken, std::string_view name) {
    k.count_test(invariant::no_deadlock);
    // Whoever holds a siglock across a step holds its own group's: others' are taken and dropped within one.
    const task& self = std::as_const(k.w.tasks)[k.self];
    const bool holds_siglock = self.group && std::as_const(k.w.groups)[self.group].siglock == k.self;
    const bool holds_tasklist = k.globals().tasklist_lock == k.self;
    if (!holds_siglock && (!holds_tasklist || taken == lock_class::siglock))
        return;
    k.violate(invariant::no_deadlock, k.describe(k.self) + " takes " + std::string(name) +
                                          " while it holds " + (holds_siglock ? "siglock" : "tasklist_lock") +
                                          ": the other way round, another task would wait for it for ever");
}

} // namespace seccomp_sim

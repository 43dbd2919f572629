// The order in which a task may take the kernel's locks (the lock ordering of Documentation/locking and of
// the comments above the locks, as lockdep would check it). Two tasks that take two locks in opposite orders
// can wait for each other for ever; that either of them does it the wrong way round is enough to say so.
//
// Mutexes come before spinlocks, for nobody may sleep under one: first cred_guard_mutex, notify_lock or an
// epoll instance's mtx, then tasklist_lock, then siglock.
#pragma once

#include "seccomp_sim/kernel.hpp"

#include <string_view>
#include <utility>

namespace seccomp_sim {

enum class lock_class : std::uint8_t { mutex, tasklist_lock, siglock };

/// `no-deadlock` is broken: the running task takes the lock `name` while it holds `held`.
void breaks_lock_order(kernel& k, std::string_view name, std::string_view held);

/// The running task is about to take a lock: breaks `no-deadlock` if it holds one that comes after it.
inline void check_lock_order(kernel& k, lock_class taken, std::string_view name) {
    k.count_test(invariant::no_deadlock);
    // Whoever holds a siglock across a step holds its own group's: others' are taken and dropped within one.
    const group_id group = k.current().group;
    const bool holds_siglock = group && std::as_const(k.w.groups)[group].siglock == k.self;
    const bool holds_tasklist = k.globals().tasklist_lock == k.self;
    if (holds_siglock || (holds_tasklist && taken != lock_class::siglock)) [[unlikely]]
        breaks_lock_order(k, name, holds_siglock ? "siglock" : "tasklist_lock");
}

/// `tasklist_lock`, for writing, by the running task.
inline void take_tasklist_lock(kernel& k) {
    check_lock_order(k, lock_class::tasklist_lock, "tasklist_lock");
    k.globals().tasklist_lock = k.self;
}
/// The siglock of a group, by the running task.
inline void take_siglock(kernel& k, group_id of) {
    check_lock_order(k, lock_class::siglock, "siglock");
    k.w.groups[of].siglock = k.self;
}
/// cred_guard_mutex of the running task's group, by that task.
inline void take_cred_guard_mutex(kernel& k) {
    check_lock_order(k, lock_class::mutex, "cred_guard_mutex");
    k.current_group().cred_guard = k.self;
}

} // namespace seccomp_sim

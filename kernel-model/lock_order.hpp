// The order in which a task may take the kernel's locks (the lock ordering of Documentation/locking and of
// the comments above the locks, as lockdep would check it). Two tasks that take two locks in opposite orders
// can wait for each other for ever; that either of them does it the wrong way round is enough to say so.
//
// Mutexes come before spinlocks, for nobody may sleep under one: first cred_guard_mutex, notify_lock or an
// epoll instance's mtx, then tasklist_lock, then siglock.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

enum class lock_class : std::uint8_t { mutex, tasklist_lock, siglock };

/// The running task is about to take a lock: breaks `no-deadlock` if it holds one that comes after it.
void check_lock_order(kernel& k, lock_class taken, std::string_view name);

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

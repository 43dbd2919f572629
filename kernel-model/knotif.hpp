// What both sides of a notification share: the list of trapped calls on a filter's listener object, its lock,
// and the completions that the sides wait for. Follows kernel/seccomp.c and kernel/sched/completion.c; what
// stands here is done in one step because the filter's notify_lock, or the completion's own lock, keeps
// others out.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// The filter's listener object. Whoever asks holds the listener's file, so it is there; a null pointer is
/// reported.
notification* listener_object(kernel& k, filter_id f);

/// A trapped call's entry, which must not have been freed with its call.
knotif& deref(kernel& k, knotif_id n);
/// Reports a look at the list, or a change of it, by a task that does not hold notify_lock.
void check_notify_lock(kernel& k, filter_id f);

/// find_notification: the trapped call of that id, under notify_lock.
knotif_id find_notification(kernel& k, filter_id f, index_type cookie);
/// The first trapped call on the list that no supervisor has seen.
knotif_id first_unseen(kernel& k, filter_id f);
/// A new trapped call of the running task, queued as the revision does.
knotif_id queue_notification(kernel& k, filter_id f, std::int32_t system_call);
/// list_del, if the list still exists.
void unlist_notification(kernel& k, filter_id f, knotif_id n);

void list_addfd(kernel& k, kaddfd_id addfd);
void unlist_addfd(kernel& k, kaddfd_id addfd);

/// Whether the trapped task should not be interrupted any more (WAIT_KILLABLE_RECV).
bool should_sleep_killable(const kernel& k, filter_id f, knotif_id n);

/// mutex_lock: takes the filter's notify_lock if it is free.
bool try_lock(kernel& k, filter_id f);
/// What mutex_lock_interruptible came to: 0, -EINTR (contended, and a signal waits), or must_wait.
std::int32_t lock_interruptible(kernel& k, filter_id f);
/// mutex_unlock; the lock of somebody else stays and is reported.
void unlock(kernel& k, filter_id f);

/// A positive value beside 0 and errnos: the task has to wait.
inline constexpr std::int32_t must_wait = 1;

/// complete: the trapped task, or the supervisor in ADDFD, may go on.
void complete(kernel& k, knotif_id n);
void complete(kernel& k, kaddfd_id addfd);
/// wait_for_completion_interruptible or, with `killable`, _killable, by the running task: 0, -ERESTARTSYS, or
/// must_wait with the task's state set for sleeping. A completion that is done beats a signal.
std::int32_t wait_for_completion(kernel& k, index_type& done, bool killable);

} // namespace seccomp_sim

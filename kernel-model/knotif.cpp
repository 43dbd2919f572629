// The list of trapped calls and the completions of both sides: kernel/seccomp.c, kernel/sched/completion.c.
#include "kernel-model/knotif.hpp"

#include "kernel-model/lock_order.hpp"
#include "kernel-model/ring.hpp"
#include "kernel-model/signal.hpp"

#include "seccomp_sim/errno_name.hpp"

#include <cerrno>

namespace seccomp_sim {
namespace {

/// The first trapped call on the list for which `wanted` holds.
template <class Wanted>
knotif_id find_if(kernel& k, filter_id f, Wanted&& wanted) {
    const notification* object = listener_object(k, f);
    if (!object)
        return {};
    check_notify_lock(k, f);
    for (knotif_id n = object->first; n; n = ring_next(k.w.knotifs, object->first, n))
        if (wanted(deref(k, n)))
            return n;
    return {};
}

void wake_completed(kernel& k, task_id waiter) {
    if (k.wake(waiter, wake_mask::normal) && k.watch)
        k.watch->on_wake(waiter, {}, 0);
}

} // namespace

notification* listener_object(kernel& k, filter_id f) {
    const notification_id object = k.deref(f).notif;
    if (!object || !k.w.notifications.is_live(object)) {
        k.violate(invariant::no_use_after_free,
                  "the listener object of " + k.describe(f) + " was used after it was freed");
        return nullptr;
    }
    return &k.w.notifications[object];
}

knotif& deref(kernel& k, knotif_id n) {
    if (!k.w.knotifs.is_live(n))
        k.violate(invariant::no_use_after_free, "a notification was used after its call had ended");
    return k.w.knotifs[n];
}

void check_notify_lock(kernel& k, filter_id f) {
    if (k.w.filters[f].notify_lock != k.self)
        k.violate(invariant::locks_held,
                  "the notifications of " + k.describe(f) + " were used without its notify_lock");
}

knotif_id find_notification(kernel& k, filter_id f, index_type cookie) {
    return find_if(k, f, [&](const knotif& n) { return n.cookie == cookie; });
}

knotif_id first_unseen(kernel& k, filter_id f) {
    return find_if(k, f, [](const knotif& n) { return n.state == notify_state::init; });
}

knotif_id queue_notification(kernel& k, filter_id f, std::int32_t system_call) {
    check_notify_lock(k, f);
    notification& object = k.w.notifications[k.w.filters[f].notif];
    const knotif_id n = k.w.knotifs.allocate();
    knotif& record = k.w.knotifs[n];
    record.task = k.self;
    record.filter = f;
    record.cookie = object.next_id++;
    record.system_call = system_call;
    record.listed = 1;
    if (k.rev.notify_order == notify_order::fifo)
        ring_add_tail(k.w.knotifs, object.first, n);
    else
        ring_add(k.w.knotifs, object.first, n);
    return n;
}

void unlist_notification(kernel& k, filter_id f, knotif_id n) {
    const notification_id object = k.deref(f).notif;
    if (!object || k.w.knotifs[n].listed == 0)
        return;
    check_notify_lock(k, f);
    k.w.knotifs[n].listed = 0;
    ring_remove(k.w.knotifs, k.w.notifications[object].first, n);
}

void list_addfd(kernel& k, kaddfd_id addfd) {
    kaddfd& record = k.w.kaddfds[addfd];
    record.listed = 1;
    ring_add(k.w.kaddfds, k.w.knotifs[record.knotif].addfd, addfd);
}

void unlist_addfd(kernel& k, kaddfd_id addfd) {
    kaddfd& record = k.w.kaddfds[addfd];
    record.listed = 0;
    ring_remove(k.w.kaddfds, k.w.knotifs[record.knotif].addfd, addfd);
}

bool should_sleep_killable(const kernel& k, filter_id f, knotif_id n) {
    if (!k.w.filters[f].has(filter_flag::wait_killable))
        return false;
    const notify_state state = k.w.knotifs[n].state;
    return k.rev.wait_killable == killable_support::fixed ? state >= notify_state::sent
                                                          : state == notify_state::sent;
}

bool try_lock(kernel& k, filter_id f) {
    task_id& lock = k.deref(f).notify_lock;
    if (lock)
        return false;
    check_lock_order(k, lock_class::mutex, "notify_lock");
    lock = k.self;
    return true;
}

std::int32_t lock_interruptible(kernel& k, filter_id f) {
    if (try_lock(k, f))
        return 0;
    return signal_pending(k, k.self) ? -EINTR : must_wait;
}

void unlock(kernel& k, filter_id f) {
    check_notify_lock(k, f);
    if (k.deref(f).notify_lock == k.self)
        k.w.filters[f].notify_lock = none;
    k.touch(f); // trapped calls may have come and gone
    if (k.watch)
        k.watch->on_notifications(f);
}

void complete(kernel& k, knotif_id n) {
    ++deref(k, n).ready;
    wake_completed(k, k.w.knotifs[n].task);
}

void complete(kernel& k, kaddfd_id addfd) {
    ++k.w.kaddfds[addfd].done;
    wake_completed(k, k.w.kaddfds[addfd].waiter);
}

std::int32_t wait_for_completion(kernel& k, index_type& done, bool killable) {
    if (done > 0) {
        --done;
        return 0;
    }
    if (killable ? fatal_signal_pending(k, k.self) : signal_pending(k, k.self))
        return -errno_restartsys;
    k.current().state = killable ? task_state::killable : task_state::interruptible;
    return must_wait;
}

} // namespace seccomp_sim

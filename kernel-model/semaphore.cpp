// The semaphore `request` of struct notification: kernel/locking/semaphore.c.
#include "kernel-model/semaphore.hpp"

#include "kernel-model/functions.hpp"
#include "kernel-model/knotif.hpp"
#include "kernel-model/ring.hpp"
#include "kernel-model/signal.hpp"

#include <cerrno>

namespace seccomp_sim {
namespace {

bool take_count(kernel& k, filter_id f) {
    notification* object = listener_object(k, f);
    if (!object || object->requests <= 0)
        return false;
    --object->requests;
    return true;
}

wait_entry_id add_sleeper(kernel& k, filter_id f) {
    const wait_entry_id waiter = k.w.wait_entries.allocate();
    wait_entry& record = k.w.wait_entries[waiter];
    record.owner = k.self.value;
    record.queued = 1;
    if (notification* object = listener_object(k, f))
        ring_add_tail(k.w.wait_entries, object->sleepers, waiter);
    return waiter;
}

void remove_sleeper(kernel& k, filter_id f, wait_entry_id waiter) {
    if (notification* object = listener_object(k, f))
        ring_remove(k.w.wait_entries, object->sleepers, waiter);
    k.w.wait_entries.free(waiter);
}

} // namespace

void up(kernel& k, filter_id f) {
    notification* object = listener_object(k, f);
    if (!object)
        return;
    const wait_entry_id waiter = object->sleepers;
    if (!waiter || k.mutated(mutant::up_wakes_nobody)) {
        ++object->requests;
        return;
    }
    ring_remove(k.w.wait_entries, object->sleepers, waiter);
    k.w.wait_entries[waiter].queued = 0;
    const task_id sleeper{k.w.wait_entries[waiter].owner};
    if (k.wake(sleeper, wake_mask::normal) && k.watch)
        k.watch->on_wake(sleeper, {}, 0);
}

void raise_request(kernel& k, filter_id f) {
    if (k.rev.recv_wait == recv_wait::semaphore)
        up(k, f);
    else if (notification* object = listener_object(k, f))
        ++object->requests;
}

step down_interruptible::run(kernel& k) {
    kernel_function {
        yield_at("down_interruptible/before-count");
        if (take_count(k, filter)) {
            return_value(0);
        }
        // Still the same step: the semaphore's lock is held until the task sleeps.
        waiter = add_sleeper(k, filter);
        while (!signal_pending(k, k.self)) {
            k.current().state = task_state::interruptible;
            sleep_at("down_interruptible/sleep");
            if (k.deref(waiter).queued == 0) {
                k.w.wait_entries.free(waiter);
                return_value(0);
            }
        }
        remove_sleeper(k, filter, waiter);
        return_value(-EINTR);
    }
    return step::returned;
}

} // namespace seccomp_sim

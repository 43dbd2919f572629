// The supervisor's ioctls RECV, SEND, ID_VALID and SET_FLAGS: kernel/seccomp.c.
#include "kernel-model/seccomp_notify.hpp"

#include "kernel-model/functions.hpp"
#include "kernel-model/knotif.hpp"
#include "kernel-model/semaphore.hpp"
#include "kernel-model/signal.hpp"
#include "kernel-model/task_table.hpp"
#include "kernel-model/wait_queue.hpp"

#include "seccomp_sim/errno_name.hpp"

#include <cerrno>

#include <utility>

namespace seccomp_sim {
namespace {

constexpr std::uint32_t in_events = poll_event::in | poll_event::rdnorm;
constexpr std::uint32_t out_events = poll_event::out | poll_event::wrnorm;

/// RECV stops when this holds, where the revision looks at it at all.
bool is_unused(kernel& k, filter_id f) {
    return k.rev.recv_unused == recv_unused::enoent && k.rev.has_live() && k.deref(f).live == 0;
}

/// atomic_dec_if_positive(&filter->notif->requests) >= 0
bool take_request(kernel& k, filter_id f) {
    notification* object = listener_object(k, f);
    if (!object || object->requests <= 0)
        return false;
    --object->requests;
    return true;
}

/// prepare_to_wait_event: one step under the queue's lock. With a signal pending the entry comes off the
/// queue.
void prepare_to_wait(kernel& k, recv_wait_event& wait) {
    if (wait.entry && (wait.interrupted != 0 || k.deref(wait.entry).queued == 0)) {
        remove_wait(k, wait.entry);
        wait.entry = none;
    }
    if (wait.interrupted != 0)
        return;
    if (!wait.entry) {
        const bool ends =
            k.rev.recv_unused == recv_unused::enoent && !k.mutated(mutant::recv_key_without_hup);
        const std::uint32_t hup = ends ? poll_event::hup : 0;
        wait.entry = add_wait(k, {queue_kind::filter, wait.filter.value}, wake_function::receive,
                              k.self.value, poll_event::in | poll_event::err | hup, false);
    }
    k.current().state = task_state::interruptible;
}

/// finish_wait.
void finish_wait(kernel& k, recv_wait_event& wait) {
    k.current().state = task_state::running;
    if (wait.entry)
        remove_wait(k, wait.entry);
    wait.entry = none;
}

/// task_pid_vnr: 0 where the caller's pid namespace cannot see the task.
index_type pid_seen_by_current(kernel& k, task_id t) {
    return pid_seen_from(k, t, k.current_group().ns);
}

/// What user space does with what RECV gave it: it keeps the id.
void keep_notification(kernel& k, const seccomp_notify_recv& call) {
    if (notification* object = listener_object(k, call.filter))
        object->last_received = call.cookie;
    if (const name_id name = k.current_request().as)
        set_meaning(k.lists().named_notifications, name, named_notification{call.filter, call.cookie});
    if (k.watch)
        k.watch->on_notification(k.self, call.filter, call.cookie, call.target,
                                 pid_seen_by_current(k, call.target));
}

/// -EINVAL for a reply that the revision does not know.
std::int32_t check_reply(const kernel& k, const request& reply) {
    const std::uint32_t known = k.rev.user_notif_continue == presence::yes ? reply_flag::go_on : 0;
    if ((reply.flags & ~known) != 0)
        return -EINVAL;
    if ((reply.flags & reply_flag::go_on) != 0 && (reply.error != 0 || reply.value != 0))
        return -EINVAL;
    return 0;
}

std::int32_t lock_for_send(kernel& k, filter_id f) {
    return k.mutated(mutant::send_without_lock) ? 0 : lock_interruptible(k, f);
}

void store_reply(kernel& k, knotif_id n, const request& reply) {
    knotif& record = k.w.knotifs[n];
    record.state = notify_state::replied;
    record.error = reply.error;
    record.val = reply.value;
    record.flags = reply.flags;
}

} // namespace

index_type asked_cookie(kernel& k, filter_id f) {
    const request& asked = k.current_request();
    if (asked.notification) {
        const index_type name = asked.notification.value;
        const std::vector<named_notification>& named = std::as_const(k).lists().named_notifications;
        return name < named.size() && named[name].filter == f ? named[name].cookie : 0;
    }
    if (asked.cookie != 0)
        return asked.cookie;
    const notification* object = listener_object(k, f);
    return object ? object->last_received : 0;
}

step recv_wait_event::run(kernel& k) {
    kernel_function {
        if (k.rev.recv_unused == recv_unused::enoent) {
            yield_at("recv_wait_event/before-first-live");
            if (is_unused(k, filter)) {
                return_value(0);
            }
        }
        yield_at("recv_wait_event/before-first-count");
        if (take_request(k, filter)) {
            return_value(0);
        }
        for (;;) {
            yield_at("recv_wait_event/before-prepare");
            interrupted = signal_pending(k, k.self) ? 1 : 0;
            prepare_to_wait(k, *this);
            yield_at("recv_wait_event/before-count");
            if (!k.mutated(mutant::recv_looks_once) && take_request(k, filter))
                break;
            if (k.rev.recv_unused == recv_unused::enoent) {
                yield_at("recv_wait_event/before-live");
                if (!k.mutated(mutant::recv_ignores_unused) && is_unused(k, filter))
                    break;
            }
            if (interrupted != 0) {
                return_value(-errno_restartsys);
            }
            sleep_at("recv_wait_event/sleep");
        }
        yield_at("recv_wait_event/before-finish");
        finish_wait(k, *this);
        return_value(0);
    }
    return step::returned;
}

step seccomp_notify_recv::run(kernel& k) {
    kernel_function {
        if (k.rev.recv_zero_check == presence::yes) {
            if ((k.current_request().flags & receive_flag::unreadable) != 0) {
                return_value(-EFAULT);
            }
            if ((k.current_request().flags & receive_flag::not_zeroed) != 0) {
                return_value(-EINVAL);
            }
        }
        if (k.rev.recv_wait == recv_wait::semaphore) {
            call_at("seccomp_notify_recv/down", down_interruptible{{}, filter, {}});
        } else {
            call_at("seccomp_notify_recv/wait", recv_wait_event{{}, filter, {}, 0, 0});
        }
        if (k.result() < 0) {
            return_value(k.result());
        }
        wait_at("seccomp_notify_recv/lock", k.mutated(mutant::recv_without_lock) || try_lock(k, filter));
        n = first_unseen(k, filter);
        if (!n) {
            yield_at("seccomp_notify_recv/unlock-empty");
            unlock(k, filter);
            return_value(-ENOENT);
        }
        cookie = k.w.knotifs[n].cookie;
        target = k.w.knotifs[n].task;
        k.w.knotifs[n].state = notify_state::sent;
        yield_at("seccomp_notify_recv/before-wake");
        if (!k.mutated(mutant::recv_skips_wake))
            wake_up_poll(k, {queue_kind::filter, filter.value}, out_events);
        yield_at("seccomp_notify_recv/unlock");
        unlock(k, filter);
        // copy_to_user is the caller's own business: no step of another CPU can tell when it happens.
        if (k.current_request().fails != fault::bad_pointer &&
            (k.current_request().flags & receive_flag::unreadable) == 0) {
            keep_notification(k, *this);
            return_value(0);
        }

        wait_at("seccomp_notify_recv/relock", try_lock(k, filter));
        n = find_notification(k, filter, cookie);
        if (n) {
            if (should_sleep_killable(k, filter, n)) {
                yield_at("seccomp_notify_recv/before-complete");
                complete(k, n); // it must sleep interruptibly again
            }
            k.w.knotifs[n].state = notify_state::init;
            yield_at("seccomp_notify_recv/before-request-up");
            if (!k.mutated(mutant::efault_forgets_request))
                raise_request(k, filter);
            if (k.rev.recv_wait == recv_wait::wait_queue) {
                yield_at("seccomp_notify_recv/before-second-wake");
                wake_up_poll(k, {queue_kind::filter, filter.value}, in_events);
            }
        }
        yield_at("seccomp_notify_recv/last-unlock");
        unlock(k, filter);
        return_value(-EFAULT);
    }
    return step::returned;
}

step seccomp_notify_send::run(kernel& k) {
    kernel_function {
        if (k.current_request().fails == fault::bad_pointer) {
            return_value(-EFAULT);
        }
        err = check_reply(k, k.current_request());
        if (err != 0) {
            return_value(err);
        }
        cookie = asked_cookie(k, filter);
        wait_at("seccomp_notify_send/lock", (err = lock_for_send(k, filter)) != must_wait);
        if (err != 0) {
            return_value(err);
        }
        n = find_notification(k, filter, cookie);
        if (!n) {
            err = -ENOENT;
        } else if (k.w.knotifs[n].state != notify_state::sent) {
            err = -EINPROGRESS; // exactly one reply
        } else {
            store_reply(k, n, k.current_request());
            yield_at("seccomp_notify_send/before-complete");
            if (!k.mutated(mutant::send_forgets_complete))
                complete(k, n); // SYNC_WAKE_UP only chooses the CPU
        }
        yield_at("seccomp_notify_send/unlock");
        unlock(k, filter);
        return_value(err);
    }
    return step::returned;
}

step seccomp_notify_id_valid::run(kernel& k) {
    kernel_function {
        if (k.current_request().fails == fault::bad_pointer) {
            return_value(-EFAULT);
        }
        cookie = asked_cookie(k, filter);
        wait_at("seccomp_notify_id_valid/lock", (err = lock_interruptible(k, filter)) != must_wait);
        if (err != 0) {
            return_value(err);
        }
        n = find_notification(k, filter, cookie);
        err = n && k.w.knotifs[n].state == notify_state::sent ? 0 : -ENOENT;
        yield_at("seccomp_notify_id_valid/unlock");
        unlock(k, filter);
        return_value(err);
    }
    return step::returned;
}

step seccomp_notify_set_flags::run(kernel& k) {
    kernel_function {
        if ((k.current_request().flags & ~1U) != 0) {
            return_value(-EINVAL);
        }
        wait_at("seccomp_notify_set_flags/lock", (err = lock_interruptible(k, filter)) != must_wait);
        if (err != 0) {
            return_value(err);
        }
        if (notification* object = listener_object(k, filter))
            object->flags = k.current_request().flags;
        yield_at("seccomp_notify_set_flags/unlock");
        unlock(k, filter);
        return_value(0);
    }
    return step::returned;
}

} // namespace seccomp_sim

// What a trapped task does until its supervisor answers: seccomp_do_user_notification of kernel/seccomp.c.
#include "kernel-model/seccomp_user_notification.hpp"

#include "kernel-model/functions.hpp"
#include "kernel-model/knotif.hpp"
#include "kernel-model/semaphore.hpp"
#include "kernel-model/wait_queue.hpp"

#include <cerrno>

namespace seccomp_sim {
namespace {

/// The loop of 5.14 and later goes on until there is a reply. The one before takes whatever completes it, but
/// for an ADDFD that it finds, for a reply: an ADDFD that was given up ends the call with 0.
bool loops_until_replied(const kernel& k) {
    return k.rev.addfd == addfd_support::send;
}

/// After a sleep that a signal ended: whether the task goes on to sleep killably instead of giving up.
bool becomes_killable(const kernel& k, const seccomp_do_user_notification& call) {
    return call.killable == 0 && should_sleep_killable(k, call.match, call.n);
}

/// The ADDFD to handle now, if any; the older loop does not look at one once there is a reply.
kaddfd_id addfd_to_handle(const kernel& k, knotif_id n) {
    const knotif& record = k.w.knotifs[n];
    return loops_until_replied(k) || record.state != notify_state::replied ? record.addfd : kaddfd_id{};
}

bool is_answered(const kernel& k, const seccomp_do_user_notification& call) {
    const bool replied = k.w.knotifs[call.n].state == notify_state::replied;
    return replied || (!loops_until_replied(k) && call.err == 0 && !call.addfd);
}

void take_answer(kernel& k, seccomp_do_user_notification& call) {
    const knotif& answer = k.w.knotifs[call.n];
    call.value = answer.val;
    call.err = answer.error;
    call.flags = answer.flags;
}

} // namespace

step seccomp_do_user_notification::run(kernel& k) {
    kernel_function {
        wait_at("seccomp_do_user_notification/lock", try_lock(k, match));
        if (!k.deref(match).notif) {
            yield_at("seccomp_do_user_notification/unlock-no-listener");
            unlock(k, match);
            k.stack().skip_value = -ENOSYS;
            return_value(1);
        }
        // Id and list are only looked at under notify_lock; the request count and the wait queue are not.
        n = queue_notification(k, match, system_call);
        yield_at("seccomp_do_user_notification/before-request-up");
        if (!k.mutated(mutant::request_not_raised))
            raise_request(k, match);
        // SYNC_WAKE_UP only chooses the CPU that the woken one runs on.
        yield_at("seccomp_do_user_notification/before-wake");
        if (!k.mutated(mutant::trap_skips_wake))
            wake_up_poll(k, {queue_kind::filter, match.value}, poll_event::in | poll_event::rdnorm);

        do {
            killable = should_sleep_killable(k, match, n) ? 1 : 0;
            yield_at("seccomp_do_user_notification/unlock");
            unlock(k, match);
            yield_at("seccomp_do_user_notification/before-wait");
            while ((err = wait_for_completion(k, k.w.knotifs[n].ready, killable != 0)) == must_wait) {
                sleep_at("seccomp_do_user_notification/sleep");
            }
            wait_at("seccomp_do_user_notification/relock", try_lock(k, match));
            addfd = none;
            if (err != 0) {
                if (!becomes_killable(k, *this))
                    break;
                if (k.rev.wait_killable != killable_support::fixed)
                    continue;
            }
            addfd = addfd_to_handle(k, n);
            if (addfd) {
                call_at("seccomp_do_user_notification/addfd", seccomp_handle_addfd{{}, addfd, 0, {}, 0});
            }
            answered = is_answered(k, *this) ? 1 : 0;
        } while (answered == 0);
        if (answered != 0)
            take_answer(k, *this);

        // ADDFDs that nobody will handle any more.
        while (k.w.knotifs[n].addfd && !k.mutated(mutant::addfds_left)) {
            addfd = k.w.knotifs[n].addfd;
            k.w.kaddfds[addfd].ret = -ESRCH;
            unlist_addfd(k, addfd);
            yield_at("seccomp_do_user_notification/before-complete-addfd");
            complete(k, addfd);
        }
        if (err == 0 || !k.mutated(mutant::entry_left_on_signal))
            unlist_notification(k, match, n);
        yield_at("seccomp_do_user_notification/last-unlock");
        unlock(k, match);
        k.w.knotifs.free(n); // off the list, only its owner knew it
        if ((flags & reply_flag::go_on) != 0) {
            return_value(0);
        }
        k.stack().skip_value = err != 0 ? err : value;
        return_value(1);
    }
    return step::returned;
}

} // namespace seccomp_sim

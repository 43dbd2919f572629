// Why a task sleeps, and whether it still should: the condition of each sleep of the model, looked at from
// outside.
#include "kernel-model/invariants/sleeper.hpp"

#include "kernel-model/eventpoll.hpp"
#include "kernel-model/fork.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/pidfd.hpp"
#include "kernel-model/ring.hpp"
#include "kernel-model/seccomp_notify.hpp"
#include "kernel-model/seccomp_user_notification.hpp"
#include "kernel-model/select.hpp"
#include "kernel-model/semaphore.hpp"
#include "kernel-model/signal.hpp"
#include "kernel-model/wait.hpp"

namespace seccomp_sim {
namespace {

/// What seccomp_notify_poll would say.
std::uint32_t listener_events(const kernel& k, filter_id f) {
    if (!k.w.filters.is_live(f))
        return 0;
    const filter& record = k.w.filters[f];
    std::uint32_t events = 0;
    if (record.notif) {
        const knotif_id first = k.w.notifications[record.notif].first;
        // A kernel that forgets to take a notification off its list leads to what is not there.
        for (knotif_id n = first; n && k.w.knotifs.is_live(n);) {
            const knotif& one = k.w.knotifs[n];
            if (one.state == notify_state::init)
                events |= poll_event::in | poll_event::rdnorm;
            if (one.state == notify_state::sent)
                events |= poll_event::out | poll_event::wrnorm;
            n = ring_next(k.w.knotifs, first, n);
        }
    }
    if (k.rev.has_live() && record.live == 0)
        events |= poll_event::hup;
    return events;
}

std::uint32_t file_events(const kernel& k, file_id f) {
    const file& record = k.w.open_files[f];
    switch (record.kind) {
    case file_kind::listener:
        return listener_events(k, {record.object});
    case file_kind::pidfd:
        return pidfd_events(k, f);
    case file_kind::epoll:
        return k.w.eventpolls[{record.object}].ready ? poll_event::in | poll_event::rdnorm : 0;
    case file_kind::plain:
        break;
    }
    return 0;
}

/// Whether an epoll instance has something to report that its sleeper was not told of. An edge that was
/// taken, a oneshot that is spent and an exclusive entry whose wake another epoll took are no lost wakeups.
bool has_untold_events(const kernel& k, eventpoll_id ep) {
    const eventpoll& instance = k.w.eventpolls[ep];
    if (instance.ready)
        return true;
    for (epitem_id item = instance.items; item;) {
        const epitem& one = k.w.epitems[item];
        const bool level = (one.events & (poll_event::et | poll_event::exclusive)) == 0 &&
                           (one.events & ~epoll_private_bits) != 0;
        if (level && (file_events(k, one.file) & one.events) != 0)
            return true;
        item = ring_next(k.w.epitems, instance.items, item);
    }
    return false;
}

/// The files that a poll() stands in the queues of: what their fds name by now is no matter.
bool poll_has_events(const kernel& k, const sys_poll& call) {
    for (wait_entry_id e = k.w.wait_entries[call.record].next_of_task; e;
         e = k.w.wait_entries[e].next_of_task)
        if ((file_events(k, k.w.wait_entries[e].file) & k.w.wait_entries[e].key) != 0)
            return true;
    return false;
}

/// Whether RECV would find a call to receive: each that nobody has seen stands for a request.
bool requests_wait(const kernel& k, filter_id f) {
    const filter& record = k.w.filters[f];
    return record.notif &&
           (k.w.notifications[record.notif].requests > 0 || (listener_events(k, f) & poll_event::in) != 0);
}

/// Whether the target of an ADDFD has taken it, or ended without.
bool addfd_is_over(const kernel& k, kaddfd_id addfd) {
    const kaddfd& record = k.w.kaddfds[addfd];
    return record.done > 0 || record.listed == 0 || !k.w.knotifs.is_live(record.knotif);
}

bool condition_holds(const kernel& k, task_id who) {
    if (signal_pending(k, who) && k.w.tasks[who].state == task_state::interruptible)
        return true;
    if (const auto* call = frame_of<down_interruptible>(k, who))
        return requests_wait(k, call->filter);
    if (const auto* call = frame_of<recv_wait_event>(k, who))
        return requests_wait(k, call->filter) || (k.rev.recv_unused == recv_unused::enoent &&
                                                  k.rev.has_live() && k.w.filters[call->filter].live == 0);
    if (const auto* call = frame_of<seccomp_do_user_notification>(k, who))
        return k.w.knotifs[call->n].ready > 0;
    if (const auto* call = frame_of<seccomp_notify_addfd>(k, who))
        return addfd_is_over(k, call->addfd);
    if (const auto* call = frame_of<sys_epoll_wait>(k, who))
        return has_untold_events(k, call->ep);
    if (const auto* call = frame_of<sys_poll>(k, who))
        return poll_has_events(k, *call);
    if (frame_of<kernel_wait4>(k, who))
        return wait_would_return(k, who);
    if (const auto* call = frame_of<kernel_clone>(k, who))
        return !vfork_child_runs(k, *call);
    return false;
}

} // namespace

sleeper_state look_at_sleeper(const kernel& k, task_id who) {
    if (const auto* call = frame_of<seccomp_do_user_notification>(k, who))
        if (!k.w.filters[call->match].notif || k.w.knotifs[call->n].state == notify_state::replied)
            return sleeper_state::not_ended;
    return condition_holds(k, who) ? sleeper_state::condition_holds : sleeper_state::rightly;
}

} // namespace seccomp_sim

// Polling any file: vfs_poll, __ep_eventpoll_poll of fs/eventpoll.c, pidfd_poll of fs/pidfs.c.
#include "kernel-model/eventpoll.hpp"
#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/lock_order.hpp"
#include "kernel-model/pidfd.hpp"
#include "kernel-model/seccomp_listener.hpp"
#include "kernel-model/select.hpp"

namespace seccomp_sim {
namespace {

/// DEFAULT_POLLMASK: a file without a poll of its own.
constexpr std::uint32_t default_events =
    poll_event::in | poll_event::out | poll_event::rdnorm | poll_event::wrnorm;

poll_table table_of(const vfs_poll& call) {
    return {static_cast<wake_function>(call.wake), call.owner, call.key};
}

bool is(kernel& k, file_id f, file_kind kind) {
    return k.deref(f).kind == kind;
}

} // namespace

step vfs_poll::run(kernel& k) {
    kernel_function {
        if (is(k, f, file_kind::plain)) {
            return_value(default_events);
        }
        if (is(k, f, file_kind::listener)) {
            call_at("vfs_poll/listener",
                    seccomp_notify_poll{{}, {k.w.open_files[f].object}, f, wake, owner, key, 0, 0, 0});
            return_value(k.result());
        }
        if (is(k, f, file_kind::pidfd)) {
            yield_at("pidfd_poll/before-poll-wait");
            poll_wait(k, f, {queue_kind::pidfd, k.w.open_files[f].pid}, table_of(*this));
            yield_at("pidfd_poll/before-look");
            return_value(pidfd_events(k, f));
        }

        yield_at("ep_eventpoll_poll/before-poll-wait");
        poll_wait(k, f, {queue_kind::ep_poll, eventpoll_of(k, f).value}, table_of(*this));
        wait_at("ep_eventpoll_poll/mtx", !deref(k, eventpoll_of(k, f)).mtx);
        check_lock_order(k, lock_class::mutex, "ep->mtx");
        deref(k, eventpoll_of(k, f)).mtx = k.self;
        yield_at("ep_eventpoll_poll/start-scan");
        list = ep_start_scan(k, eventpoll_of(k, f));
        while (list && events == 0) {
            // The first item stays on the list while it is polled, and for good if it is ready.
            item = list;
            yield_at("ep_eventpoll_poll/before-fget");
            if (epi_fget(k, item)) {
                call_at("ep_eventpoll_poll/item", vfs_poll{{},
                                                           k.w.epitems[item].file,
                                                           static_cast<std::uint32_t>(wake_function::epoll),
                                                           id<void>::nothing,
                                                           k.w.epitems[item].events,
                                                           {},
                                                           {},
                                                           0});
                if ((static_cast<std::uint32_t>(k.result()) & k.w.epitems[item].events) != 0)
                    events = poll_event::in | poll_event::rdnorm;
                yield_at("ep_eventpoll_poll/before-fput");
                fput(k, k.w.epitems[item].file);
            }
            if (events == 0)
                ep_take(k, list);
        }
        yield_at("ep_eventpoll_poll/done-scan");
        ep_done_scan(k, eventpoll_of(k, f), list);
        list = none;
        yield_at("ep_eventpoll_poll/unlock");
        deref(k, eventpoll_of(k, f)).mtx = none;
        return_value(events);
    }
    return step::returned;
}

} // namespace seccomp_sim

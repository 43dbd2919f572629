// epoll_wait: ep_poll and ep_send_events of fs/eventpoll.c.
#include "kernel-model/eventpoll.hpp"
#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/lock_order.hpp"
#include "kernel-model/select.hpp"
#include "kernel-model/signal.hpp"

#include <cerrno>

namespace seccomp_sim {
namespace {

/// How many events fit, where a request does not say.
constexpr std::int32_t default_max_events = 64;

std::int32_t max_events_of(const request& asked) {
    return asked.number == -1 ? default_max_events : asked.number;
}

/// The events of the item, by what the poll of its file came to.
std::uint32_t revents(kernel& k, epitem_id item) {
    return static_cast<std::uint32_t>(k.result()) & k.w.epitems[item].events;
}

void report(kernel& k, epitem_id item) {
    if (k.watch)
        k.watch->on_event(k.self, k.w.epitems[item].name, revents(k, item));
}

/// Goes to sleep on ep->wq unless there is something or a signal came. Says whether there is something.
bool prepare_to_sleep(kernel& k, eventpoll_id ep, wait_entry_id& entry) {
    if (ep_events_available(k, ep))
        return true;
    k.current().state = task_state::interruptible;
    entry = add_wait(k, {queue_kind::ep_wait, ep.value}, wake_function::task, k.self.value, 0, true);
    return false;
}

/// The task was woken, but neither by its queue nor for a signal.
bool ran_out_of_time(kernel& k, wait_entry_id entry) {
    return k.current_request().value > 0 && k.deref(entry).queued != 0 && !signal_pending(k, k.self);
}

} // namespace

step sys_epoll_wait::run(kernel& k) {
    kernel_function {
        yield_at("epoll_wait/before-fget");
        f = fget(k, k.self, k.current_request().fd);
        if (!f) {
            return_value(-EBADF);
        }
        if (max_events_of(k.current_request()) <= 0 || k.w.open_files[f].kind != file_kind::epoll) {
            events = -EINVAL;
        } else {
            ep = {k.w.open_files[f].object};
            timed_out = k.current_request().value == 0;
            yield_at("ep_poll/before-look");
            events_available = ep_events_available(k, ep);
            for (;;) {
                if (events_available != 0) {
                    call_at("ep_poll/send-events",
                            ep_send_events{{}, ep, max_events_of(k.current_request()), {}, {}, 0});
                    events = static_cast<std::int32_t>(k.result());
                    if (events != 0)
                        break;
                }
                if (timed_out != 0)
                    break;
                yield_at("ep_poll/before-prepare");
                // The look for a signal is in one step with the rest, since schedule() looks once more.
                if (signal_pending(k, k.self)) {
                    events = -EINTR;
                    break;
                }
                if (!prepare_to_sleep(k, ep, entry)) {
                    sleep_at("ep_poll/sleep");
                    yield_at("ep_poll/before-finish");
                    timed_out = ran_out_of_time(k, entry);
                    remove_wait(k, entry);
                    entry = none;
                }
                events_available = timed_out == 0;
            }
        }
        yield_at("epoll_wait/before-fput");
        fput(k, f);
        return_value(events);
    }
    return step::returned;
}

step ep_send_events::run(kernel& k) {
    kernel_function {
        if (fatal_signal_pending(k, k.self)) {
            return_value(-EINTR);
        }
        wait_at("ep_send_events/mtx", !deref(k, ep).mtx);
        check_lock_order(k, lock_class::mutex, "ep->mtx");
        deref(k, ep).mtx = k.self;
        yield_at("ep_send_events/start-scan");
        list = ep_start_scan(k, ep);
        while (list && sent < max_events) {
            item = ep_take(k, list);
            yield_at("ep_send_events/before-fget");
            if (!epi_fget(k, item))
                continue;
            call_at("ep_send_events/poll", vfs_poll{{},
                                                    k.w.epitems[item].file,
                                                    static_cast<std::uint32_t>(wake_function::epoll),
                                                    id<void>::nothing,
                                                    k.w.epitems[item].events,
                                                    {},
                                                    {},
                                                    0});
            if (revents(k, item) != 0) {
                report(k, item);
                ++sent;
                // One step with the delivery: what epoll_wait hands out is seen by its own task only.
                if ((k.w.epitems[item].events & poll_event::oneshot) != 0)
                    k.w.epitems[item].events &= epoll_private_bits;
                else if ((k.w.epitems[item].events & poll_event::et) == 0)
                    ep_put_back(k, item);
            }
            yield_at("ep_send_events/before-fput");
            fput(k, k.w.epitems[item].file);
        }
        yield_at("ep_send_events/done-scan");
        ep_done_scan(k, ep, list);
        list = none;
        yield_at("ep_send_events/unlock");
        deref(k, ep).mtx = none;
        return_value(sent);
    }
    return step::returned;
}

} // namespace seccomp_sim

// The walks up a filter's path, written once: __seccomp_filter_orphan and __put_seccomp_filter of
// kernel/seccomp.c, and two designs that the kernel does not have. The model walks its tables in steps; the
// benchmark walks real memory with real atomics, where the yields are compiled away.
//
// `Chain` answers for the memory: live_dec_and_test, usage_dec_and_test, prev, waitqueue_active, wake_hup,
// free_filter, own_usage, own_live, and reached, which says whether to stop at a yield. `Call` is where the
// walk is: `at`, `orig`, `freeme`, and the counts that it owns (see struct frame).
#pragma once

#include "seccomp_sim/frame.hpp"

namespace seccomp_sim {

/// Up the path while `live` reaches zero, waking each filter's queue with HUP. Takes over one count of
/// `call.orig`. Where `k.takes_notify_lock()`, the wait queue is looked at under the filter's notify_lock, as
/// it had to be while the queue was part of the notification object.
template <class Chain, class Call>
step orphan_walk(Chain&& k, Call& call) {
    BOOST_ASIO_CORO_REENTER(call.at) {
        k.own_live(call, call.orig);
        while (call.owns_live) {
            yield_at("seccomp_filter_orphan/before-dec");
            call.orig = call.owns_live;
            if (!k.live_dec_and_test(call.orig)) {
                k.own_live(call, {});
                break;
            }
            // With live at zero, what the filter counted for in its prev is the walker's to let go of.
            k.own_live(call, k.prev(call.orig));
            if (k.takes_notify_lock()) {
                wait_at("seccomp_filter_orphan/notify-lock", k.notify_trylock(call.orig));
            }
            yield_at("seccomp_filter_orphan/before-waitqueue-active");
            if (k.waitqueue_active(call.orig)) {
                yield_at("seccomp_filter_orphan/before-wake");
                k.wake_hup(call.orig);
            }
            if (k.takes_notify_lock()) {
                yield_at("seccomp_filter_orphan/before-notify-unlock");
                k.notify_unlock(call.orig);
            }
        }
    }
    return step::returned;
}

/// Up the path while `usage` reaches zero, freeing. Takes over one count of `call.orig`.
template <class Chain, class Call>
step put_walk(Chain&& k, Call& call) {
    BOOST_ASIO_CORO_REENTER(call.at) {
        k.own_usage(call, call.orig);
        while (call.owns_usage) {
            yield_at("put_seccomp_filter/before-dec");
            call.freeme = call.owns_usage;
            if (!k.usage_dec_and_test(call.freeme)) {
                k.own_usage(call, {});
                break;
            }
            k.own_usage(call, k.prev(call.freeme));
            yield_at("put_seccomp_filter/before-free");
            k.free_filter(call.freeme);
        }
    }
    return step::returned;
}

/// orphan_walk that frees on its way each filter that only the walker still holds, without taking its `usage`
/// down: nobody can find such a filter to hold it again. From the first filter that has another holder, an
/// open listener say, it goes on as orphan_walk does, and keeps its `usage` of that filter so that the rest
/// of the path stays. Takes over one count of both of `call.orig`; what is left of `usage` stays in
/// `call.owns_usage`, for put_walk.
template <class Chain, class Call>
step fused_walk(Chain&& k, Call& call) {
    BOOST_ASIO_CORO_REENTER(call.at) {
        k.own_usage(call, call.orig);
        k.own_live(call, call.orig);
        while (call.owns_live) {
            yield_at("seccomp_filter_release_fused/before-dec");
            call.orig = call.owns_live;
            if (!k.live_dec_and_test(call.orig)) {
                k.own_live(call, {});
                break;
            }
            k.own_live(call, k.prev(call.orig));
            yield_at("seccomp_filter_release_fused/before-waitqueue-active");
            if (k.waitqueue_active(call.orig)) {
                yield_at("seccomp_filter_release_fused/before-wake");
                k.wake_hup(call.orig);
            }
            if (call.owns_usage == call.orig) {
                yield_at("seccomp_filter_release_fused/before-usage-read");
                if (k.usage_is_last(call.orig)) {
                    k.own_usage(call, call.owns_live);
                    yield_at("seccomp_filter_release_fused/before-free");
                    k.free_filter(call.orig);
                }
            }
        }
    }
    return step::returned;
}

} // namespace seccomp_sim

// The walks that let go of a filter's counters, and when a dying task takes them: kernel/seccomp.c. A walker
// that owns a count says so in its frame before it returns to a point where another CPU may look.
#include "kernel-model/seccomp_filter.hpp"

#include "kernel-model/functions.hpp"
#include "kernel-model/wait_queue.hpp"

namespace seccomp_sim {

step __seccomp_filter_orphan::run(kernel& k) {
    kernel_function {
        k.own_live(*this, orig);
        while (owns_live) {
            yield_at("seccomp_filter_orphan/before-dec");
            orig = owns_live;
            if (!k.live_dec_and_test(orig)) {
                k.own_live(*this, none);
                break;
            }
            // With live at zero, what the filter counted for in its prev is the walker's to let go of.
            k.own_live(*this, k.deref(orig).prev);
            yield_at("seccomp_filter_orphan/before-waitqueue-active");
            if (waitqueue_active(k, {queue_kind::filter, orig.value})) {
                yield_at("seccomp_filter_orphan/before-wake");
                k.deref(orig);
                wake_up_poll(k, {queue_kind::filter, orig.value}, poll_event::hup);
            }
        }
    }
    return step::returned;
}

step __put_seccomp_filter::run(kernel& k) {
    kernel_function {
        k.own_usage(*this, orig);
        while (owns_usage) {
            yield_at("put_seccomp_filter/before-dec");
            freeme = owns_usage;
            if (!k.usage_dec_and_test(freeme)) {
                k.own_usage(*this, none);
                break;
            }
            k.own_usage(*this, k.deref(freeme).prev);
            yield_at("put_seccomp_filter/before-free");
            k.free_filter(freeme);
        }
    }
    return step::returned;
}

step __seccomp_filter_release::run(kernel& k) {
    kernel_function {
        k.own_usage(*this, orig);
        if (k.rev.has_live()) {
            call_at("seccomp_filter_release/orphan", __seccomp_filter_orphan{{}, orig, 0});
        }
        k.own_usage(*this, none);
        call_at("seccomp_filter_release/put", __put_seccomp_filter{{}, orig, {}});
    }
    return step::returned;
}

step seccomp_filter_release::run(kernel& k) {
    kernel_function {
        if (locked != 0 && k.rev.exit_test == exit_shortcut::lockless) {
            yield_at("seccomp_filter_release/before-read");
            if (!k.deref(tsk).filter) {
                return_value(0);
            }
        }
        if (locked != 0) {
            wait_at("seccomp_filter_release/siglock", !k.group_of(tsk).siglock);
            k.group_of(tsk).siglock = k.self;
        }
        yield_at("seccomp_filter_release/before-detach");
        // Before 6.11 the pointer is read and cleared without a lock: the task is unhashed, nobody finds it
        // any more.
        orig = k.deref(tsk).filter;
        k.drop_usage_hold(tsk);
        k.drop_live_hold(tsk);
        k.own_usage(*this, orig);
        k.own_live(*this, k.rev.has_live() ? orig : filter_id{});
        k.set_filter(tsk, none, false, false);
        if (locked != 0) {
            yield_at("seccomp_filter_release/before-unlock");
            k.group_of(tsk).siglock = none;
        }
        if (orig) {
            k.own_usage(*this, none);
            k.own_live(*this, none);
            call_at("seccomp_filter_release/release", __seccomp_filter_release{{}, orig, 0});
        }
    }
    return step::returned;
}

step seccomp_release_live::run(kernel& k) {
    kernel_function {
        yield_at("seccomp_release_live/before-read");
        if (k.deref(tsk).filter && k.deref(tsk).has(task_flag::holds_live)) {
            k.drop_live_hold(tsk);
            call_at("seccomp_release_live/orphan", __seccomp_filter_orphan{{}, k.deref(tsk).filter, 0});
        }
    }
    return step::returned;
}

step put_seccomp_filter::run(kernel& k) {
    kernel_function {
        orig = k.deref(tsk).filter;
        if (!orig) {
            return_value(0);
        }
        k.drop_usage_hold(tsk);
        if (k.rev.has_live() && k.rev.release == release_point::free) {
            k.drop_live_hold(tsk);
            call_at("put_seccomp_filter/release", __seccomp_filter_release{{}, orig, 0});
        } else {
            call_at("put_seccomp_filter/put", __put_seccomp_filter{{}, orig, {}});
        }
        // A fork that failed late still has the `live` it took; the patch as posted gives it back nowhere.
        k.drop_live_hold(tsk);
        k.w.tasks[tsk].filter = none;
    }
    return step::returned;
}

step get_seccomp_filter::run(kernel& k) {
    kernel_function {
        yield_at("get_seccomp_filter/before-usage-inc");
        k.usage_inc(orig);
        k.own_usage(*this, orig);
        if (k.rev.has_live()) {
            yield_at("get_seccomp_filter/before-live-inc");
            k.live_inc(orig);
        }
        k.own_usage(*this, none);
    }
    return step::returned;
}

} // namespace seccomp_sim

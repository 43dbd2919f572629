// The walks that let go of a filter's counters, and when a dying task takes them: kernel/seccomp.c. A walker
// that owns a count says so in its frame before it returns to a point where another CPU may look.
#include "kernel-model/seccomp_filter.hpp"

#include "kernel-model/filter_walk.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/lock_order.hpp"
#include "kernel-model/wait_queue.hpp"

namespace seccomp_sim {

namespace {

/// The model's tables, as the walks see them; and what the walks' mutants get wrong.
struct model_chain {
    kernel& k;
    std::uint32_t* looked_idle =
        nullptr; ///< of a mutant: the queue was empty when it was looked at too early

    bool reached(label_id where) { return k.reached(where); }
    void own_usage(frame& call, filter_id f) {
        const bool goes_on = call.owns_usage && call.owns_usage != f;
        k.own_usage(call, goes_on && k.mutated(mutant::put_stops_early) ? filter_id{} : f);
    }
    void own_live(frame& call, filter_id f) {
        const bool goes_on = call.owns_live && call.owns_live != f;
        k.own_live(call, goes_on && k.mutated(mutant::orphan_stops_early) ? filter_id{} : f);
        if (k.mutated(mutant::wake_before_dec) && f)
            wake_up_poll(k, {queue_kind::filter, f.value}, poll_event::hup);
        if (k.mutated(mutant::queue_test_before_dec) && f)
            *looked_idle = seccomp_sim::waitqueue_active(k, {queue_kind::filter, f.value}) ? 0 : 1;
    }
    bool usage_dec_and_test(filter_id f) { return k.usage_dec_and_test(f) || k.mutated(mutant::put_goes_on); }
    bool live_dec_and_test(filter_id f) {
        return k.live_dec_and_test(f) || k.mutated(mutant::orphan_goes_on);
    }
    /// Whether the caller's is the only count; then it is gone, in the same step: nobody else could come
    /// between.
    bool usage_is_last(filter_id f) { return k.deref(f).usage == 1 && k.usage_dec_and_test(f); }
    filter_id prev(filter_id f) { return k.deref(f).prev; }
    bool waitqueue_active(filter_id f) {
        if (k.mutated(mutant::wake_before_dec) || k.mutated(mutant::skip_hup_wake) ||
            (k.mutated(mutant::queue_test_before_dec) && *looked_idle != 0))
            return false;
        return seccomp_sim::waitqueue_active(k, {queue_kind::filter, f.value}) ||
               k.mutated(mutant::always_wake);
    }
    void wake_hup(filter_id f) {
        k.deref(f);
        wake_up_poll(k, {queue_kind::filter, f.value},
                     k.mutated(mutant::hup_wake_wrong_key) ? poll_event::in : poll_event::hup);
    }
    void free_filter(filter_id f) {
        if (!k.mutated(mutant::put_forgets_free))
            k.free_filter(f);
    }
    bool takes_notify_lock() const { return k.rev.walk == exit_walk::locked; }
    bool notify_trylock(filter_id f) {
        if (k.deref(f).notify_lock)
            return false;
        check_lock_order(k, lock_class::mutex, "notify_lock");
        k.deref(f).notify_lock = k.self;
        return true;
    }
    void notify_unlock(filter_id f) { k.deref(f).notify_lock = none; }
};

} // namespace

step __seccomp_filter_orphan::run(kernel& k) {
    return orphan_walk(model_chain{k, &looked_idle}, *this);
}

step __put_seccomp_filter::run(kernel& k) {
    return put_walk(model_chain{k}, *this);
}

step __seccomp_filter_release_fused::run(kernel& k) {
    const step taken = fused_walk(model_chain{k}, *this);
    if (taken == step::returned) {
        // The caller owns from here on what is left.
        k.set_result(static_cast<std::int64_t>(owns_usage.value));
        k.own_usage(*this, none);
    }
    return taken;
}

step __seccomp_filter_release::run(kernel& k) {
    kernel_function {
        if (k.mutated(mutant::put_before_orphan)) {
            call_at("seccomp_filter_release/early-put",
                    __put_seccomp_filter{hand_over_usage(*this), orig, {}});
        } else {
            k.own_usage(*this, orig);
        }
        if (k.rev.has_live() && k.rev.walk == exit_walk::fused) {
            call_at("seccomp_filter_release/fused",
                    __seccomp_filter_release_fused{hand_over(*this), orig, {}});
            orig = {static_cast<index_type>(k.result())};
            k.own_usage(*this, orig);
        } else if (k.rev.has_live() && !k.mutated(mutant::skip_orphan)) {
            call_at("seccomp_filter_release/orphan", __seccomp_filter_orphan{hand_over_live(*this), orig, 0});
        }
        k.own_live(*this, none); // of a mutant: nobody takes it down
        if (orig && !k.mutated(mutant::put_before_orphan)) {
            call_at("seccomp_filter_release/put", __put_seccomp_filter{hand_over_usage(*this), orig, {}});
        }
    }
    return step::returned;
}

step seccomp_filter_release::run(kernel& k) {
    kernel_function {
        if (k.mutated(mutant::skip_release)) {
            return_value(0);
        }
        if (k.mutated(mutant::exit_without_siglock))
            locked = 0;
        if (locked != 0 && k.rev.exit_test == exit_shortcut::lockless) {
            yield_at("seccomp_filter_release/before-read");
            if (!k.deref(tsk).filter) {
                return_value(0);
            }
        }
        if (locked != 0) {
            wait_at("seccomp_filter_release/siglock", !k.group_of(tsk).siglock);
            take_siglock(k, k.deref(tsk).group);
        }
        yield_at("seccomp_filter_release/before-detach");
        // Before 6.11 the pointer is read and cleared without a lock: the task is unhashed, nobody finds it
        // any more.
        orig = k.deref(tsk).filter;
        k.take_holds(*this, tsk);
        k.own_usage(*this, orig);
        k.own_live(*this, k.rev.has_live() ? orig : filter_id{});
        k.set_filter(tsk, k.mutated(mutant::exit_keeps_pointer) ? orig : filter_id{});
        if (locked != 0) {
            yield_at("seccomp_filter_release/before-unlock");
            k.group_of(tsk).siglock = none;
        }
        if (orig) {
            call_at("seccomp_filter_release/release", __seccomp_filter_release{hand_over(*this), orig, 0});
        }
    }
    return step::returned;
}

step seccomp_release_live::run(kernel& k) {
    kernel_function {
        yield_at("seccomp_release_live/before-read");
        if (k.mutated(mutant::skip_release_live)) {
            return_value(0);
        }
        // Whether the count is still there is not asked: TSYNC may have taken it.
        if (k.deref(tsk).filter) {
            k.drop_live_hold(tsk);
            call_at("seccomp_release_live/orphan", __seccomp_filter_orphan{{}, k.deref(tsk).filter, 0});
        }
    }
    return step::returned;
}

step put_seccomp_filter::run(kernel& k) {
    kernel_function {
        // The task is off all lists and off its CPU: one step with what comes before.
        orig = k.deref(tsk).filter;
        if (!orig || k.mutated(mutant::free_task_skips_put)) {
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
        if (!k.mutated(mutant::skip_usage_inc))
            k.usage_inc(orig);
        k.own_usage(*this, orig);
        if (k.rev.has_live()) {
            yield_at("get_seccomp_filter/before-live-inc");
            if (!k.mutated(mutant::skip_live_inc))
                k.live_inc(orig);
            k.own_live(*this, orig);
        }
        k.give_to_caller(*this);
    }
    return step::returned;
}

} // namespace seccomp_sim

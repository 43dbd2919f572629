// Installing a filter: kernel/seccomp.c. Everything that can fail comes before the filter is visible.
#include "kernel-model/seccomp_attach.hpp"

#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/lock_order.hpp"
#include "kernel-model/seccomp_filter.hpp"
#include "kernel-model/seccomp_listener.hpp"
#include "kernel-model/signal.hpp"
#include "kernel-model/task_table.hpp"

namespace seccomp_sim {
namespace {

constexpr bool has(std::uint32_t flags, std::uint32_t flag) {
    return (flags & flag) != 0;
}

/// The tests of the flags, before anything is read from the caller's memory.
bool refuses_flags(const revision& rev, std::uint32_t flags) {
    std::uint32_t known =
        install_flag::tsync | install_flag::log | install_flag::spec_allow | install_flag::new_listener;
    if (rev.tsync_esrch == presence::yes)
        known |= install_flag::tsync_esrch;
    if (rev.wait_killable != killable_support::no)
        known |= install_flag::wait_killable_recv;
    if ((flags & ~known) != 0)
        return true;
    const bool both = has(flags, install_flag::tsync) && has(flags, install_flag::new_listener);
    if (both && rev.tsync_listener == tsync_listener::refused)
        return true;
    if (both && rev.tsync_listener == tsync_listener::with_esrch && !has(flags, install_flag::tsync_esrch))
        return true;
    return has(flags, install_flag::wait_killable_recv) && !has(flags, install_flag::new_listener);
}

/// seccomp_prepare_user_filter: the errors in the order in which the kernel meets them.
int prepare_error(kernel& k, const request& call) {
    if (call.fails == fault::bad_pointer || !call.program)
        return -EFAULT;
    const bpf_program& program = k.programs[call.program.value];
    if (program.classic().empty() || program.classic().size() > max_program_instructions)
        return -EINVAL;
    if (!k.current().has(task_flag::no_new_privs) && !k.current().has(task_flag::sys_admin))
        return -EACCES;
    if (call.fails == fault::filter_memory)
        return -ENOMEM;
    if (call.fails == fault::bad_instructions)
        return -EFAULT;
    return program.error();
}

/// seccomp_can_sync_threads: 0, or the id of the first thread whose filter is no ancestor of the caller's.
std::int64_t can_sync_threads(const kernel& k) {
    std::int64_t failed = 0;
    for_each_thread(k, k.w.tasks[k.self].group, [&](task_id t) {
        const task& record = k.w.tasks[t];
        if (t == k.self)
            return true;
        if (k.rev.tsync_exiting == tsync_exiting::skip && record.has(task_flag::exiting))
            return true;
        if (k.mutated(mutant::tsync_checks_nothing))
            return false;
        const bool syncs =
            record.mode == seccomp_mode::disabled ||
            (record.mode == seccomp_mode::filter && is_ancestor(k, record.filter, k.w.tasks[k.self].filter));
        if (!syncs)
            failed = pid_seen_from(k, t, k.w.groups[k.w.tasks[k.self].group].ns);
        return failed == 0;
    });
    return failed;
}

bool path_is_too_long(const kernel& k, filter_id added) {
    std::uint32_t total = k.programs[k.w.filters[added].program.value].length();
    for (filter_id f = k.w.tasks[k.self].filter; f && total <= max_instructions_per_path;
         f = k.w.filters[f].prev)
        total += k.programs[k.w.filters[f].program.value].length() + path_penalty_per_filter;
    return total > max_instructions_per_path;
}

bool may_assign_mode(const task& t, seccomp_mode mode) {
    return t.mode == seccomp_mode::disabled || t.mode == mode;
}

/// The thread on the list after `thread` (nothing: the first), but for the caller.
task_id next_to_sync(const kernel& k, task_id thread) {
    const task_id first = k.w.groups[k.w.tasks[k.self].group].first_thread;
    task_id next = thread ? thread_links::after(k.w.tasks, first, thread) : first;
    if (next == k.self)
        next = thread_links::after(k.w.tasks, first, next);
    return next;
}

/// A failed install: the filter is freed whatever its counters say.
void free_prepared(kernel& k, frame& call, filter_id prepared, bool listener) {
    k.own_usage(call, none);
    k.own_live(call, none);
    if (k.mutated(mutant::failed_install_keeps_filter))
        return;
    if (listener)
        k.listener_closed(prepared);
    filter& record = k.w.filters[prepared];
    record.usage = 0;
    record.live = 0;
    record.notif = none;
    k.free_filter(prepared);
}

} // namespace

bool is_ancestor(const kernel& k, filter_id parent, filter_id child) {
    if (!parent)
        return true;
    while (child && child != parent)
        child = k.w.filters[child].prev;
    return child == parent;
}

step seccomp_attach_filter::run(kernel& k) {
    kernel_function {
        // The path's length and its filters are under siglock: nothing comes between these tests.
        if (path_is_too_long(k, filter)) {
            return_value(-ENOMEM);
        }
        if (has(flags, install_flag::tsync)) {
            k.set_result(can_sync_threads(k));
            if (k.result() != 0) {
                return_value(has(flags, install_flag::tsync_esrch) ? -ESRCH : k.result());
            }
        }
        yield_at("seccomp_attach_filter/before-attach");
        {
            seccomp_sim::filter& record = k.deref(filter);
            record.flags |= filter_flag::attached | (has(flags, install_flag::log) ? filter_flag::log : 0U) |
                            (has(flags, install_flag::wait_killable_recv) ? filter_flag::wait_killable : 0U);
            // The task's reference on its old filter becomes the new filter's, and the initial one the
            // task's.
            const filter_id prev = k.current().filter;
            k.drop_usage_hold(k.self);
            k.drop_live_hold(k.self);
            if (!k.mutated(mutant::attach_without_prev))
                k.set_prev(filter, prev);
            if (k.mutated(mutant::attach_counts_prev) && prev)
                k.usage_inc(prev);
            k.set_filter(k.self, filter, &k.stack().caller());
            if (!k.mutated(mutant::attach_skips_count))
                ++k.current().filter_count;
        }
        return_value(0);
    }
    return step::returned;
}

step seccomp_sync_threads::run(kernel& k) {
    kernel_function {
        leaf = k.current().filter;
        yield_at("seccomp_sync_threads/before-group-exit-test");
        if (k.rev.tsync_group_exit == tsync_group_exit::skip &&
            k.current_group().has(group_flag::group_exit)) {
            return_value(0);
        }
        for (thread = next_to_sync(k, none); thread; thread = next_to_sync(k, thread)) {
            yield_at("seccomp_sync_threads/before-exiting-test");
            if (k.rev.tsync_exiting == tsync_exiting::skip && k.deref(thread).has(task_flag::exiting) &&
                !k.mutated(mutant::tsync_syncs_exiting))
                continue;
            if (k.mutated(mutant::tsync_skips_last) && !next_to_sync(k, thread))
                continue;
            call_at("seccomp_sync_threads/get", get_seccomp_filter{{}, leaf, 0});
            yield_at("seccomp_sync_threads/before-release");
            old = k.mutated(mutant::tsync_forgets_old) ? filter_id{} : k.deref(thread).filter;
            if (old && k.rev.has_live() && k.rev.tsync_order == tsync_order::put_release) {
                k.drop_usage_hold(thread);
                call_at("seccomp_sync_threads/put", __put_seccomp_filter{{}, old, {}});
                // The task's own count of `live`, if release_task has not taken it already.
                yield_at("seccomp_sync_threads/before-release-live");
                k.drop_live_hold(thread);
                call_at("seccomp_sync_threads/release-live", __seccomp_filter_orphan{{}, old, 0});
            } else if (old) {
                k.drop_usage_hold(thread);
                k.drop_live_hold(thread);
                call_at("seccomp_sync_threads/release", __seccomp_filter_release{{}, old, 0});
            }
            yield_at("seccomp_sync_threads/before-assign");
            // Pointer, count and no_new_privs in one step: the thread itself may see them come one by one,
            // but it uses them in calls of its own, which take siglock before they change anything.
            k.set_filter(thread, leaf, this);
            if (k.rev.tsync_count == tsync_count::copy)
                k.w.tasks[thread].filter_count = k.current().filter_count;
            if (k.current().has(task_flag::no_new_privs))
                k.w.tasks[thread].set(task_flag::no_new_privs);
            yield_at("seccomp_sync_threads/before-mode");
            if (k.w.tasks[thread].mode == seccomp_mode::disabled && !k.mutated(mutant::tsync_skips_mode))
                k.w.tasks[thread].mode = seccomp_mode::filter;
        }
        return_value(0);
    }
    return step::returned;
}

step seccomp_set_mode_filter::run(kernel& k) {
    kernel_function {
        ret = -EINVAL;
        if (refuses_flags(k.rev, flags)) {
            return_value(-EINVAL);
        }
        ret = prepare_error(k, k.current_request());
        if (ret != 0) {
            return_value(ret);
        }
        prepared = k.new_filter(k.current_request().program, k.current_request().as);
        k.w.filters[prepared].usage = 1;
        k.own_usage(*this, prepared);
        if (k.rev.has_live()) {
            k.w.filters[prepared].live = 1;
            k.own_live(*this, prepared);
        }
        if (has(flags, install_flag::new_listener)) {
            yield_at("seccomp_set_mode_filter/before-listener");
            listener = get_unused_fd(k, k.self, true);
            ret = listener < 0 ? listener : 0;
            if (ret == 0 && k.rev.duplicate_test == duplicate_test::unlocked && path_has_listener(k)) {
                ret = -EBUSY;
                put_unused_fd(k, k.self, listener);
            } else if (ret == 0) {
                listener_f = init_listener(k, prepared);
                if (!listener_f) {
                    ret = -ENOMEM;
                    put_unused_fd(k, k.self, listener);
                }
            }
            if (ret != 0) {
                free_prepared(k, *this, prepared, false);
                return_value(ret);
            }
        }
        ret = -EINVAL;
        takes_cred_guard = has(flags, install_flag::tsync) && !k.mutated(mutant::install_without_cred_guard);
        if (takes_cred_guard != 0) {
            wait_at("seccomp_set_mode_filter/cred-guard-mutex",
                    !k.current_group().cred_guard || fatal_signal_pending(k, k.self));
        }
        if (takes_cred_guard == 0 || !k.current_group().cred_guard) {
            if (takes_cred_guard != 0)
                take_cred_guard_mutex(k);
            if (!k.mutated(mutant::install_without_siglock)) {
                wait_at("seccomp_set_mode_filter/siglock", !k.current_group().siglock);
                take_siglock(k, k.current().group);
            }
            if (may_assign_mode(k.current(), seccomp_mode::filter)) {
                if (k.rev.duplicate_test == duplicate_test::locked && has_duplicate_listener(k, prepared)) {
                    ret = -EBUSY;
                } else {
                    call_at("seccomp_set_mode_filter/attach", seccomp_attach_filter{{}, prepared, flags});
                    ret = k.result();
                }
            }
            if (ret == 0) {
                if (has(flags, install_flag::tsync)) {
                    call_at("seccomp_set_mode_filter/sync-threads", seccomp_sync_threads{});
                }
                yield_at("seccomp_set_mode_filter/before-mode");
                k.current().mode = seccomp_mode::filter;
            }
            yield_at("seccomp_set_mode_filter/before-siglock-unlock");
            if (!k.mutated(mutant::install_without_siglock))
                k.current_group().siglock = none;
            if (takes_cred_guard != 0) {
                yield_at("seccomp_set_mode_filter/before-cred-guard-unlock");
                k.current_group().cred_guard = none;
            }
        }
        if (ret == 0) {
            if (!has(flags, install_flag::new_listener)) {
                return_value(0);
            }
            yield_at("seccomp_set_mode_filter/before-fd-install");
            fd_install(k, k.self, listener, listener_f, k.current_request().fd);
            return_value(listener);
        }
        if (has(flags, install_flag::new_listener)) {
            // The file's private_data is cleared first, so that its release knows nothing of the filter.
            k.deref(listener_f).kind = file_kind::plain;
            fput(k, listener_f);
            listener_f = none;
            put_unused_fd(k, k.self, listener);
            yield_at("seccomp_set_mode_filter/before-detach");
            if (k.rev.failed_install == failed_install::cleans &&
                !k.mutated(mutant::failed_install_keeps_listener)) {
                call_at("seccomp_set_mode_filter/detach", seccomp_notify_detach{{}, prepared, {}});
            }
        }
        free_prepared(k, *this, prepared, has(flags, install_flag::new_listener));
        return_value(ret);
    }
    return step::returned;
}

step seccomp_set_mode_strict::run(kernel& k) {
    kernel_function {
        wait_at("seccomp_set_mode_strict/siglock", !k.current_group().siglock);
        // Test and assignment are both under siglock, which nobody can see in between.
        ret = may_assign_mode(k.current(), seccomp_mode::strict) ? 0 : -EINVAL;
        if (ret == 0)
            k.current().mode = seccomp_mode::strict;
        return_value(ret);
    }
    return step::returned;
}

} // namespace seccomp_sim

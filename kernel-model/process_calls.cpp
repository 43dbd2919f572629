// The calls that only touch the caller's own process, or send a signal.
#include "kernel-model/process_calls.hpp"

#include "kernel-model/exit.hpp"
#include "kernel-model/fork.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/reparent.hpp"
#include "kernel-model/signal.hpp"
#include "kernel-model/task_table.hpp"

#include "seccomp_sim/errno_name.hpp"

namespace seccomp_sim {
namespace {

constexpr std::int32_t nr_getpid = 39;
constexpr std::int32_t nr_getppid = 110;
constexpr std::int32_t nr_gettid = 186;

enum disposition : std::int64_t { at_default = 0, ignore = 1, handle = 2 };

constexpr std::uint32_t sa_restart = 1;
constexpr std::uint32_t sa_nocldwait = 2;

} // namespace

std::int64_t sys_sigaction(kernel& k, const request& call) {
    if (call.number < 1 || call.number > 31 || call.number == signal_number::kill ||
        call.number == signal_number::stop)
        return -EINVAL;
    const std::uint32_t bit = signal_bit(call.number);
    sighand& actions = sighand_of(k, k.current().group);
    const auto assign = [bit](std::uint32_t& set, bool on) { set = on ? set | bit : set & ~bit; };
    assign(actions.ignored, call.value == disposition::ignore);
    assign(actions.handled, call.value == disposition::handle);
    assign(actions.restart, (call.flags & sa_restart) != 0);
    assign(actions.no_cld_wait, (call.flags & sa_nocldwait) != 0);
    if (call.value == disposition::ignore) {
        // do_sigaction: what is pending and now ignored is forgotten.
        k.current_group().pending &= ~bit;
        for_each_thread(k, k.current().group, [&](task_id t) {
            k.w.tasks[t].pending &= ~bit;
            return true;
        });
        recalc_sigpending(k, k.self);
    }
    return 0;
}

std::int64_t sys_sigprocmask(kernel& k, const request& call) {
    const std::uint32_t mask =
        call.events & ~(signal_bit(signal_number::kill) | signal_bit(signal_number::stop));
    std::uint32_t& blocked = k.current().blocked;
    switch (call.value) {
    case 0:
        blocked |= mask;
        break;
    case 1:
        blocked &= ~mask;
        break;
    case 2:
        blocked = mask;
        break;
    default:
        return -EINVAL;
    }
    recalc_sigpending(k, k.self);
    return 0;
}

std::int64_t sys_unshare_pid_ns(kernel& k) {
    if (!k.current().has(task_flag::sys_admin))
        return -EPERM;
    if (k.current().has(task_flag::new_pid_ns))
        return -EINVAL; // nested deeper only after a fork into the first
    k.current().set(task_flag::new_pid_ns);
    new_pid_namespace(k, k.current_group().ns, k.self);
    return 0;
}

std::int64_t sys_set_no_new_privs(kernel& k) {
    k.current().set(task_flag::no_new_privs);
    return 0;
}

std::int64_t sys_set_child_subreaper(kernel& k, const request& call) {
    k.current_group().set(group_flag::subreaper, call.value != 0);
    if (call.value == 0)
        return 0;
    // propagate_has_child_subreaper: descendants that are there already know of it too, without recursion.
    std::vector<group_id> todo{k.current().group};
    while (!todo.empty()) {
        const group_id g = todo.back();
        todo.pop_back();
        for_each_child(k, g, [&](group_id child) {
            if (!k.w.groups[child].has(group_flag::has_subreaper)) {
                k.w.groups[child].set(group_flag::has_subreaper);
                todo.push_back(child);
            }
            return true;
        });
    }
    return 0;
}

std::int64_t sys_drop_capabilities(kernel& k) {
    k.current().set(task_flag::sys_admin, false);
    return 0;
}

std::int64_t sys_other(kernel& k, const request& call) {
    switch (call.system_call) {
    case nr_getpid:
        return k.w.tasks[k.current_group().leader].ns_pid;
    case nr_gettid:
        return k.current().ns_pid;
    case nr_getppid: {
        const group_id parent = k.current_group().parent;
        if (!parent || !k.w.groups[parent].leader)
            return 0;
        return pid_seen_from(k, k.w.groups[parent].leader, k.current_group().ns);
    }
    default:
        return call.native;
    }
}

std::int64_t seccomp_get(const request& call) {
    constexpr std::int64_t get_action_avail = 2;
    if (call.flags != 0)
        return -EINVAL;
    if (call.fails == fault::bad_pointer)
        return -EFAULT;
    if (call.value != get_action_avail)
        return 0;
    const bool plain = action_data(call.events) == 0 && action_known(call.events);
    return plain ? 0 : -EOPNOTSUPP;
}

step sys_kill::run(kernel& k) {
    kernel_function {
        target = find_task(k, k.current_request().target);
        // find_vpid: a task that the caller's namespace does not see has no pid to be named by.
        if (!target || is_gone(k, target) || pid_seen_from(k, target, k.current_group().ns) == 0) {
            return_value(-ESRCH);
        }
        if (k.current_request().number < 0 || k.current_request().number > 31) {
            return_value(-EINVAL);
        }
        // RCU keeps the record while the lock is waited for; lock_task_sighand fails once it is unhashed.
        wait_at("kill/siglock", is_gone(k, target) || !k.group_of(target).siglock);
        if (is_gone(k, target)) {
            return_value(-ESRCH);
        }
        if (k.current_request().number != 0) {
            const bool ancestor = k.group_of(target).ns != k.current_group().ns;
            send_signal(k, k.current_request().number, target, k.current_request().op == operation::tgkill,
                        ancestor);
        }
        return_value(0);
    }
    return step::returned;
}

step sys_pause::run(kernel& k) {
    kernel_function {
        while (!signal_pending(k, k.self)) {
            k.current().state = task_state::interruptible;
            sleep_at("pause/sleep");
        }
        k.current().state = task_state::running;
        return_value(-errno_restartnohand);
    }
    return step::returned;
}

} // namespace seccomp_sim

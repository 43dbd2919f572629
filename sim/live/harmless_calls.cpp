// The calls that may reach a real kernel.
#include "sim/live/harmless_calls.hpp"

#include "kernel-model/task_table.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/syscall.h>

namespace seccomp_sim::live {
namespace {

constexpr std::array always_harmless = {
    SYS_getpid, SYS_getppid,     SYS_gettid,      SYS_getuid,      SYS_geteuid,
    SYS_getgid, SYS_getegid,     SYS_getpgrp,     SYS_getpgid,     SYS_getsid,
    SYS_pause,  SYS_sched_yield, SYS_personality, SYS_getpriority, SYS_sched_getscheduler,
};
/// Harmless as long as this argument, which points to a path, a name, a time or a buffer, is null: the call
/// fails on it before it does anything, whatever the other arguments are.
struct harmless_of_null {
    std::int32_t number;
    std::size_t argument;
};
constexpr std::array<harmless_of_null, 40> fail_on_null = {{
    {SYS_read, 1},     {SYS_write, 1},      {SYS_getrandom, 0},     {SYS_uname, 0},   {SYS_nanosleep, 0},
    {SYS_open, 0},     {SYS_openat, 1},     {SYS_creat, 0},         {SYS_stat, 0},    {SYS_lstat, 0},
    {SYS_statfs, 0},   {SYS_access, 0},     {SYS_readlink, 0},      {SYS_chdir, 0},   {SYS_chroot, 0},
    {SYS_mknod, 0},    {SYS_mknodat, 1},    {SYS_mkdir, 0},         {SYS_mkdirat, 1}, {SYS_rmdir, 0},
    {SYS_unlink, 0},   {SYS_unlinkat, 1},   {SYS_rename, 0},        {SYS_link, 0},    {SYS_symlink, 0},
    {SYS_chmod, 0},    {SYS_fchmodat, 1},   {SYS_chown, 0},         {SYS_lchown, 0},  {SYS_fchownat, 1},
    {SYS_truncate, 0}, {SYS_setxattr, 0},   {SYS_mount, 1},         {SYS_umount2, 0}, {SYS_swapon, 0},
    {SYS_swapoff, 0},  {SYS_pivot_root, 0}, {SYS_delete_module, 0}, {SYS_connect, 1}, {SYS_bind, 1},
}};
/// No kernel has calls of these numbers; from 2^30 on are those of x32.
constexpr std::int32_t first_unknown = 1000;
constexpr std::int32_t first_of_x32 = 0x4000'0000;

bool contains(const auto& list, std::int32_t number) {
    return std::find(list.begin(), list.end(), number) != list.end();
}

bool is_harmless(const request& asked) {
    const std::int32_t number = asked.system_call;
    if (number < 0 || (number >= first_unknown && number < first_of_x32) || contains(always_harmless, number))
        return true;
    if (number == SYS_socket) // it is closed with its task
        return true;
    return std::any_of(fail_on_null.begin(), fail_on_null.end(), [&](const harmless_of_null& one) {
        return one.number == number && asked.args[one.argument] == 0;
    });
}

/// Whether a filter's action is one after which the call is not made, whatever the others say.
bool is_stopped(const kernel& model, const task& caller, const request& asked, bool handed_calls_go_on) {
    seccomp_data data{};
    data.nr = asked.system_call;
    data.arch = AUDIT_ARCH_X86_64;
    std::copy(std::begin(asked.args), std::end(asked.args), std::begin(data.args));
    // The lower an action's number, signed, the sooner it is taken.
    const std::uint32_t weakest = handed_calls_go_on ? SECCOMP_RET_ERRNO : SECCOMP_RET_TRACE;
    for (filter_id f = caller.filter; f; f = model.w.filters[f].prev) {
        const std::uint32_t action =
            model.programs[model.w.filters[f].program.value].run(data) & SECCOMP_RET_ACTION_FULL;
        if (static_cast<std::int32_t>(action) <= static_cast<std::int32_t>(weakest))
            return true;
    }
    return false;
}

std::string name_of_call(std::int32_t number) {
    char* name = ::seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, number);
    std::string text = name != nullptr ? name : "the call " + std::to_string(number);
    std::free(name);
    return text;
}

} // namespace

bool lets_calls_go_on(const scenario::scenario& s) {
    return std::any_of(s.steps.begin(), s.steps.end(), [](const scenario::step& step) {
        const auto* call = std::get_if<scenario::call_step>(&step.what);
        if (call == nullptr)
            return false;
        const request& asked = call->asked;
        return call->special == scenario::macro::event_loop || asked.op == operation::ptrace_seize ||
               (asked.op == operation::send && (asked.flags & reply_flag::go_on) != 0);
    });
}

std::string why_not_to_be_made(const kernel& model, name_id caller, const request& asked,
                               bool handed_calls_go_on) {
    const task_id t = find_task(model, caller);
    const bool strict = t && model.w.tasks[t].mode == seccomp_mode::strict;
    if (!t || strict || is_harmless(asked) || is_stopped(model, model.w.tasks[t], asked, handed_calls_go_on))
        return {};
    return name_of_call(asked.system_call) + " could be let through, and would do something on this machine";
}

} // namespace seccomp_sim::live

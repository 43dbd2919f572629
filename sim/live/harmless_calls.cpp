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
/// Harmless as long as they read or write nothing: a null pointer is a fault, whatever the fd is.
constexpr std::array harmless_of_nothing = {SYS_read, SYS_write, SYS_getrandom, SYS_uname, SYS_nanosleep};
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
    const bool by_fd = number == SYS_read || number == SYS_write;
    return contains(harmless_of_nothing, number) && asked.args[by_fd ? 1 : 0] == 0;
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

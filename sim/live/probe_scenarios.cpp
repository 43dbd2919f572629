// The scenarios of `probe`. They share their filters.
#include "sim/live/probe_scenarios.hpp"

#include <array>

namespace seccomp_sim::live {

std::string_view probe_filters() {
    return R"({
    "watch": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["getppid"], "action": "SCMP_ACT_NOTIFY"}]},
    "allow": {"defaultAction": "SCMP_ACT_ALLOW"},
    "kill": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["getgid"], "action": "SCMP_ACT_KILL_THREAD"}]}
})";
}

namespace {

constexpr auto scenarios = std::to_array<probe_scenario>({
    {"proc_filters", R"([{"task": "init", "do": "seccomp", "filter": "allow"}])"},
    {"live", R"([
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "w", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"},
        {"task": "w", "do": "send_fd", "fd": "L", "to": "init"},
        {"task": "w", "do": "close", "fd": "L"},
        {"task": "w", "do": "kill", "to": "w", "signal": "SIGKILL"},
        {"task": "init", "do": "wait", "for": "w"}])"},
    {"release", R"([
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "w", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"},
        {"task": "w", "do": "send_fd", "fd": "L", "to": "init"},
        {"task": "w", "do": "close", "fd": "L"},
        {"task": "w", "do": "exit"}])"},
    {"last_exit", R"([
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "w", "do": "thread", "child": "t"},
        {"task": "w", "do": "exit", "code": 1},
        {"task": "t", "do": "exit", "code": 2},
        {"task": "init", "do": "wait", "for": "w"}])"},
    {"tsync_exiting", R"([
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "w", "do": "thread", "child": "t"},
        {"task": "w", "do": "seccomp", "filter": "allow"},
        {"task": "w", "do": "exit"},
        {"task": "t", "do": "seccomp", "filter": "allow", "flags": ["TSYNC"], "as": "a2"}])"},
    {"tsync_count", R"([
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "w", "do": "thread", "child": "t"},
        {"task": "w", "do": "seccomp", "filter": "allow"},
        {"task": "w", "do": "seccomp", "filter": "allow", "flags": ["TSYNC"], "as": "a2"}])"},
    {"tsync_esrch", R"([
        {"task": "init", "do": "seccomp", "filter": "allow", "flags": ["TSYNC", "TSYNC_ESRCH"], "fault": "bad_pointer"}])"},
    {"tsync_listener", R"([
        {"task": "init", "do": "seccomp", "filter": "allow", "flags": ["TSYNC", "NEW_LISTENER", "TSYNC_ESRCH"], "fault": "bad_pointer"},
        {"task": "init", "do": "seccomp", "filter": "allow", "flags": ["TSYNC", "NEW_LISTENER"], "as": "a2", "listener": "L2", "fault": "bad_pointer"}])"},
    {"continue", R"([
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "w", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"},
        {"task": "w", "do": "send_fd", "fd": "L", "to": "init"},
        {"task": "w", "do": "syscall", "name": "getppid"},
        {"task": "init", "do": "recv", "fd": "L"},
        {"task": "init", "do": "send", "fd": "L", "flags": ["CONTINUE"]}])"},
    {"recv_zero_check", R"([
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "w", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"},
        {"task": "w", "do": "send_fd", "fd": "L", "to": "init"},
        {"task": "w", "do": "syscall", "name": "getppid"},
        {"task": "init", "do": "recv", "fd": "L", "buffer": "dirty"}])"},
    {"recv_wait", R"([
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "init", "do": "fork", "child": "s"},
        {"task": "w", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"},
        {"task": "w", "do": "send_fd", "fd": "L", "to": "s"},
        {"task": "s", "do": "sigaction", "signal": "SIGUSR1", "action": "handle", "flags": ["SA_RESTART"]},
        {"task": "s", "do": "recv", "fd": "L"},
        {"task": "init", "do": "kill", "to": "s", "signal": "SIGUSR1"}])"},
    {"recv_unused", R"([
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "init", "do": "fork", "child": "s"},
        {"task": "w", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"},
        {"task": "w", "do": "send_fd", "fd": "L", "to": "s"},
        {"task": "w", "do": "close", "fd": "L"},
        {"task": "w", "do": "exit"},
        {"task": "init", "do": "wait", "for": "w"},
        {"task": "s", "do": "recv", "fd": "L"}])"},
    {"notify_order", R"([
        {"task": "init", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"},
        {"task": "init", "do": "fork", "child": "a"},
        {"task": "init", "do": "fork", "child": "b"},
        {"task": "a", "do": "syscall", "name": "getppid"},
        {"task": "b", "do": "syscall", "name": "getppid"},
        {"task": "init", "do": "recv", "fd": "L"}])"},
    {"addfd", R"([
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "w", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"},
        {"task": "w", "do": "send_fd", "fd": "L", "to": "init"},
        {"task": "w", "do": "syscall", "name": "getppid"},
        {"task": "init", "do": "recv", "fd": "L"},
        {"task": "init", "do": "addfd", "fd": "L", "src": "L", "as": "one"},
        {"task": "init", "do": "addfd", "fd": "L", "src": "L", "as": "two", "flags": ["SEND"]}])"},
    {"set_flags", R"([
        {"task": "init", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"},
        {"task": "init", "do": "set_flags", "fd": "L", "flags": ["SYNC_WAKE_UP"]}])"},
    {"wait_killable", R"([
        {"task": "init", "do": "seccomp", "filter": "allow", "flags": ["NEW_LISTENER", "WAIT_KILLABLE_RECV"], "fault": "bad_pointer"}])"},
    {"mode_dead", R"([
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "w", "do": "thread", "child": "t"},
        {"task": "w", "do": "seccomp", "filter": "kill"},
        {"task": "w", "do": "syscall", "name": "getgid"}])"},
    {"exec_files", R"([
        {"task": "init", "do": "fork", "child": "tracer"},
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "w", "do": "open", "as": "one"},
        {"task": "w", "do": "clone", "flags": ["FILES"], "child": "q"},
        {"task": "w", "do": "thread", "child": "t"},
        {"task": "tracer", "do": "ptrace_seize", "target": "t"},
        {"task": "w", "do": "exec"},
        {"task": "q", "do": "open", "as": "two"},
        {"task": "tracer", "do": "wait", "for": "t"},
        {"task": "w", "do": "open", "as": "three"}])"},
    {"pidfd_getfd", R"([
        {"task": "init", "do": "fork", "child": "w"},
        {"task": "w", "do": "open", "as": "one"},
        {"task": "init", "do": "pidfd_getfd", "from": "w", "fd": "one", "as": "copy"}])"},
});

} // namespace

std::span<const probe_scenario> probe_scenarios() {
    return scenarios;
}

} // namespace seccomp_sim::live

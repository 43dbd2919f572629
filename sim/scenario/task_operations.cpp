// Operations on tasks: births, deaths, signals, waiting, exec and what a task can be set to.
#include "sim/scenario/call_reader.hpp"

#include <array>

namespace seccomp_sim::scenario {

namespace {

using type = argument_type;

constexpr std::uint64_t sigchld = 17;
constexpr std::uint64_t size_of_sigset = 8;
constexpr std::uint64_t rlimit_nofile = 7;
constexpr std::uint64_t pr_set_child_subreaper = 36;
constexpr std::uint64_t pr_set_no_new_privs = 38;

constexpr auto reactions = std::to_array<named_bits>({{"default", 0}, {"ignore", 1}, {"handle", 2}});
constexpr name_set reaction_names = {"reaction to a signal", reactions};
constexpr auto mask_changes = std::to_array<named_bits>({{"block", 0}, {"unblock", 1}, {"set", 2}});
constexpr name_set mask_change_names = {"way to change a signal mask", mask_changes};
enum : std::uint32_t { unshared_pid_ns, unshared_files };
constexpr auto unshareable =
    std::to_array<named_bits>({{"pid_ns", unshared_pid_ns}, {"files", unshared_files}});
constexpr name_set unshareable_names = {"thing to unshare", unshareable};

constexpr argument child = {"child", type::new_task, &request::child, "The name of the task that is born.",
                            true};
constexpr argument signal = {"signal", type::signal, &request::number, "The signal.", true};

constexpr auto fork_arguments =
    std::to_array<argument>({child,
                             {"flags", type::words, &request::flags,
                              "Flags of clone besides those of the call itself.", false, &fork_names}});
constexpr auto thread_arguments = std::to_array<argument>({child});
constexpr auto clone_arguments = std::to_array<argument>(
    {child, {"flags", type::words, &request::flags, "Flags of clone.", true, &clone_names}});
constexpr auto exit_arguments = std::to_array<argument>(
    {{"code", type::integer, &request::value, "The exit status.", false, nullptr, 0, 255, 0}});
constexpr auto kill_arguments = std::to_array<argument>(
    {{"to", type::task, &request::target, "The process, by any of its tasks.", true}, signal});
constexpr auto tgkill_arguments =
    std::to_array<argument>({{"to", type::task, &request::target, "The thread.", true}, signal});
constexpr auto sigaction_arguments = std::to_array<argument>(
    {signal,
     {"action", type::word, &request::value, "What the process does about it.", true, &reaction_names},
     {"flags", type::words, &request::flags, "Flags of sigaction.", false, &sigaction_names}});
constexpr auto sigprocmask_arguments = std::to_array<argument>(
    {{"how", type::word, &request::value, "How the task's mask changes.", true, &mask_change_names},
     {"signals", type::signals, &request::events, "The signals.", true}});
constexpr auto wait_arguments = std::to_array<argument>(
    {{"for", type::task_or_any, &request::target, "The child to wait for; \"any\" is the default."},
     {"options", type::words, &request::flags, "Options of wait4.", false, &wait_names}});
constexpr auto unshare_arguments = std::to_array<argument>(
    {{"what", type::word, &request::value, "What the task no longer shares.", true, &unshareable_names}});
constexpr auto subreaper_arguments = std::to_array<argument>(
    {{"value", type::boolean, &request::value, "On or off.", false, nullptr, 0, 1, 1}});
constexpr auto nofile_arguments = std::to_array<argument>(
    {{"soft", type::integer, &request::value, "The soft limit: fd numbers stay below it.", true}});

void see_clone(call_reader& call) {
    request& asked = call.asked();
    asked.args[0] = asked.flags | ((asked.flags & clone_flag::thread) == 0 ? sigchld : 0);
}

void see_exit(call_reader& call) {
    if (call.task() == scenario::init())
        call.fail("do", "\"init\" cannot exit",
                  "expected another task: without init there is nothing left to watch");
    call.asked().args[0] = static_cast<std::uint64_t>(call.asked().value);
}

void see_exit_group(call_reader& call) {
    if (call.is_init_process())
        call.fail("do", "the process of \"init\" cannot exit",
                  "expected another task: without init there is nothing left to watch");
    see_exit(call);
}

void see_kill(call_reader& call) {
    call.asked().args[1] = static_cast<std::uint64_t>(call.asked().number);
}

void see_tgkill(call_reader& call) {
    call.asked().args[2] = static_cast<std::uint64_t>(call.asked().number);
}

void see_sigaction(call_reader& call) {
    call.asked().args[0] = static_cast<std::uint64_t>(call.asked().number);
    call.asked().args[3] = size_of_sigset;
}

void see_sigprocmask(call_reader& call) {
    call.asked().args[0] = static_cast<std::uint64_t>(call.asked().value);
    call.asked().args[3] = size_of_sigset;
}

void see_wait(call_reader& call) {
    constexpr std::int64_t any_child = -1;
    request& asked = call.asked();
    asked.args[0] = asked.target ? 0 : static_cast<std::uint64_t>(any_child);
    asked.args[2] = asked.flags;
}

// One word chooses between two operations of the kernel-model.
void finish_unshare(call_reader& call) {
    request& asked = call.asked();
    const bool files = asked.value == unshared_files;
    asked.op = files ? operation::unshare_files : operation::unshare_pid_ns;
    asked.args[0] = files ? clone_flag::files : clone_flag::new_pid;
    asked.value = 0;
}

void see_no_new_privs(call_reader& call) {
    call.asked().args[0] = pr_set_no_new_privs;
    call.asked().args[1] = 1;
}

void see_subreaper(call_reader& call) {
    call.asked().args[0] = pr_set_child_subreaper;
    call.asked().args[1] = static_cast<std::uint64_t>(call.asked().value);
}

void see_nofile(call_reader& call) {
    call.asked().args[1] = rlimit_nofile;
}

const auto rows = std::to_array<operation_row>({
    {.name = "fork",
     .what = "a \"fork\" step",
     .meaning = "A new process, with a copy of the filter and of the fds.",
     .op = operation::fork,
     .system_call = 56,
     .arguments = fork_arguments,
     .finish = see_clone},
    {.name = "vfork",
     .what = "a \"vfork\" step",
     .meaning = "A new process; the caller sleeps until it execs or dies.",
     .op = operation::fork,
     .system_call = 58,
     .arguments = fork_arguments,
     .flags = clone_flag::vfork | clone_flag::vm},
    {.name = "thread",
     .what = "a \"thread\" step",
     .meaning = "A new thread of the caller's process.",
     .op = operation::fork,
     .system_call = 56,
     .arguments = thread_arguments,
     .finish = see_clone,
     .flags = clone_flag::thread | clone_flag::vm | clone_flag::files},
    {.name = "clone",
     .what = "a \"clone\" step",
     .meaning = "A new task that shares what the flags say.",
     .op = operation::fork,
     .system_call = 56,
     .arguments = clone_arguments,
     .finish = see_clone},
    {.name = "exit",
     .what = "an \"exit\" step",
     .meaning = "The task ends; other threads of its process live on.",
     .op = operation::exit,
     .system_call = 60,
     .arguments = exit_arguments,
     .finish = see_exit},
    {.name = "exit_group",
     .what = "an \"exit_group\" step",
     .meaning = "The whole process ends.",
     .op = operation::exit_group,
     .system_call = 231,
     .arguments = exit_arguments,
     .finish = see_exit_group},
    {.name = "kill",
     .what = "a \"kill\" step",
     .meaning = "A signal to a process.",
     .op = operation::kill,
     .system_call = 62,
     .arguments = kill_arguments,
     .finish = see_kill},
    {.name = "tgkill",
     .what = "a \"tgkill\" step",
     .meaning = "A signal to one thread.",
     .op = operation::tgkill,
     .system_call = 234,
     .arguments = tgkill_arguments,
     .finish = see_tgkill},
    {.name = "sigaction",
     .what = "a \"sigaction\" step",
     .meaning = "What the process does about a signal.",
     .op = operation::sigaction,
     .system_call = 13,
     .arguments = sigaction_arguments,
     .finish = see_sigaction},
    {.name = "sigprocmask",
     .what = "a \"sigprocmask\" step",
     .meaning = "Which signals the task keeps waiting.",
     .op = operation::sigprocmask,
     .system_call = 14,
     .arguments = sigprocmask_arguments,
     .finish = see_sigprocmask},
    {.name = "wait",
     .what = "a \"wait\" step",
     .meaning = "Waits for a child to die, and reaps it.",
     .op = operation::wait,
     .system_call = 61,
     .arguments = wait_arguments,
     .finish = see_wait},
    {.name = "exec",
     .what = "an \"exec\" step",
     .meaning = "A new program: other threads die, close-on-exec fds are closed, filters stay.",
     .op = operation::exec,
     .system_call = 59},
    {.name = "unshare",
     .what = "an \"unshare\" step",
     .meaning = "A pid namespace for the next children, or an fd table of the task's own.",
     .op = operation::unshare_pid_ns,
     .system_call = 272,
     .arguments = unshare_arguments,
     .finish = finish_unshare},
    {.name = "set_no_new_privs",
     .what = "a \"set_no_new_privs\" step",
     .meaning = "prctl(PR_SET_NO_NEW_PRIVS, 1).",
     .op = operation::set_no_new_privs,
     .system_call = 157,
     .finish = see_no_new_privs},
    {.name = "set_child_subreaper",
     .what = "a \"set_child_subreaper\" step",
     .meaning = "prctl(PR_SET_CHILD_SUBREAPER): orphans among the descendants become the caller's children.",
     .op = operation::set_child_subreaper,
     .system_call = 157,
     .arguments = subreaper_arguments,
     .finish = see_subreaper},
    {.name = "drop_capabilities",
     .what = "a \"drop_capabilities\" step",
     .meaning = "The task gives up CAP_SYS_ADMIN.",
     .op = operation::drop_capabilities,
     .system_call = 126},
    {.name = "setrlimit_nofile",
     .what = "a \"setrlimit_nofile\" step",
     .meaning = "How many fds the process may have.",
     .op = operation::setrlimit_nofile,
     .system_call = 302,
     .arguments = nofile_arguments,
     .finish = see_nofile},
});

} // namespace

std::span<const operation_row> task_operations() {
    return rows;
}

} // namespace seccomp_sim::scenario

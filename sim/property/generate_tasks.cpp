// Calls on tasks: births, deaths, signals, waiting, exec, tracing and what a task can be set to.
#include "sim/property/generator.hpp"

#include "kernel-model/signal.hpp"
#include "kernel-model/task_table.hpp"
#include "kernel-model/wait.hpp"

#include <array>

namespace seccomp_sim::property {

namespace {

constexpr std::int32_t sigkill = 9, sigusr1 = 10, sigusr2 = 12, sigterm = 15, sigchld = 17, sigcont = 18,
                       sigstop = 19;
constexpr auto sent = std::to_array<std::int32_t>(
    {sigusr1, sigusr1, sigusr2, sigkill, sigkill, sigterm, sigcont, sigcont, sigstop, sigchld});
constexpr auto handled = std::to_array<std::int32_t>({sigusr1, sigusr2, sigchld, sigterm});

} // namespace

bool generator::may_fork() const {
    return !options_.leaders_fork || is_leader(k(), self_);
}

bool generator::may_be_born() const {
    return world_->tasks().size() + born_here_.size() < options_.max_tasks;
}

bool generator::bear(std::uint32_t flags) {
    if (!may_be_born())
        return false;
    asked_->flags |= flags;
    asked_->child = new_task_name();
    return true;
}

bool generator::fork() {
    std::uint32_t flags = 0;
    if (choices_.one_in(16))
        flags |= clone_flag::parent;
    if (choices_.one_in(16))
        flags |= clone_flag::files;
    if (k().w.namespaces.count() < options_.max_namespaces && choices_.one_in(16))
        flags |= clone_flag::new_pid;
    return may_fork() && bear(flags);
}

bool generator::vfork() {
    return options_.blocking && !is_init() && may_fork() && bear(0);
}

bool generator::thread() {
    return !in_init_process(self_) && bear(0);
}

bool generator::clone() {
    std::uint32_t flags = 0;
    for (const std::uint32_t bit : {clone_flag::vm, clone_flag::files, clone_flag::parent})
        if (choices_.one_in(2))
            flags |= bit;
    if (!in_init_process(self_) && choices_.one_in(4))
        flags |= clone_flag::thread | (wrong() ? 0 : clone_flag::vm);
    if (options_.blocking && !is_init() && choices_.one_in(8))
        flags |= clone_flag::vfork;
    if (k().w.namespaces.count() < options_.max_namespaces && choices_.one_in(8))
        flags |= clone_flag::new_pid;
    return ((flags & clone_flag::thread) != 0 || may_fork()) && bear(flags);
}

bool generator::exit() {
    asked_->value = choices_.below(3);
    return !is_init();
}

bool generator::exit_group() {
    asked_->value = choices_.below(3);
    return !in_init_process(self_);
}

bool generator::signal_to(bool thread) {
    asked_->number = choices_.of(sent);
    asked_->target = some_task([&](task_id t) { return !in_init_process(t) && (thread || t != self_); });
    return bool{asked_->target};
}

bool generator::kill() {
    return signal_to(false);
}

bool generator::tgkill() {
    return signal_to(true);
}

bool generator::sigaction() {
    asked_->number = wrong() ? sigkill : choices_.of(handled);
    asked_->value = choices_.below(3);
    asked_->flags = choices_.below(4);
    return true;
}

bool generator::sigprocmask() {
    asked_->value = choices_.below(3);
    for (const std::int32_t signal : handled)
        if (choices_.one_in(3))
            asked_->events |= signal_bit(signal);
    return true;
}

bool generator::wait() {
    const auto is_child = [&](task_id t) {
        const task& record = k().w.tasks[t];
        return is_leader(k(), t) &&
               (k().w.groups[record.group].parent == me().group || record.tracer == self_);
    };
    const name_id zombie =
        some_task([&](task_id t) { return is_child(t) && k().w.tasks[t].exit_state == exit_state::zombie; });
    if (zombie && choices_.below(4) != 0) {
        asked_->target = choices_.one_in(3) ? name_id{} : zombie;
    } else {
        asked_->target =
            choices_.one_in(3) ? some_task([&](task_id t) { return t != self_; }) : some_task(is_child);
        if (!asked_->target && !wrong())
            return false;
        if (is_init() || !options_.blocking || choices_.one_in(2))
            asked_->flags |= wait_option::no_hang;
    }
    if (choices_.one_in(6))
        asked_->flags |= wait_option::untraced;
    if (choices_.one_in(6))
        asked_->flags |= wait_option::continued;
    return true;
}

bool generator::exec() {
    return !in_init_process(self_);
}

bool generator::unshare() {
    if (choices_.one_in(2)) {
        asked_->op = operation::unshare_files;
        return true;
    }
    return !is_init() && k().w.namespaces.count() < options_.max_namespaces;
}

bool generator::set_no_new_privs() {
    return !is_init();
}

bool generator::set_child_subreaper() {
    asked_->value = choices_.below(2);
    return true;
}

bool generator::drop_capabilities() {
    return !is_init();
}

bool generator::setrlimit_nofile() {
    asked_->value = choices_.one_in(2) ? 1024 : 3 + choices_.below(6);
    return !is_init();
}

bool generator::attach_to(std::uint32_t options) {
    asked_->flags = options;
    asked_->target = some_task(
        [&](task_id t) { return !in_init_process(t) && t != self_ && (!k().w.tasks[t].tracer || wrong()); });
    return bool{asked_->target};
}

bool generator::ptrace_attach() {
    return attach_to(0);
}

bool generator::ptrace_seize() {
    std::uint32_t options = 0;
    for (const std::uint32_t bit : {task_flag::trace_exit, task_flag::trace_seccomp, task_flag::exit_kill})
        if (choices_.one_in(3))
            options |= bit;
    return attach_to(options);
}

bool generator::tracee(bool stopped) {
    asked_->target = some_task([&](task_id t) {
        const task& record = k().w.tasks[t];
        const bool is_stopped = record.state == task_state::traced || record.state == task_state::stopped;
        return (record.tracer == self_ && (is_stopped || !stopped)) || (t != self_ && wrong());
    });
    return bool{asked_->target};
}

bool generator::ptrace_cont() {
    asked_->number = choices_.one_in(3) ? choices_.of(sent) : 0;
    return tracee(true);
}

bool generator::ptrace_detach() {
    asked_->number = 0;
    return tracee(true);
}

bool generator::ptrace_get_filter() {
    asked_->number = static_cast<std::int32_t>(choices_.below(3));
    return tracee(true);
}

bool generator::read_seccomp_cache() {
    asked_->target = some_task([](task_id) { return true; });
    return bool{asked_->target};
}

} // namespace seccomp_sim::property

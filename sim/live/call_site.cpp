// From a request to a system call: births, exec, signals, waiting, seccomp and the rest that is not about
// fds.
#include "sim/live/call_site.hpp"

#include "kernel-model/task_table.hpp"
#include "sim/live/cannot_run.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iterator>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

namespace seccomp_sim::live {
namespace {

constexpr std::int64_t sa_restorer = 0x0400'0000;
constexpr std::int64_t sa_restart = 0x1000'0000;
constexpr std::int64_t sa_nocldwait = 2;

raw_call plain(std::int64_t number, std::initializer_list<std::int64_t> arguments = {}) {
    raw_call call;
    call.number = number;
    std::copy(arguments.begin(), arguments.end(), call.arguments.begin());
    return call;
}

constexpr std::int64_t ptrace_seccomp_get_filter = 0x420c;

} // namespace

std::int64_t call_site::put(const void* bytes, std::size_t size) {
    slot& own = stage_.slot_at(caller_.slot);
    if (used_ + size > data_size)
        throw cannot_run("the call's arguments are larger than a puppet has room for");
    const std::size_t at = used_;
    if (bytes != nullptr)
        std::memcpy(own.data + at, bytes, size);
    else
        std::memset(own.data + at, 0, size);
    constexpr std::size_t alignment = 16;
    used_ += (size + alignment - 1) / alignment * alignment;
    return static_cast<std::int64_t>(slot_address(caller_.slot) + offsetof(slot, data) + at);
}

std::int64_t call_site::put_text(std::string_view text) {
    return put(std::string(text).c_str(), text.size() + 1);
}

int fd_number(const seccomp_sim::kernel& model, name_id task, name_id fd) {
    constexpr int never_open = 999'999;
    const task_id who = find_task(model, task);
    if (who && model.w.tasks[who].files)
        for (const fd_slot& s : model.w.fd_tables[model.w.tasks[who].files].slots)
            if (s.name == fd && s.file)
                return static_cast<int>(s.fd);
    return never_open;
}

int call_site::fd(name_id name) const {
    return fd_number(k_, caller_.name, name);
}

std::int64_t call_site::pid(name_id target, bool of_group) const {
    const puppet* p = cast_.find(target);
    if (p == nullptr)
        return cast::nobody;
    const task_id t = find_task(k_, target);
    const task_id me = find_task(k_, caller_.name);
    if (t && me &&
        !pid_ns_within(k_, k_.w.groups[k_.w.tasks[t].group].ns, k_.w.groups[k_.w.tasks[me].group].ns))
        return cast::nobody;
    return cast::pid_for(*p, caller_, of_group);
}

raw_call call_site::birth(const request& asked) {
    raw_call call;
    call.kind = command_kind::birth;
    const puppet* child = cast_.find(asked.child);
    call.child = child != nullptr ? child->slot : 0;
    const std::uint32_t plain_vfork = clone_flag::vfork | clone_flag::vm;
    if (asked.system_call == SYS_vfork && asked.flags == plain_vfork) {
        call.number = SYS_vfork;
        return call;
    }
    call.number = SYS_clone;
    const bool thread = (asked.flags & clone_flag::thread) != 0;
    call.arguments[0] = static_cast<std::int64_t>(asked.flags) | (thread ? CLONE_SIGHAND : SIGCHLD);
    return call;
}

raw_call call_site::exec() {
    raw_call call = plain(SYS_execve);
    call.kind = command_kind::exec;
    const std::int64_t name = put_text("puppet");
    const std::int64_t own_slot = put_text(std::to_string(caller_.slot));
    const std::int64_t size = put_text(std::to_string(stage_.size()));
    const std::int64_t argv[] = {name, own_slot, size, 0};
    call.arguments[0] = put_text("/proc/thread-self/fd/" + std::to_string(image_fd));
    call.arguments[1] = put(argv, sizeof argv);
    call.arguments[2] = call.arguments[1] + static_cast<std::int64_t>(3 * sizeof(std::int64_t));
    return call;
}

raw_call call_site::process_call(const request& asked) {
    const auto number = static_cast<std::int64_t>(asked.number);
    switch (asked.op) {
    case operation::exit:
        return plain(SYS_exit, {asked.value});
    case operation::exit_group:
        return plain(SYS_exit_group, {asked.value});
    case operation::kill:
        return plain(SYS_kill, {pid(asked.target), number});
    case operation::tgkill:
        return plain(SYS_tgkill, {pid(asked.target, true), pid(asked.target), number});
    case operation::sigaction: {
        const std::int64_t handlers[] = {0, 1, static_cast<std::int64_t>(stage_.header().handler)};
        const std::int64_t flags = sa_restorer | ((asked.flags & 1) != 0 ? sa_restart : 0) |
                                   ((asked.flags & 2) != 0 ? sa_nocldwait : 0);
        const std::int64_t action[] = {handlers[static_cast<std::size_t>(asked.value)], flags,
                                       static_cast<std::int64_t>(stage_.header().restorer), 0};
        return plain(SYS_rt_sigaction, {number, put(action, sizeof action), 0, 8});
    }
    case operation::sigprocmask: {
        const std::uint64_t set = asked.events;
        return plain(SYS_rt_sigprocmask, {asked.value, put(&set, sizeof set), 0, 8});
    }
    case operation::wait:
        return plain(SYS_wait4, {asked.target ? pid(asked.target) : -1, put(nullptr, sizeof(int)),
                                 static_cast<std::int64_t>(asked.flags), 0});
    case operation::unshare_pid_ns:
        return plain(SYS_unshare, {CLONE_NEWPID});
    case operation::unshare_files:
        return plain(SYS_unshare, {CLONE_FILES});
    case operation::set_no_new_privs:
        return plain(SYS_prctl, {PR_SET_NO_NEW_PRIVS, 1});
    case operation::set_child_subreaper:
        return plain(SYS_prctl, {PR_SET_CHILD_SUBREAPER, asked.value});
    case operation::drop_capabilities: {
        const std::uint32_t header[] = {0x2008'0522, 0};
        const std::int64_t at = put(header, sizeof header);
        return plain(SYS_capset, {at, put(nullptr, 6 * sizeof(std::uint32_t))});
    }
    case operation::setrlimit_nofile: {
        constexpr std::int64_t rlimit_nofile = 7;
        constexpr std::int64_t usual_hard = 4096;
        const std::int64_t limit[] = {asked.value, std::max(asked.value, usual_hard)};
        return plain(SYS_prlimit64, {0, rlimit_nofile, put(limit, sizeof limit), 0});
    }
    default:
        throw cannot_run("a call that puppets do not know");
    }
}

raw_call call_site::seccomp(const request& asked) {
    if (asked.fails == fault::filter_memory || asked.fails == fault::notification_memory ||
        asked.fails == fault::file_memory)
        throw cannot_run("an allocation of the kernel would have to fail");
    const bool by_prctl = asked.op == operation::prctl_seccomp;
    constexpr std::int64_t set_filter = 1;
    constexpr std::int64_t get_action = 2;
    const std::int64_t purpose = by_prctl ? asked.value - 1 : asked.value;
    std::int64_t pointer = 0;
    if (purpose == set_filter) {
        const std::span<const sock_filter> program = k_.programs[asked.program.value].classic();
        struct {
            std::uint16_t length;
            std::uint64_t instructions;
        } record = {static_cast<std::uint16_t>(program.size()), stage_.program_address(asked.program.value)};
        if (asked.fails == fault::bad_instructions)
            record.instructions = bad_address;
        pointer = put(&record, sizeof record);
    } else if (purpose >= get_action) {
        const std::uint64_t action = asked.events;
        pointer = put(&action, sizeof action);
    }
    if (asked.fails == fault::bad_pointer)
        pointer = bad_address;
    if (by_prctl)
        return plain(SYS_prctl, {PR_SET_SECCOMP, asked.value, pointer});
    return plain(SYS_seccomp, {asked.value, static_cast<std::int64_t>(asked.flags), pointer});
}

raw_call call_site::ptrace(const request& asked) const {
    const std::int64_t target = pid(asked.target);
    const auto options =
        static_cast<std::int64_t>(((asked.flags & task_flag::trace_exit) != 0 ? 0x40U : 0U) |
                                  ((asked.flags & task_flag::trace_seccomp) != 0 ? 0x80U : 0U) |
                                  ((asked.flags & task_flag::exit_kill) != 0 ? 0x10'0000U : 0U));
    constexpr std::int64_t cont = 7;
    constexpr std::int64_t attach = 16;
    constexpr std::int64_t detach = 17;
    constexpr std::int64_t seize = 0x4206;
    switch (asked.op) {
    case operation::ptrace_attach:
        if (options != 0)
            throw cannot_run("PTRACE_ATTACH takes no options");
        return plain(SYS_ptrace, {attach, target, 0, 0});
    case operation::ptrace_seize:
        return plain(SYS_ptrace, {seize, target, 0, options});
    case operation::ptrace_cont:
        return plain(SYS_ptrace, {cont, target, 0, asked.number});
    case operation::ptrace_detach:
        return plain(SYS_ptrace, {detach, target, 0, asked.number});
    default:
        return plain(SYS_ptrace, {ptrace_seccomp_get_filter, target, asked.number, 0});
    }
}

raw_call call_site::other(const request& asked) const {
    raw_call call;
    call.number = asked.system_call;
    for (std::size_t i = 0; i < std::size(asked.args); ++i)
        call.arguments[i] = static_cast<std::int64_t>(asked.args[i]);
    return call;
}

raw_call call_site::prepare(const request& asked) {
    used_ = 0;
    switch (asked.op) {
    case operation::fork:
        return birth(asked);
    case operation::exec:
        return exec();
    case operation::seccomp:
    case operation::prctl_seccomp:
        return seccomp(asked);
    case operation::prctl_get_seccomp:
        return plain(SYS_prctl, {PR_GET_SECCOMP});
    case operation::system_call:
        return other(asked);
    case operation::receive:
    case operation::send:
    case operation::id_valid:
    case operation::addfd:
    case operation::set_flags:
        return listener_call(asked);
    case operation::open:
    case operation::dup:
    case operation::close:
    case operation::set_cloexec:
    case operation::pidfd_open:
        return file_call(asked);
    case operation::send_fd:
        return send_message(asked);
    case operation::receive_fd:
        return receive_message(asked.flags != 0);
    case operation::epoll_create:
    case operation::epoll_ctl:
    case operation::epoll_wait:
    case operation::poll:
        return watch_call(asked);
    case operation::ptrace_attach:
    case operation::ptrace_seize:
    case operation::ptrace_cont:
    case operation::ptrace_detach:
    case operation::ptrace_get_filter:
        return ptrace(asked);
    case operation::read_seccomp_cache:
        throw cannot_run("this kernel was built without SECCOMP_CACHE_DEBUG");
    default:
        return process_call(asked);
    }
}

} // namespace seccomp_sim::live

// The calls around a pidfd_getfd.
#include "sim/live/borrowed_pidfd.hpp"

#include "kernel-model/task_table.hpp"
#include "sim/live/cannot_run.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/syscall.h>

namespace seccomp_sim::live {

std::int64_t borrowed_pidfd::call(std::int64_t number, std::array<std::int64_t, 6> arguments) {
    std::array<std::uint64_t, 6> seen{};
    std::copy(arguments.begin(), arguments.end(), seen.begin());
    if (!lets_through(before_, who_, number, seen))
        throw cannot_run("the task's filters deny what it takes to have a pidfd");
    raw_call raw;
    raw.number = number;
    raw.arguments = arguments;
    constexpr std::chrono::milliseconds patience{1000};
    const std::optional<std::int64_t> value = tasks_.call_now(who_, raw, patience);
    if (!value)
        throw cannot_run("a task that should have a pidfd sleeps");
    return *value;
}

raw_call borrowed_pidfd::prepare(const request& asked) {
    request open;
    open.op = operation::pidfd_open;
    open.target = asked.target;
    raw_call first = tasks_.prepare(before_, who_, open);
    const task_id target = find_task(before_, asked.target);
    const bool of_thread = target && !is_leader(before_, target);
    if (of_thread)
        first.arguments[1] = O_EXCL; // PIDFD_THREAD
    if (tasks_.has_mail_before_it(before_, asked.target))
        throw cannot_run("the fd waits for a task that cannot take it yet");
    const std::int64_t low = call(first.number, first.arguments);
    if (of_thread && low == -EINVAL)
        throw cannot_run("this kernel has no pidfds of threads");
    if (low < 0)
        return first; // its error is what pidfd_getfd's would be
    constexpr std::int64_t out_of_the_way = 600;
    fd_ = call(SYS_fcntl, {low, F_DUPFD_CLOEXEC, out_of_the_way});
    call(SYS_close, {low});
    if (fd_ < 0)
        throw cannot_run("there is no room for a pidfd");
    raw_call raw;
    raw.number = SYS_pidfd_getfd;
    raw.arguments = {fd_, fd_number(before_, asked.target, asked.fd)};
    return raw;
}

void borrowed_pidfd::close() {
    const puppet* p = tasks_.everybody().find(who_);
    if (fd_ >= 0 && p != nullptr && !p->gone && !p->in_call && p->seen && p->seen->state != 'Z')
        call(SYS_close, {fd_});
}

} // namespace seccomp_sim::live

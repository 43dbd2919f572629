// Who runs first on the one CPU.
#include "sim/live/one_cpu.hpp"

#include <sys/resource.h>

namespace seccomp_sim::live {

bool stay_on(pid_t task, unsigned cpu) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    return ::sched_setaffinity(task, sizeof only, &only) == 0;
}

one_cpu::one_cpu() {
    if (::sched_getaffinity(0, sizeof before_, &before_) != 0)
        return;
    const int here = ::sched_getcpu();
    pinned_ = stay_on(0, static_cast<unsigned>(here < 0 ? 0 : here));
}

one_cpu::~one_cpu() {
    if (pinned_)
        ::sched_setaffinity(0, sizeof before_, &before_);
}

void one_cpu::go_first() {
    sched_param lowest{};
    lowest.sched_priority = 1;
    ::sched_setscheduler(0, SCHED_FIFO, &lowest);
}

bool one_cpu::goes_first(pid_t task) {
    return ::sched_getscheduler(task) == SCHED_FIFO;
}

void one_cpu::go_last(pid_t task) {
    // A little behind the driver, and not so far that a busy machine would keep it from ever running.
    constexpr int modest = 10;
    const sched_param none{};
    ::sched_setscheduler(task, SCHED_OTHER, &none);
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(task), modest);
}

} // namespace seccomp_sim::live

// The driver and a scenario's tasks share one CPU, and the tasks go before the driver: they have a real-time
// policy and it has not. So whenever the driver runs, every task sleeps, is stopped or is dead, and a step is
// over as soon as the driver is back from giving the command. Nothing is waited for.
#pragma once

#include <sched.h>
#include <sys/types.h>

namespace seccomp_sim::live {

/// Keeps a task, or the caller for 0, on that CPU; false where that is not possible. A signal handler might
/// call it.
bool stay_on(pid_t task, unsigned cpu);

/// Keeps the thread that made it on the CPU it runs on, and gives it its other CPUs back when it goes.
class one_cpu {
  public:
    one_cpu();
    one_cpu(const one_cpu&) = delete;
    one_cpu& operator=(const one_cpu&) = delete;
    ~one_cpu();

    /// The caller and whoever it will fork go first from here on, where its user may do that.
    static void go_first();
    /// Whether that task goes before the driver.
    static bool goes_first(pid_t task);
    /// A task that waits by spinning must not: it would never let go of the CPU.
    static void go_last(pid_t task);

  private:
    cpu_set_t before_{};
    bool pinned_ = false;
};

} // namespace seccomp_sim::live

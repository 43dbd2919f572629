// The kernel's /proc/seccomp_sim_points, seen from a program inside: which tasks are under the schedule,
// where they are, and who goes on.
#pragma once

#include "sim/scenario/system_file.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

namespace seccomp_sim::live {

/// Where a task under the schedule is.
struct task_place {
    enum class state { free, running, at_point, sleeping, dead };
    state now = state::free;
    pid_t pid = 0;
    std::string label;  ///< at_point: where it is held
    bool spins = false; ///< at_point: under a spinlock; who needs that lock stays `running`
};

/// A point that a task has passed.
struct passed_point {
    enum class how { held, locked, expired };
    std::size_t slot = 0;
    how in = how::held;
    std::string label;
};

/// An open /proc/seccomp_sim_points. Everybody who is held goes on when it is closed.
class points_device {
  public:
    static constexpr std::size_t slots = 16;
    static constexpr const char* path = "/proc/seccomp_sim_points";

    /// Throws cannot_run on a kernel without points, or where another program uses them.
    points_device();

    /// Puts a task under the schedule. `pid` is as the first pid namespace sees it. False: no such task.
    bool tag(pid_t pid, std::size_t slot);
    /// No task is under the schedule any more.
    void reset();
    /// Lets the held task of a slot go on, until everybody under the schedule is held, sleeps or is dead.
    /// False: it is not held, or not all settled within the limit. `places` is where each slot's task is
    /// then.
    bool step(std::size_t slot, std::vector<task_place>& places);
    /// Waits until everybody has settled. False: not within the limit.
    bool settle(std::vector<task_place>& places);
    /// What was passed since the last time, in order.
    std::vector<passed_point> passes();
    /// Waits until what was to be done after a grace period is done.
    void flush_rcu();
    /// How long a task is held at most.
    void limit(unsigned milliseconds);
    /// How long a step may take until everybody has settled.
    void patience(unsigned milliseconds);
    /// Whether tasks under the schedule wait at points; they pass until this is called, and after a reset.
    void hold(bool wanted);
    /// Tasks may be held under a spinlock, spinning. False: this kernel has one CPU.
    bool hold_under_locks();
    bool holds_under_locks() const { return under_locks_; }
    /// What poll says of an fd of a task; nothing: it has none (errno is EBADF), or is not there (ESRCH).
    std::optional<std::uint32_t> poll(pid_t pid, int fd);
    /// Bytes of the kernel's memory. False: there is nothing at that address.
    bool read_memory(std::uint64_t address, std::span<std::byte> into);

  private:
    bool take_turn(unsigned goes_on, std::vector<task_place>& places);

    scenario::file_descriptor file_;
    bool under_locks_ = false;
};

} // namespace seccomp_sim::live

// What /proc shows of a task: the lines of its status file that matter here, and its children.
#pragma once

#include "sim/scenario/system_file.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace seccomp_sim::live {

/// /proc/PID/task/TID/status. Pids are those of the driver's pid namespace, but for the lists.
struct proc_status {
    char state = '?'; ///< R, S, D, T, t, Z, X, I
    pid_t parent = 0;
    pid_t group = 0;
    std::vector<pid_t> pids;       ///< NSpid: from the driver's namespace to the task's own
    std::vector<pid_t> group_pids; ///< NStgid
    std::uint64_t pending = 0;     ///< signals that are pending and not blocked
    int seccomp = 0;
    std::optional<int> filters; ///< Seccomp_filters; nothing where the kernel does not show it
};

/// The status file of one task, kept open: it stays that task's, and reads as gone once it is reaped.
class status_file {
  public:
    status_file() = default;
    status_file(pid_t group, pid_t task);

    /// Nothing: the task is gone.
    std::optional<proc_status> read() const;
    explicit operator bool() const { return static_cast<bool>(file_); }

  private:
    scenario::file_descriptor file_;
};

/// The processes that this thread gave birth to and that have not been reaped.
std::vector<pid_t> children_of(pid_t group, pid_t task);
/// The inode that stands for the task's own pid namespace; 0 if it is gone.
std::uint64_t pid_namespace_of(pid_t task);
/// The threads of a process, as its folder lists them.
std::vector<pid_t> threads_of(pid_t group);
/// The numbers of its open fds above the standard streams, rising; nothing when they cannot be seen.
std::optional<std::vector<int>> open_fds(pid_t group, pid_t task);

} // namespace seccomp_sim::live

// The real tasks of a scenario: which task of the kernel each name is, and what is known of it.
#pragma once

#include "seccomp_sim/request.hpp"
#include "sim/live/proc_status.hpp"
#include "sim/live/puppet/layout.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace seccomp_sim::live {

/// A system call as a puppet makes it.
struct raw_call {
    command_kind kind = command_kind::call;
    std::int64_t number = 0;
    std::array<std::int64_t, 6> arguments{};
    std::uint64_t child = 0; ///< of a birth: the child's slot
};

/// One real task. Pids are those that the driver sees, but for the lists.
struct puppet {
    name_id name;
    std::size_t slot = 0;
    pid_t group = 0, task = 0;
    std::vector<pid_t> pids, group_pids; ///< from the driver's namespace to its own; kept after its death
    std::uint64_t pid_namespace = 0;     ///< the inode that stands for its own
    status_file status;
    std::optional<proc_status> seen; ///< by the last look; nothing once it is gone
    bool gone = false;
    bool leads = false;                   ///< its group, in the model after the present step
    std::optional<request> pending;       ///< the scenario's call that it is in, or was in last
    bool in_call = false;                 ///< and it has not returned yet
    name_id listens_to;                   ///< the filter whose listener that call is about
    std::optional<std::int64_t> returned; ///< the value of a call that ended in the present step
    std::array<std::uint32_t, most_handled + 1> handled{}; ///< handlers that ran before the present step
    std::uint32_t heartbeats = 0;                          ///< before the present step
};

/// Everybody, by name. A name that is born again stands for the new task; the old one has no name then.
class cast {
  public:
    /// The task of that name, dead or alive; nullptr: it was never born.
    puppet* find(name_id name);
    const puppet* find(name_id name) const;
    /// Adds a task that exists. Fills in its pids.
    puppet& add(name_id name, std::size_t slot, pid_t group, pid_t task);
    /// Whether a task of that pid is already known.
    bool knows(pid_t task) const;
    /// The name of the task that `pid` means to `whom`; nothing if none is known.
    name_id name_of(pid_t pid, const puppet& whom) const;
    /// Its name, by the pid that the driver sees.
    name_id name_of_group(pid_t group) const;

    std::vector<std::unique_ptr<puppet>>& all() { return puppets_; }
    const std::vector<std::unique_ptr<puppet>>& all() const { return puppets_; }

    /// A pid that nobody has.
    static constexpr pid_t nobody = 4'000'000;
    /// The pid by which `whom` can name `target`; `nobody` if it cannot.
    static pid_t pid_for(const puppet& target, const puppet& whom, bool of_group);

  private:
    std::vector<std::unique_ptr<puppet>> puppets_;
    std::vector<puppet*> by_name_;
};

} // namespace seccomp_sim::live

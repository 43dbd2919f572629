// Looks into a kernel from outside of what it does: nothing is stopped, pinned or changed. What is read while
// tasks run may be of two moments; between the steps of a scenario, when all of its tasks wait, it is exact.
#pragma once

#include "seccomp_sim/result.hpp"
#include "sim/live/lab/guest.hpp"
#include "sim/live/white_box/guest_memory.hpp"
#include "sim/live/white_box/seccomp_state.hpp"

#include <memory>
#include <span>

namespace seccomp_sim::live {

/// A kernel that can be looked into. Owned by one thread.
class white_box {
  public:
    virtual ~white_box() = default;
    /// The threads of these processes, zombies included, and their filters. Without any: all processes that
    /// have a filter (and on a lab kernel, all that are no kernel threads). Processes that are gone are left
    /// out. Numbers are those of this kernel's first pid namespace for a guest, and our own namespace's for
    /// the running kernel. Fails when what is there makes no sense: memory changed while it was read.
    virtual result<seccomp_state> read(std::span<const pid_t> processes = {}) = 0;
};

/// Looks into the running kernel by a BPF task iterator. The error says what this kernel or this user lacks.
result<std::unique_ptr<white_box>> open_running_kernel();

/// Looks into a guest's memory. The guest must outlive it and be past its boot.
result<std::unique_ptr<white_box>> open_guest_kernel(const guest& running);

/// Looks into the lab kernel that we run under. What of its memory can be mapped is; `unmapped` reads the
/// rest, or all of it.
result<std::unique_ptr<white_box>> open_own_kernel(const lab_kernel& what, memory_reader unmapped);

} // namespace seccomp_sim::live

// What a kernel tells whoever watches it: the story of a run, event by event, in the order it happened.
#pragma once

#include "seccomp_sim/file.hpp"
#include "seccomp_sim/ids.hpp"
#include "seccomp_sim/labels.hpp"
#include "seccomp_sim/violation.hpp"

#include <cstdint>
#include <string_view>

namespace seccomp_sim {

/// Derive and override what is of interest. Called in the middle of atomic steps: look, but do not touch.
class observer {
  public:
    virtual ~observer() = default;
    /// `who` passed a point at which another CPU may come between.
    virtual void on_label(task_id /*who*/, label_id /*where*/) {}
    /// A system call ended. `value` is what user space sees: negative for an errno.
    virtual void on_return(task_id /*who*/, request_id /*call*/, std::int64_t /*value*/) {}
    /// An interrupted call starts anew.
    virtual void on_restart(task_id /*who*/) {}
    /// A sleeping task was woken: by a queue, with these events, or (queue_kind::nothing) otherwise.
    virtual void on_wake(task_id /*who*/, queue_ref /*queue*/, std::uint32_t /*events*/) {}
    /// The queue of a filter was woken with these events, whether or not somebody waits there.
    virtual void on_wake_up_poll(queue_ref /*queue*/, std::uint32_t /*events*/) {}
    /// poll or epoll_wait reported events of this file to `who`; `fd` is the scenario's name for the fd.
    virtual void on_event(task_id /*who*/, name_id /*fd*/, std::uint32_t /*events*/) {}
    /// RECV handed a notification of `target` to `who`; `pid` is what the supervisor sees.
    virtual void on_notification(task_id /*who*/, filter_id /*which*/, index_type /*cookie*/,
                                 task_id /*target*/, index_type /*pid*/) {}
    /// A signal's handler runs in `who`.
    virtual void on_handler(task_id /*who*/, int /*signal*/) {}
    /// `who` became a zombie, or left at once, with this exit code in wait's encoding.
    virtual void on_exit(task_id /*who*/, std::int32_t /*code*/) {}
    /// `who` was reaped: its pid is gone.
    virtual void on_reap(task_id /*who*/) {}
    /// `who` is gone from memory.
    virtual void on_free(task_id /*who*/) {}
    /// A filter was made or freed, or one of its counters was written.
    virtual void on_counters(filter_id /*which*/) {}
    /// A filter's listener was opened; with no file: its last reference went away.
    virtual void on_listener(filter_id /*which*/, file_id /*listener*/) {}
    /// A filter's trapped calls were worked on: some may have come, gone, or changed their state.
    virtual void on_notifications(filter_id /*which*/) {}
    /// A filter was freed.
    virtual void on_filter_freed(filter_id /*which*/) {}
    /// The kernel would print this warning.
    virtual void on_warning(std::string_view /*text*/) {}
    virtual void on_violation(const violation& /*what*/) {}
};

} // namespace seccomp_sim

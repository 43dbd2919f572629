// What a scenario expects of a run: the outcomes of calls, and what can be observed between steps.
#pragma once

#include "seccomp_sim/filter.hpp"
#include "seccomp_sim/ids.hpp"
#include "sim/scenario/source_ref.hpp"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace seccomp_sim::scenario {

using constraint_id = id<struct constraint>;

/// A stretch of one of a scenario's tables.
struct table_run {
    index_type first = 0;
    index_type count = 0;

    bool operator==(const table_run&) const = default;
};

enum class outcome_kind : std::uint8_t {
    value,  ///< exactly outcome::value
    error,  ///< the errno outcome::value, a positive number
    ok,     ///< any value that is no error
    blocks, ///< the call sleeps when all is quiet
    dies,   ///< the task does not survive the call
    pid_of, ///< the pid of the task outcome::name, as the caller sees it
    fd_of,  ///< the number of the fd outcome::name
};

/// What a call should come to.
struct outcome {
    std::int64_t value = 0;
    name_id name;
    outcome_kind kind = outcome_kind::ok;

    bool operator==(const outcome&) const = default;
};

/// One of several outcomes: the first whose constraint holds is expected; if none does, any is fine.
struct outcome_case {
    constraint_id on; ///< nothing: on every kernel
    outcome expected;
    source_ref where;
};

/// Events reported for an fd, without RDNORM and WRNORM.
struct fd_events {
    name_id fd;
    std::uint32_t events = 0;

    bool operator==(const fd_events&) const = default;
};

enum class task_condition : std::uint8_t {
    running, ///< in user mode
    blocked, ///< a call in progress sleeps
    stopped, ///< by job control or by its tracer
    zombie,  ///< dead, and somebody may reap it
    gone,    ///< reaped, or never there
};

/// "poll": what poll with timeout 0 reports.
struct expect_poll {
    name_id fd;
    std::uint32_t events = 0; ///< without RDNORM and WRNORM
    bool closed = false;      ///< nobody has an open fd of that name
};
/// "counters"
struct expect_counters {
    name_id filter;
    std::optional<std::int64_t> usage;
    std::optional<std::int64_t> live; ///< not looked at where the kernel has no second counter
    bool freed = false;
};
/// "tasks"
struct expect_task {
    name_id task;
    task_condition condition = task_condition::running;
};
/// "returned": the last call of the task.
struct expect_returned {
    name_id task;
    table_run cases; ///< in scenario::outcomes
};
/// "blocked": exactly these tasks sleep in a call.
struct expect_blocked {
    std::vector<name_id> tasks;
};
/// "woken": exactly these tasks were woken by the step before.
struct expect_woken {
    std::vector<name_id> tasks;
};
/// "parent"
struct expect_parent {
    name_id task;
    name_id parent;
};
/// "seccomp": what /proc/PID/status shows.
struct expect_seccomp {
    name_id task;
    std::optional<std::int64_t> mode;
    std::optional<std::int64_t> filters; ///< looked at only where the kernel shows it
};
/// "fds": exactly these named fds are open.
struct expect_fds {
    name_id task;
    std::vector<name_id> fds;
};
/// "fd_count": so many fds are open, the three standard ones left out.
struct expect_fd_count {
    name_id task;
    std::int64_t count = 0;
};
/// "notifications": the listener's list, in order.
struct expect_notifications {
    struct entry {
        name_id task;
        notify_state state = notify_state::init;
    };
    name_id listener;
    std::vector<entry> entries;
};
/// "received": what RECV last handed out to a task.
struct expect_received {
    name_id receiver;
    name_id task; ///< whose call it was; nothing: not looked at
    std::optional<outcome>
        pid; ///< as the notification has it: a number, or a task's pid as the receiver sees it
};
/// "exit_code", in wait's encoding: the status in bits 8 to 15, or the signal that killed it.
struct expect_exit_code {
    name_id task;
    std::int32_t code = 0;
};
/// "warnings": kernel WARNs so far.
struct expect_warnings {
    std::int64_t count = 0;
};
/// "leaked": notification objects that failed installs have leaked so far.
struct expect_leaked {
    std::int64_t count = 0;
};

/// One thing to look at, and where the file says so.
struct observation {
    source_ref where;
    std::variant<expect_poll, expect_counters, expect_task, expect_returned, expect_blocked, expect_woken,
                 expect_parent, expect_seccomp, expect_fds, expect_fd_count, expect_notifications,
                 expect_received, expect_exit_code, expect_warnings, expect_leaked>
        what;
};

} // namespace seccomp_sim::scenario

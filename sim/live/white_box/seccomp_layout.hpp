// Where, in one kernel, the members lie that lead from init_task to every filter.
#pragma once

#include "sim/live/white_box/kernel_types.hpp"

namespace seccomp_sim::live {

/// Offsets in bytes. What not every kernel has is optional.
struct seccomp_layout {
    struct {
        std::size_t size, tasks, thread_node, signal, pid, tgid, comm, flags, exit_state, files, mode, filter;
        std::optional<std::size_t> filter_count;
    } task;
    std::size_t signal_thread_head;
    struct {
        std::size_t files_fdt, table_max_fds, table_fd;
        std::size_t size, f_op, private_data;
    } file;
    struct {
        std::size_t size, usage, prev, notif;
        std::optional<std::size_t> live;
        std::optional<std::size_t> wait_list; ///< since the patch the queue is the filter's
    } filter;
    struct {
        std::size_t size, notifications;
        std::optional<std::size_t> requests;
        std::optional<std::size_t> wait_list; ///< before the patch it is the notification object's
    } notification;
    struct {
        std::size_t size, task, id, state, list;
    } knotif;
    std::uint64_t init_task;
    std::uint64_t seccomp_notify_ops;
};

/// Finds all of it in a kernel's BTF and symbols; the error names the first that is missing.
result<seccomp_layout> read_layout(const std::filesystem::path& btf, const std::filesystem::path& symbols);

} // namespace seccomp_sim::live

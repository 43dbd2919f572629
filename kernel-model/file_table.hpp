// Open files and fd tables: fs/file.c, fs/file_table.c, and kernel/task_work.c, which puts off the last fput.
//
// Fds 0, 1 and 2 are standard streams that stand outside the table: a task without a table has just those,
// and they are never handed out. A slot without a file is reserved (get_unused_fd_flags) and not open yet.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

// --- references to files
// ---------------------------------------------------------------------------------------
/// alloc_file: an open file with one reference, the caller's.
file_id new_file(kernel& k, file_kind kind, index_type object, name_id name);
inline void get_file(kernel& k, file_id f) {
    ++k.deref(f).refs;
}
/// Drops a reference. The last one puts the file on the running task's list of work, for task_work_run.
void fput(kernel& k, file_id f);
/// The file of an fd by the scenario's name of it, with a reference of its own; none where the kernel says
/// EBADF.
file_id fget(kernel& k, task_id t, name_id name);

// --- the fd table. Each is one step: the kernel does it under files->file_lock
// ---------------------------------
/// The open fd of that name; null if there is none.
fd_slot* find_fd(kernel& k, task_id t, name_id name);
/// get_unused_fd_flags: reserves the lowest number from 3 on that is free; -EMFILE at the limit.
std::int32_t get_unused_fd(kernel& k, task_id t, bool cloexec);
/// put_unused_fd: gives a reserved number back.
void put_unused_fd(kernel& k, task_id t, std::int32_t fd);
/// fd_install: the reserved number becomes an open fd, which takes over the caller's reference.
void fd_install(kernel& k, task_id t, std::int32_t fd, file_id f, name_id name);
/// receive_fd: the file gets the lowest free number and a reference of its own; the number or -EMFILE.
/// Reserving and installing is one step here: nobody but the task itself looks at what is reserved in
/// between.
std::int32_t receive_fd(kernel& k, task_id t, file_id f, name_id name, bool cloexec);
/// do_dup2: the file under a number asked for, with a reference of its own; what was open there comes back in
/// `replaced` for the caller to put. The number, or -EBADF (beyond the limit) or -EBUSY (reserved).
std::int32_t replace_fd(kernel& k, task_id t, std::int32_t fd, file_id f, name_id name, bool cloexec,
                        file_id& replaced);
/// close_fd_get_file: takes the open fd of that name off the table; its file with the reference, or none.
file_id file_close_fd(kernel& k, task_id t, name_id name);

// --- whole tables
// ----------------------------------------------------------------------------------------------
/// copy_files: gives the child the running task's table, or a copy of it.
void copy_files(kernel& k, task_id child, bool share);
/// exit_files of a child that was never born.
void drop_files(kernel& k, task_id child);
/// unshare_files: a task that shares its table gets a copy.
void unshare_files(kernel& k, task_id t);

/// exit_files: the running task lets go of its table; the last one closes what is open. Then its socket goes,
/// with the fds that wait there.
struct exit_files : frame {
    files_id table;
    index_type next = 0; ///< the slot to close next
    step run(kernel& k);
};

/// do_close_on_exec: the table is the running task's own.
struct do_close_on_exec : frame {
    index_type next_fd = 0;
    file_id f;
    step run(kernel& k);
};

/// task_work_run: releases the files whose last reference the running task dropped, the last one first.
struct task_work_run : frame {
    file_id next;
    file_id f;
    step run(kernel& k);
};

/// __fput: nobody holds the file any more.
struct __fput : frame { // NOLINT(bugprone-reserved-identifier): the kernel's name
    file_id f;
    std::uint32_t unused = 0;
    step run(kernel& k);
};

} // namespace seccomp_sim

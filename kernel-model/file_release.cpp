// The end of open files: tables that are closed, and the work that the last fput leaves behind. Follows
// fs/file.c (exit_files, do_close_on_exec), kernel/task_work.c and fs/file_table.c (__fput).
#include "kernel-model/eventpoll.hpp"
#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/scm.hpp"
#include "kernel-model/seccomp_listener.hpp"

#include <algorithm>

namespace seccomp_sim {

step exit_files::run(kernel& k) {
    kernel_function {
        table = k.current().files;
        if (table) {
            yield_at("exit_files/before-detach");
            k.current().files = none;
            yield_at("exit_files/before-put");
            if (--k.w.fd_tables[table].refs == 0) {
                while (next < k.w.fd_tables[table].slots.size()) {
                    yield_at("exit_files/before-close");
                    fput(k, k.w.fd_tables[table].slots[next].file);
                    k.w.fd_tables[table].slots[next].file = none;
                    ++next;
                }
                k.w.fd_tables.free(table);
            }
            table = none;
        }
        while (k.current().mailbox) {
            yield_at("exit_files/before-drop-message");
            fput(k, take_message(k, k.self).file);
        }
    }
    return step::returned;
}

namespace {

/// The first slot from `fd` on that exec closes.
fd_slot* next_cloexec(kernel& k, index_type fd) {
    if (!k.current().files)
        return nullptr;
    auto& slots = k.w.fd_tables[k.current().files].slots;
    const auto found = std::find_if(slots.begin(), slots.end(), [&](const fd_slot& slot) {
        return slot.fd >= fd && slot.cloexec != 0 && slot.file;
    });
    return found != slots.end() ? &*found : nullptr;
}

} // namespace

step do_close_on_exec::run(kernel& k) {
    kernel_function {
        while (next_cloexec(k, next_fd)) {
            yield_at("do_close_on_exec/before-close");
            if (fd_slot* slot = next_cloexec(k, next_fd)) {
                auto& slots = k.w.fd_tables[k.current().files].slots;
                next_fd = slot->fd + 1;
                f = slot->file;
                slots.erase(slots.begin() + (slot - slots.data()));
            }
            if (f) {
                yield_at("do_close_on_exec/before-fput");
                fput(k, f);
                f = none;
            }
        }
    }
    return step::returned;
}

step task_work_run::run(kernel& k) {
    kernel_function {
        while (k.current().works) {
            // The list is the task's own: nobody else puts files on it.
            next = k.current().works;
            k.current().works = none;
            while (next) {
                f = next;
                next = k.w.open_files[f].next_work;
                call_at("task_work_run/work", __fput{{}, f});
            }
        }
    }
    return step::returned;
}

step __fput::run(kernel& k) {
    kernel_function {
        // eventpoll_release comes first: what watches the file must not outlive what it polls.
        yield_at("__fput/before-eventpoll-release");
        if (k.deref(f).watchers && !k.mutated(mutant::fput_keeps_epitems)) {
            call_at("__fput/eventpoll-release", eventpoll_release_file{{}, f, {}, {}});
        }
        if (k.deref(f).kind == file_kind::listener) {
            call_at("__fput/notify-release", seccomp_notify_release{{}, {k.w.open_files[f].object}, f});
        } else if (k.deref(f).kind == file_kind::epoll) {
            call_at("__fput/epoll-release", ep_eventpoll_release{{}, {k.w.open_files[f].object}, {}, {}});
        }
        yield_at("__fput/before-free");
        k.w.open_files.free(f);
    }
    return step::returned;
}

} // namespace seccomp_sim

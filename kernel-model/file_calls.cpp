// System calls on fds: do_sys_open, dup, dup2 and dup3, close, fcntl(F_SETFD), unshare and setrlimit.
#include "kernel-model/file_calls.hpp"

#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"

#include <cerrno>

namespace seccomp_sim {
namespace {

/// dup2 and dup3 up to the unlock of the table, in one step.
std::int32_t dup_to_number(kernel& k, file_id& replaced) {
    const request& asked = k.current_request();
    const bool dup3 = (asked.flags & open_cloexec) != 0;
    const fd_slot* old = find_fd(k, k.self, asked.fd);
    if (old && old->fd == static_cast<index_type>(asked.number))
        return dup3 ? -EINVAL : asked.number;
    if (!old)
        return -EBADF;
    return replace_fd(k, k.self, asked.number, old->file, asked.as, dup3, replaced);
}

/// sysctl_nr_open.
constexpr std::int64_t most_open_files = 1048576;

} // namespace

step sys_open::run(kernel& k) {
    kernel_function {
        yield_at("open/before-alloc-fd");
        fd = get_unused_fd(k, k.self, (k.current_request().flags & open_cloexec) != 0);
        if (fd < 0) {
            return_value(fd);
        }
        if (k.current_request().fails == fault::file_memory) {
            yield_at("open/before-put-fd");
            put_unused_fd(k, k.self, fd);
            return_value(-ENOMEM);
        }
        yield_at("open/before-install");
        fd_install(k, k.self, fd, new_file(k, file_kind::plain, id<void>::nothing, k.current_request().as),
                   k.current_request().as);
        return_value(fd);
    }
    return step::returned;
}

step sys_dup::run(kernel& k) {
    kernel_function {
        if (k.current_request().number >= 0) {
            yield_at("dup/before-replace");
            fd = dup_to_number(k, replaced);
            if (replaced) {
                yield_at("dup/before-fput-replaced");
                fput(k, replaced);
            }
            return_value(fd);
        }
        yield_at("dup/before-fget");
        f = fget(k, k.self, k.current_request().fd);
        if (!f) {
            return_value(-EBADF);
        }
        yield_at("dup/before-alloc-fd");
        fd = get_unused_fd(k, k.self, (k.current_request().flags & open_cloexec) != 0);
        if (fd < 0) {
            yield_at("dup/before-fput");
            fput(k, f);
            return_value(fd);
        }
        yield_at("dup/before-install");
        fd_install(k, k.self, fd, f, k.current_request().as);
        return_value(fd);
    }
    return step::returned;
}

step sys_close::run(kernel& k) {
    kernel_function {
        yield_at("close/before-detach");
        f = file_close_fd(k, k.self, k.current_request().fd);
        if (!f) {
            return_value(-EBADF);
        }
        yield_at("close/before-fput");
        fput(k, f);
        return_value(0);
    }
    return step::returned;
}

step sys_set_cloexec::run(kernel& k) {
    kernel_function {
        yield_at("set_cloexec/before-set");
        if (fd_slot* slot = find_fd(k, k.self, k.current_request().fd)) {
            slot->cloexec = k.current_request().value != 0;
            return_value(0);
        }
        return_value(-EBADF);
    }
    return step::returned;
}

step sys_unshare_files::run(kernel& k) {
    kernel_function {
        yield_at("unshare/before-files");
        unshare_files(k, k.self);
        return_value(0);
    }
    return step::returned;
}

step sys_setrlimit_nofile::run(kernel& k) {
    kernel_function {
        if (k.current_request().value < 0) {
            return_value(-EINVAL);
        }
        if (k.current_request().value > most_open_files) {
            return_value(-EPERM);
        }
        yield_at("setrlimit/before-set");
        k.current_group().limit_nofile = static_cast<index_type>(k.current_request().value);
        return_value(0);
    }
    return step::returned;
}

} // namespace seccomp_sim

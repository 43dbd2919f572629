// ADDFD from both sides, the supervisor that offers a file and the trapped task that takes it, and the choice
// between the listener's ioctls: seccomp_notify_addfd, seccomp_handle_addfd and seccomp_notify_ioctl of
// kernel/seccomp.c.
#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/knotif.hpp"
#include "kernel-model/seccomp_notify.hpp"
#include "kernel-model/seccomp_user_notification.hpp"

#include <cerrno>

namespace seccomp_sim {
namespace {

/// -EINVAL for what the revision's ADDFD does not know. The number is only looked at with SETFD.
std::int32_t check_addfd(const kernel& k, const request& asked) {
    constexpr std::int64_t cloexec = 1;
    std::uint32_t known = addfd_flag::setfd;
    if (k.rev.addfd == addfd_support::send)
        known |= addfd_flag::send;
    if ((asked.value & ~cloexec) != 0 || (asked.flags & ~known) != 0)
        return -EINVAL;
    if (asked.number > 0 && (asked.flags & addfd_flag::setfd) == 0)
        return -EINVAL;
    return 0;
}

kaddfd_id new_addfd(kernel& k, const request& asked, file_id source) {
    const kaddfd_id addfd = k.w.kaddfds.allocate();
    kaddfd& record = k.w.kaddfds[addfd];
    record.file = source;
    record.name = asked.as;
    record.fd = static_cast<index_type>(asked.number);
    record.flags = asked.flags;
    record.cloexec = (asked.value & 1) != 0 ? 1 : 0;
    record.waiter = k.self;
    return addfd;
}

/// Puts the request on the trapped call's list, under notify_lock; 0 or why not.
std::int32_t offer(kernel& k, filter_id f, index_type cookie, kaddfd_id addfd) {
    const knotif_id n = find_notification(k, f, cookie);
    if (!n)
        return -ENOENT;
    knotif& target = k.w.knotifs[n];
    if (target.state != notify_state::sent)
        return -EINPROGRESS;
    kaddfd& record = k.w.kaddfds[addfd];
    if ((record.flags & addfd_flag::send) != 0) {
        if (target.addfd)
            return -EBUSY;
        target.state = notify_state::replied; // exactly one reply
    }
    record.knotif = n;
    list_addfd(k, addfd);
    return 0;
}

/// The supervisor gives up before the target has looked.
void take_back(kernel& k, kaddfd_id addfd) {
    const kaddfd& record = k.w.kaddfds[addfd];
    if ((record.flags & addfd_flag::send) != 0 && k.rev.addfd_interrupted == addfd_interrupted::undoes)
        k.w.knotifs[record.knotif].state = notify_state::sent;
    unlist_addfd(k, addfd);
}

/// What the trapped task tells the supervisor, and with SEND itself.
void set_addfd_result(kernel& k, kaddfd_id addfd, std::int32_t fd) {
    kaddfd& record = k.w.kaddfds[addfd];
    record.ret = fd;
    if ((record.flags & addfd_flag::send) == 0)
        return;
    knotif& n = k.w.knotifs[record.knotif];
    if (fd < 0) {
        n.state = notify_state::sent;
        return;
    }
    n.flags = 0;
    n.error = 0;
    n.val = fd;
}

/// Before SEND came, -1 with SETFD meant any number.
bool wants_number(const kernel& k, kaddfd_id addfd) {
    const kaddfd& record = k.w.kaddfds[addfd];
    const bool any = k.rev.addfd != addfd_support::send && record.fd == static_cast<index_type>(-1);
    return (record.flags & addfd_flag::setfd) != 0 && !any;
}

/// receive_fd_replace by the running task: the number, or why not; what was there before is the caller's to
/// put.
std::int32_t receive_fd_replace(kernel& k, kaddfd_id addfd, file_id& replaced) {
    const kaddfd& record = k.w.kaddfds[addfd];
    return replace_fd(k, k.self, static_cast<std::int32_t>(record.fd), record.file, record.name,
                      record.cloexec != 0, replaced);
}

} // namespace

step seccomp_notify_addfd::run(kernel& k) {
    kernel_function {
        if (k.current_request().fails == fault::bad_pointer) {
            return_value(-EFAULT);
        }
        err = check_addfd(k, k.current_request());
        if (err != 0) {
            return_value(err);
        }
        cookie = asked_cookie(k, filter);
        yield_at("seccomp_notify_addfd/fget");
        source = fget(k, k.self, k.current_request().source);
        if (!source) {
            return_value(-EBADF);
        }
        addfd = new_addfd(k, k.current_request(), source);
        wait_at("seccomp_notify_addfd/lock", (err = lock_interruptible(k, filter)) != must_wait);
        if (err == 0) {
            err = offer(k, filter, cookie, addfd);
            if (err == 0) {
                yield_at("seccomp_notify_addfd/before-complete");
                complete(k, k.w.kaddfds[addfd].knotif);
                yield_at("seccomp_notify_addfd/unlock-offered");
                unlock(k, filter);
                yield_at("seccomp_notify_addfd/before-wait");
                while ((err = wait_for_completion(k, k.w.kaddfds[addfd].done, false)) == must_wait) {
                    sleep_at("seccomp_notify_addfd/sleep");
                }
                if (err == 0) {
                    err = k.w.kaddfds[addfd].ret;
                } else {
                    // The signal may have come first, and the target's answer since.
                    wait_at("seccomp_notify_addfd/relock", try_lock(k, filter));
                    if (k.w.kaddfds[addfd].listed == 0)
                        err = k.w.kaddfds[addfd].ret;
                    else
                        take_back(k, addfd);
                    yield_at("seccomp_notify_addfd/last-unlock");
                    unlock(k, filter);
                }
            } else {
                yield_at("seccomp_notify_addfd/unlock-refused");
                unlock(k, filter);
            }
        }
        yield_at("seccomp_notify_addfd/before-fput");
        k.w.kaddfds.free(addfd); // off the list, only its owner knew it
        fput(k, source);
        return_value(err);
    }
    return step::returned;
}

step seccomp_handle_addfd::run(kernel& k) {
    kernel_function {
        unlist_addfd(k, addfd); // in one step with the look at the list: notify_lock is held
        if (wants_number(k, addfd)) {
            yield_at("seccomp_handle_addfd/replace");
            fd = receive_fd_replace(k, addfd, replaced);
            if (replaced) {
                yield_at("seccomp_handle_addfd/before-fput");
                fput(k, replaced);
            }
        } else {
            yield_at("seccomp_handle_addfd/receive");
            fd = get_unused_fd(k, k.self, k.w.kaddfds[addfd].cloexec != 0);
            if (fd >= 0) {
                yield_at("seccomp_handle_addfd/install");
                get_file(k, k.w.kaddfds[addfd].file);
                fd_install(k, k.self, fd, k.w.kaddfds[addfd].file, k.w.kaddfds[addfd].name);
            }
        }
        set_addfd_result(k, addfd, fd);
        yield_at("seccomp_handle_addfd/before-complete");
        if (!k.mutated(mutant::addfd_forgets_complete))
            complete(k, addfd);
        return_value(0);
    }
    return step::returned;
}

step seccomp_notify_ioctl::run(kernel& k) {
    kernel_function {
        yield_at("seccomp_notify_ioctl/fget");
        file = fget(k, k.self, k.current_request().fd);
        if (!file) {
            return_value(-EBADF);
        }
        // The reference keeps the listener open while the ioctl sleeps, whoever closes the fd meanwhile.
        if (k.deref(file).kind == file_kind::listener)
            filter = filter_id{k.deref(file).object};
        if (!filter) {
            value = -ENOTTY;
        } else if (k.current_request().op == operation::receive) {
            call_at("seccomp_notify_ioctl/recv", seccomp_notify_recv{{}, filter, 0, {}, {}});
            value = k.result();
        } else if (k.current_request().op == operation::send) {
            call_at("seccomp_notify_ioctl/send", seccomp_notify_send{{}, filter, 0, {}, 0});
            value = k.result();
        } else if (k.current_request().op == operation::id_valid) {
            call_at("seccomp_notify_ioctl/id-valid", seccomp_notify_id_valid{{}, filter, 0, {}, 0});
            value = k.result();
        } else if (k.current_request().op == operation::set_flags && k.rev.set_flags == presence::yes) {
            call_at("seccomp_notify_ioctl/set-flags", seccomp_notify_set_flags{{}, filter, 0});
            value = k.result();
        } else if (k.current_request().op == operation::addfd && k.rev.addfd != addfd_support::no) {
            call_at("seccomp_notify_ioctl/addfd", seccomp_notify_addfd{{}, filter, 0, {}, {}, 0, 0});
            value = k.result();
        } else {
            value = -EINVAL;
        }
        yield_at("seccomp_notify_ioctl/before-fput");
        fput(k, file);
        return_value(value);
    }
    return step::returned;
}

} // namespace seccomp_sim

// epoll_create1 and epoll_ctl: do_epoll_create, do_epoll_ctl, ep_insert and ep_modify of fs/eventpoll.c.
#include "kernel-model/eventpoll.hpp"
#include "kernel-model/file_calls.hpp"
#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/lock_order.hpp"
#include "kernel-model/select.hpp"

#include <cerrno>

namespace seccomp_sim {
namespace {

constexpr std::uint32_t exclusive_ok_bits = poll_event::in | poll_event::out | poll_event::err |
                                            poll_event::hup | poll_event::wakeup | poll_event::et |
                                            poll_event::exclusive;

/// What do_epoll_ctl refuses before it takes any lock.
std::int32_t check_request(kernel& k, file_id f, file_id target) {
    const request& asked = k.current_request();
    const file_kind kind = k.w.open_files[target].kind;
    if (kind == file_kind::plain) // a regular file has no poll
        return -EPERM;
    if (f == target || k.w.open_files[f].kind != file_kind::epoll)
        return -EINVAL;
    if ((asked.events & poll_event::exclusive) == 0)
        return 0;
    if (asked.number == epoll_op::mod)
        return -EINVAL;
    const bool cannot_add = kind == file_kind::epoll || (asked.events & ~exclusive_ok_bits) != 0;
    return asked.number == epoll_op::add && cannot_add ? -EINVAL : 0;
}

/// Whether the operation is possible with the item that was found, under ep->mtx.
std::int32_t check_item(const kernel& k, std::int32_t operation, epitem_id item) {
    switch (operation) {
    case epoll_op::add:
        return item ? -EEXIST : 0;
    case epoll_op::del:
        return item ? 0 : -ENOENT;
    case epoll_op::mod:
        if (!item)
            return -ENOENT;
        return (k.w.epitems[item].events & poll_event::exclusive) != 0 ? -EINVAL : 0;
    default:
        return -EINVAL;
    }
}

/// The events of the request; EPOLLERR and EPOLLHUP come unasked.
std::uint32_t asked_events(kernel& k) {
    return k.current_request().events | poll_event::err | poll_event::hup;
}

queue_ref pollers_of(const kernel& k, epitem_id item) {
    return {queue_kind::ep_poll, k.w.epitems[item].ep.value};
}

} // namespace

step sys_epoll_create::run(kernel& k) {
    kernel_function {
        yield_at("epoll_create/before-alloc-fd");
        fd = get_unused_fd(k, k.self, (k.current_request().flags & open_cloexec) != 0);
        if (fd < 0) {
            return_value(fd);
        }
        if (k.current_request().fails == fault::file_memory) {
            yield_at("epoll_create/before-put-fd");
            put_unused_fd(k, k.self, fd);
            return_value(-ENOMEM);
        }
        yield_at("epoll_create/before-install");
        ep = k.w.eventpolls.allocate();
        k.w.eventpolls[ep].refs = 1;
        k.w.eventpolls[ep].file = new_file(k, file_kind::epoll, ep.value, k.current_request().as);
        fd_install(k, k.self, fd, k.w.eventpolls[ep].file, k.current_request().as);
        return_value(fd);
    }
    return step::returned;
}

step sys_epoll_ctl::run(kernel& k) {
    kernel_function {
        yield_at("epoll_ctl/before-fget");
        f = fget(k, k.self, k.current_request().fd);
        if (!f) {
            return_value(-EBADF);
        }
        yield_at("epoll_ctl/before-fget-target");
        if (const fd_slot* slot = find_fd(k, k.self, k.current_request().source)) {
            target = *slot;
            get_file(k, target.file);
            error = check_request(k, f, target.file);
        } else {
            error = -EBADF;
        }
        if (error == 0) {
            wait_at("epoll_ctl/mtx", !deref(k, eventpoll_of(k, f)).mtx);
            check_lock_order(k, lock_class::mutex, "ep->mtx");
            deref(k, eventpoll_of(k, f)).mtx = k.self;
            item = ep_find(k, eventpoll_of(k, f), target.file, target.fd);
            error = check_item(k, k.current_request().number, item);
            if (error == 0 && k.current_request().number == epoll_op::del) {
                call_at("epoll_ctl/remove", __ep_remove{{}, item, 0});
                if (k.result() != 0)
                    ep_put(k, eventpoll_of(k, f));
            } else if (error == 0 && k.current_request().number == epoll_op::mod) {
                yield_at("epoll_ctl/before-modify");
                k.w.epitems[item].events = asked_events(k);
                call_at("epoll_ctl/modify", ep_poll_item{{}, item, 0});
            } else if (error == 0) {
                yield_at("epoll_ctl/before-attach");
                error = ep_attach(k, eventpoll_of(k, f), target, asked_events(k), item);
                if (error == 0) {
                    call_at("epoll_ctl/insert", ep_poll_item{{}, item, 1});
                }
            }
            yield_at("epoll_ctl/unlock");
            deref(k, eventpoll_of(k, f)).mtx = none;
        }
        if (target.file) {
            yield_at("epoll_ctl/before-fput-target");
            fput(k, target.file);
        }
        yield_at("epoll_ctl/before-fput");
        fput(k, f);
        return_value(error);
    }
    return step::returned;
}

step ep_poll_item::run(kernel& k) {
    kernel_function {
        // The caller holds the file, so that epi_fget cannot fail.
        call_at("ep_poll_item/poll", vfs_poll{{},
                                              k.w.epitems[item].file,
                                              static_cast<std::uint32_t>(wake_function::epoll),
                                              insert != 0 ? item.value : id<void>::nothing,
                                              k.w.epitems[item].events,
                                              {},
                                              {},
                                              0});
        if ((static_cast<std::uint32_t>(k.result()) & k.w.epitems[item].events) == 0) {
            return_value(0);
        }
        yield_at("ep_poll_item/before-ready");
        if (ep_add_ready(k, item)) {
            yield_at("ep_poll_item/wake-pollers");
            wake_up_poll(k, pollers_of(k, item), poll_event::in);
        }
        return_value(0);
    }
    return step::returned;
}

} // namespace seccomp_sim

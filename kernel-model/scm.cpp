// SCM_RIGHTS: unix_scm_to_skb, scm_detach_fds, unix_destruct_scm, in spirit.
#include "kernel-model/scm.hpp"

#include "kernel-model/file_table.hpp"
#include "kernel-model/functions.hpp"
#include "kernel-model/ring.hpp"
#include "kernel-model/task_table.hpp"

#include <cerrno>

namespace seccomp_sim {
namespace {

/// What the fd is called where it arrives: as asked, or as the sender calls it.
name_id name_at_arrival(const request& asked) {
    return asked.as ? asked.as : asked.fd;
}

/// Whose socket the message goes to; nothing if it is gone. It goes with the task's fds.
task_id receiver(kernel& k) {
    const task_id t = find_task(k, k.current_request().target);
    const bool gone = !t || (k.w.tasks[t].has(task_flag::exiting) && !k.w.tasks[t].files);
    return gone ? task_id{} : t;
}

void queue_message(kernel& k, task_id t, file_id f, name_id name) {
    const message_id m = k.w.messages.allocate();
    k.w.messages[m].file = f;
    k.w.messages[m].name = name;
    ring_add_tail(k.w.messages, k.w.tasks[t].mailbox, m);
}

} // namespace

message take_message(kernel& k, task_id t) {
    const message_id m = k.w.tasks[t].mailbox;
    ring_remove(k.w.messages, k.w.tasks[t].mailbox, m);
    const message taken = k.w.messages[m];
    k.w.messages.free(m);
    return taken;
}

step sys_send_fd::run(kernel& k) {
    kernel_function {
        yield_at("send_fd/before-fget");
        f = fget(k, k.self, k.current_request().fd);
        if (!f) {
            return_value(-EBADF);
        }
        yield_at("send_fd/before-send");
        if (const task_id to = receiver(k)) {
            const request& asked = k.current_request();
            if ((asked.flags & scm_flag::in_flight) != 0) {
                queue_message(k, to, f, name_at_arrival(asked)); // with the reference
                return_value(0);
            }
            k.set_result(0);
            receive_fd(k, to, f, name_at_arrival(asked), (asked.flags & scm_flag::cloexec) != 0);
        } else {
            k.set_result(-EPIPE);
        }
        fput(k, f); // one step with the message: the reference was this call's own
        return_value(k.result());
    }
    return step::returned;
}

step sys_receive_fd::run(kernel& k) {
    kernel_function {
        if (!k.current().mailbox) {
            return_value(-EAGAIN);
        }
        yield_at("receive_fd/before-take");
        {
            const message taken = take_message(k, k.self);
            f = taken.file;
            name = k.current_request().as ? k.current_request().as : taken.name;
        }
        yield_at("receive_fd/before-alloc-fd");
        fd = get_unused_fd(k, k.self, (k.current_request().flags & scm_flag::cloexec) != 0);
        if (fd < 0) {
            yield_at("receive_fd/before-fput");
            fput(k, f);
            return_value(0);
        }
        yield_at("receive_fd/before-install");
        fd_install(k, k.self, fd, f, name);
        return_value(fd);
    }
    return step::returned;
}

} // namespace seccomp_sim

// Fds that travel between tasks: each is sent with a real sendmsg, held by the driver, and taken with a real
// recvmsg by the task that it is for.
#include "sim/live/real_tasks.hpp"

#include "kernel-model/task_table.hpp"
#include "sim/live/cannot_run.hpp"

#include <algorithm>
#include <cstring>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <vector>

namespace seccomp_sim::live {
namespace {

union control_buffer {
    cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

/// Whether anybody's fd table has it in the model.
bool is_held_in(const seccomp_sim::kernel& model, name_id fd) {
    bool found = false;
    model.w.fd_tables.for_each([&](files_id, const files& table) {
        for (const fd_slot& slot : table.slots)
            found = found || (slot.name == fd && slot.file);
    });
    return found;
}

/// Calls that give fds numbers: the order of these and of a delivery matters.
bool takes_fds(operation op) {
    switch (op) {
    case operation::open:
    case operation::dup:
    case operation::pidfd_open:
    case operation::pidfd_getfd:
    case operation::epoll_create:
    case operation::seccomp:
    case operation::receive_fd:
    case operation::system_call:
        return true;
    default:
        return false;
    }
}

} // namespace

void real_tasks::take_messages() {
    while (take_message()) {
    }
}

bool real_tasks::take_message() {
    fd_in_flight mail;
    iovec vector = {&mail.what, sizeof mail.what};
    control_buffer control{};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    if (::recvmsg(stage_->socket(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) !=
        static_cast<ssize_t>(sizeof mail.what))
        return false;
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS)
        return true;
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    mail.fd = scenario::file_descriptor(fd);
    (mail.what.in_flight != 0 ? in_flight_ : sent_).push_back(std::move(mail));
    return true;
}

void real_tasks::hand_over(const fd_in_flight& mail) const {
    fd_message what = mail.what;
    iovec vector = {&what, sizeof what};
    control_buffer control{};
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = mail.fd.get();
    std::memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    if (::sendmsg(stage_->socket(), &message, MSG_NOSIGNAL) < 0)
        throw cannot_run("an fd cannot be passed on to a puppet");
}

void real_tasks::deliver(const seccomp_sim::kernel& model) {
    if (mail_may_come_) {
        take_messages(); // sent since the last look, by a call that has returned
        mail_may_come_ = is_in_call(operation::send_fd);
    }
    for (auto mail = sent_.begin(); mail != sent_.end();) {
        const name_id to{mail->what.to};
        puppet* target = cast_.find(to);
        if (target == nullptr || target->gone || (target->seen && target->seen->state == 'Z')) {
            if (is_held_in(model, name_id{mail->what.name}))
                throw cannot_run("the fd was for a task that has died and shared its table");
            mail = sent_.erase(mail);
            continue;
        }
        if (target->in_call && target->pending && takes_fds(target->pending->op))
            throw cannot_run("the fd waits for a task that cannot take it yet");
        if (target->in_call || !target->seen || target->seen->state == 'T' || target->seen->state == 't') {
            ++mail; // when its call is over
            continue;
        }
        // What its last call left there is looked at after this.
        unsigned char* place = stage_->slot_at(target->slot).data;
        const std::vector<unsigned char> left(place, place + data_size);
        const raw_call take =
            call_site(*stage_, model, cast_, ids_, *target).receive_message(mail->what.cloexec != 0);
        if (!lets_through(model, to, take.number,
                          {socket_fd, static_cast<std::uint64_t>(take.arguments[1]),
                           static_cast<std::uint64_t>(take.arguments[2])}))
            throw cannot_run("the filters of " + std::string(s_.name_of(to)) +
                             " deny the recvmsg by which it would take an fd");
        hand_over(*mail);
        mail = sent_.erase(mail);
        constexpr std::chrono::milliseconds patience{1000};
        call_now(to, take, patience);
        std::copy(left.begin(), left.end(), place);
    }
}

void real_tasks::give_mail(name_id to) {
    const auto mail = std::find_if(in_flight_.begin(), in_flight_.end(),
                                   [to](const fd_in_flight& m) { return m.what.to == to.value; });
    if (mail == in_flight_.end())
        return;
    hand_over(*mail);
    in_flight_.erase(mail);
}

int real_tasks::fd_in_flight_named(name_id name) const {
    for (const auto* list : {&in_flight_, &sent_})
        for (const fd_in_flight& mail : *list)
            if (mail.what.name == name.value)
                return mail.fd.get();
    return -1;
}

bool real_tasks::has_mail_before_it(const seccomp_sim::kernel& model, name_id who) const {
    const auto table_of = [&](name_id name) {
        const task_id t = find_task(model, name);
        return t ? model.w.tasks[t].files : files_id{};
    };
    const files_id table = table_of(who);
    return table && std::any_of(sent_.begin(), sent_.end(), [&](const fd_in_flight& mail) {
               return table_of(name_id{mail.what.to}) == table;
           });
}

void real_tasks::drop_mail(const seccomp_sim::kernel& model) {
    std::erase_if(in_flight_, [&](const fd_in_flight& mail) {
        const task_id to = find_task(model, name_id{mail.what.to});
        return !to || (model.w.tasks[to].has(task_flag::exiting) && !model.w.tasks[to].files);
    });
}

} // namespace seccomp_sim::live

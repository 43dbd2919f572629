// A stage for tests of fds, epoll and poll: notify_stage with words for the calls on files, and every event
// that poll and epoll_wait handed out.
#pragma once

#include "kernel-model/eventpoll.hpp"
#include "kernel-model/file_table.hpp"

#include "tests/kernel-model/notify_stage.hpp"

#include <utility>

namespace seccomp_sim {

class file_stage : public notify_stage {
  public:
    using notify_stage::notify_stage;

    struct reported {
        task_id who;
        std::string fd;
        std::uint32_t events;
        friend bool operator==(const reported&, const reported&) = default;
    };
    std::vector<reported> reports; ///< in order; cleared by `wait_events` and `poll_fds`

    request call(operation op, const std::string& fd = {}, const std::string& as = {}) {
        request r;
        r.op = op;
        if (!fd.empty())
            r.fd = name(fd);
        if (!as.empty())
            r.as = name(as);
        return r;
    }

    std::optional<std::int64_t> open(task_id who, const std::string& as, std::uint32_t flags = 0) {
        request r = call(operation::open, {}, as);
        r.flags = flags;
        return result_of(who, r);
    }
    std::optional<std::int64_t> dup(task_id who, const std::string& fd, const std::string& as,
                                    std::int32_t number = -1, std::uint32_t flags = 0) {
        request r = call(operation::dup, fd, as);
        r.number = number;
        r.flags = flags;
        return result_of(who, r);
    }
    std::optional<std::int64_t> limit(task_id who, std::int64_t value) {
        request r = call(operation::setrlimit_nofile);
        r.value = value;
        return result_of(who, r);
    }
    std::optional<std::int64_t> send_fd(task_id who, const std::string& fd, const std::string& target,
                                        std::uint32_t flags = 0, const std::string& as = {}) {
        request r = call(operation::send_fd, fd, as);
        r.target = name(target);
        r.flags = flags;
        return result_of(who, r);
    }
    std::optional<std::int64_t> receive_fd(task_id who, const std::string& as = {}) {
        return result_of(who, call(operation::receive_fd, {}, as));
    }
    std::optional<std::int64_t> pidfd_open(task_id who, const std::string& target, const std::string& as) {
        request r = call(operation::pidfd_open, {}, as);
        r.target = name(target);
        return result_of(who, r);
    }
    std::optional<std::int64_t> pidfd_getfd(task_id who, const std::string& target, const std::string& fd,
                                            const std::string& as) {
        request r = call(operation::pidfd_getfd, fd, as);
        r.target = name(target);
        return result_of(who, r);
    }

    std::optional<std::int64_t> epoll_create(task_id who, const std::string& as) {
        return result_of(who, call(operation::epoll_create, {}, as));
    }
    std::optional<std::int64_t> epoll_ctl(task_id who, const std::string& ep, std::int32_t op,
                                          const std::string& target, std::uint32_t mask = poll_event::in) {
        request r = call(operation::epoll_ctl, ep);
        r.number = op;
        r.source = name(target);
        r.events = mask;
        return result_of(who, r);
    }
    std::optional<std::int64_t> add(task_id who, const std::string& ep, const std::string& target,
                                    std::uint32_t mask = poll_event::in) {
        return epoll_ctl(who, ep, epoll_op::add, target, mask);
    }
    std::optional<std::int64_t> wait_events(task_id who, const std::string& ep, std::int64_t timeout = 0,
                                            std::int32_t max_events = -1) {
        reports.clear();
        request r = call(operation::epoll_wait, ep);
        r.value = timeout;
        r.number = max_events;
        return result_of(who, r);
    }
    std::optional<std::int64_t> poll_fds(task_id who,
                                         const std::vector<std::pair<std::string, std::uint32_t>>& fds,
                                         std::int64_t timeout = 0) {
        reports.clear();
        request r = call(operation::poll);
        r.value = timeout;
        r.first_poll = static_cast<index_type>(k.poll_list.size());
        r.polls = static_cast<index_type>(fds.size());
        for (const auto& [fd, mask] : fds)
            k.poll_list.push_back({name(fd), mask});
        return result_of(who, r);
    }

    /// The events that were reported of an fd since the last call that waits; none if there were none.
    std::optional<std::uint32_t> reported_of(const std::string& fd) const {
        for (const reported& r : reports)
            if (r.fd == fd)
                return r.events;
        return std::nullopt;
    }
    std::vector<std::string> reported_fds() const {
        std::vector<std::string> fds;
        for (const reported& r : reports)
            fds.push_back(r.fd);
        return fds;
    }

    bool has_fd(task_id who, const std::string& fd) { return find_fd(k, who, name(fd)) != nullptr; }
    index_type number_of(task_id who, const std::string& fd) { return find_fd(k, who, name(fd))->fd; }
    std::int32_t refs_of(task_id who, const std::string& fd) {
        return k.w.open_files[find_fd(k, who, name(fd))->file].refs;
    }
    task_id lone_fork(task_id parent, const std::string& child) { return fork(parent, child, 0); }
    void wait_for(task_id who, const std::string& child) {
        request r = call(operation::wait);
        r.target = name(child);
        ask(who, r);
    }

    void on_event(task_id who, name_id fd, std::uint32_t mask) override {
        notify_stage::on_event(who, fd, mask);
        reports.push_back({who, k.names[fd.value], mask});
    }
};

} // namespace seccomp_sim

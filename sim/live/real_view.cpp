// What the real tasks show after a step, in the words of a view.
#include "sim/live/view.hpp"

#include "kernel-model/task_table.hpp"
#include "seccomp_sim/errno_name.hpp"
#include "sim/live/cannot_run.hpp"
#include "sim/replay/words.hpp"
#include "sim/scenario/signal_name.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

using scenario::file_descriptor;

constexpr unsigned pidfd_thread = 0x80; // O_EXCL

/// In the words of the model's condition: whether a task that lives is on its way out, /proc does not say.
std::string_view condition_of(const seccomp_sim::kernel& model, const puppet& p) {
    switch (p.seen->state) {
    case 'Z':
        return "zombie";
    case 'X':
        return "gone";
    case 'T':
    case 't':
        return "stopped";
    default:
        break;
    }
    const task_id modelled = find_task(model, p.name);
    if (modelled && model.w.tasks[modelled].has(task_flag::exiting))
        return "exiting";
    return p.in_call ? "blocked" : "running";
}

std::string shown_text(std::uint32_t events) {
    return replay::event_names(events & shown_events);
}

/// Looks at fds of others through copies that it has only for so long.
class borrower {
  public:
    explicit borrower(std::map<pid_t, file_descriptor>& pidfds) : pidfds_(pidfds) {}

    /// What poll says of `fd` of that task goes into `shown`; false if there is no such fd.
    bool add(const puppet& from, int fd, std::string& shown) {
        file_descriptor copy = copy_of(from, fd);
        // The pid may be somebody else's by now.
        if (!copy && errno == ESRCH && pidfds_.erase(from.task) != 0)
            copy = copy_of(from, fd);
        if (!copy)
            return false;
        add_own(copy.get(), shown);
        copies_.push_back(std::move(copy));
        if (copies_.size() == most)
            look();
        return true;
    }
    void add_own(int fd, std::string& shown) {
        asked_.push_back({fd, POLLIN | POLLOUT, 0});
        shown_.push_back(&shown);
    }
    void look() {
        if (asked_.empty())
            return;
        ::poll(asked_.data(), asked_.size(), 0);
        for (std::size_t i = 0; i < asked_.size(); ++i)
            *shown_[i] = shown_text(static_cast<std::uint16_t>(asked_[i].revents));
        asked_.clear();
        shown_.clear();
        copies_.clear();
    }

  private:
    static constexpr std::size_t most = 256; ///< copies at a time, and pidfds

    file_descriptor copy_of(const puppet& from, int fd) {
        auto known = pidfds_.find(from.task);
        if (known == pidfds_.end()) {
            const bool leader = from.task == from.group;
            file_descriptor opened(
                static_cast<int>(::syscall(SYS_pidfd_open, from.task, leader ? 0U : pidfd_thread)));
            if (!opened)
                return opened;
            if (pidfds_.size() == most)
                pidfds_.clear();
            known = pidfds_.emplace(from.task, std::move(opened)).first;
        }
        return file_descriptor(static_cast<int>(::syscall(SYS_pidfd_getfd, known->second.get(), fd, 0)));
    }

    std::map<pid_t, file_descriptor>& pidfds_;
    std::vector<file_descriptor> copies_;
    std::vector<pollfd> asked_;
    std::vector<std::string*> shown_;
};

} // namespace

std::string told_by(const scenario::scenario& s, const seccomp_sim::kernel& model, const request& asked,
                    const slot& own, std::int64_t value) {
    std::map<name_id, std::uint32_t> told;
    if (asked.op == operation::epoll_wait)
        for (std::int64_t i = 0; i < std::min<std::int64_t>(value, most_events); ++i) {
            reported_event event;
            std::memcpy(&event, own.data + static_cast<std::size_t>(i) * sizeof event, sizeof event);
            if (event.data >= s.names.size())
                throw cannot_run("epoll_wait tells of an fd that was never watched");
            const name_id fd{static_cast<index_type>(event.data)};
            if (const std::uint32_t events = shown_of(model, fd, event.events); events != 0)
                told[fd] |= events;
        }
    else
        for (index_type i = 0; i < asked.polls; ++i) {
            pollfd entry;
            std::memcpy(&entry, own.data + i * sizeof entry, sizeof entry);
            const name_id fd = model.poll_list[asked.first_poll + i].fd;
            const std::uint32_t events = shown_of(model, fd, static_cast<std::uint16_t>(entry.revents));
            if (events != 0)
                told[fd] |= events;
        }
    return told.empty() ? std::string() : told_text(s, told);
}

std::string real_view::value_text(const puppet& p, std::int64_t value) const {
    const request& asked = *p.pending;
    // Which of the two a thread's pid is has changed with 6.15.
    if (asked.op == operation::pidfd_open && value == -ENOENT)
        value = -EINVAL;
    if (value < 0 && value > -4096)
        return errno_text(static_cast<int>(-value));
    if (value > 0 && gives_pid(asked)) {
        const name_id whose = tasks_.everybody().name_of(static_cast<pid_t>(value), p);
        return whose ? "pid of " + std::string(s_.name_of(whose)) : std::to_string(value);
    }
    if (asked.op == operation::send_fd)
        return "0";
    return std::to_string(value);
}

std::string real_view::returned_text(const puppet& p) const {
    const bool received = p.pending->op == operation::receive_fd && *p.returned >= 0;
    return value_text(p, received ? call_site::received_fd(tasks_.place().slot_at(p.slot)) : *p.returned);
}

void real_view::add_return(view& v, puppet& p) {
    const std::string who(s_.name_of(p.name));
    const slot& own = tasks_.place().slot_at(p.slot);
    const request& asked = *p.pending;
    const std::int64_t value = *p.returned;
    v[who + ": returned"] = returned_text(p);
    if (value < 0)
        return;
    if (asked.op == operation::wait && value > 0) {
        int status = 0;
        std::memcpy(&status, own.data, sizeof status);
        const name_id whose = tasks_.everybody().name_of(static_cast<pid_t>(value), p);
        if (whose && (WIFEXITED(status) || WIFSIGNALED(status)))
            v[std::string(s_.name_of(whose)) + ": status"] = replay::status_text(status & 0xff7f);
    }
    if (asked.op == operation::epoll_wait || asked.op == operation::poll) {
        const std::string told = told_by(s_, k_, asked, own, value);
        if (!told.empty())
            v[who + ": told"] = told;
    }
    if (asked.op == operation::receive) {
        received_notification n;
        std::memcpy(&n, own.data, sizeof n);
        const name_id target =
            n.pid != 0 ? tasks_.everybody().name_of(static_cast<pid_t>(n.pid), p) : name_id{};
        v[who + ": received"] = "the call of " + (n.pid == 0 ? "somebody"
                                                  : target   ? std::string(s_.name_of(target))
                                                             : "pid " + std::to_string(n.pid));
        tasks_.note_notification(k_, p, n.id);
    }
}

void real_view::add_tasks(view& v) {
    for (const auto& p : tasks_.everybody().all()) {
        if (!p->name)
            continue;
        const std::string who(s_.name_of(p->name));
        if (p->gone || !p->seen) {
            v[who + ": state"] = "gone";
            continue;
        }
        v[who + ": state"] = condition_of(k_, *p);
        v[who + ": Seccomp"] = std::to_string(p->seen->seccomp);
        if (p->seen->filters)
            v[who + ": Seccomp_filters"] = std::to_string(*p->seen->filters);
        const name_id parent = tasks_.everybody().name_of_group(p->seen->parent);
        v[who + ": parent"] = parent ? std::string(s_.name_of(parent)) : "nobody";
        if (p->returned && p->pending)
            add_return(v, *p);
        const slot& own = tasks_.place().slot_at(p->slot);
        for (std::size_t signal = 1; signal <= most_handled; ++signal)
            if (const std::uint32_t times = own.handled[signal] - p->handled[signal]; times != 0)
                v[who + ": handled " + scenario::signal_text(static_cast<int>(signal))] =
                    std::to_string(times);
    }
}

void real_view::add_polls(view& v, std::set<std::string>& unseen) {
    // Who has an fd for each listener. Whose copies fail to be made is passed over for another.
    std::map<file_id, std::vector<std::pair<const puppet*, int>>> holders;
    k_.w.tasks.for_each([&](task_id, const seccomp_sim::task& t) {
        const puppet* holder = t.name ? tasks_.everybody().find(t.name) : nullptr;
        if (holder == nullptr || holder->gone || !t.files)
            return;
        for (const fd_slot& s : k_.w.fd_tables[t.files].slots)
            if (s.file && k_.w.open_files[s.file].kind == file_kind::listener)
                holders[s.file].emplace_back(holder, static_cast<int>(s.fd));
    });
    borrower polls(pidfds_);
    const auto ask = [&](const puppet& holder, int fd, std::string& shown) {
        if (!poll_by_)
            return polls.add(holder, fd, shown);
        const std::optional<std::uint32_t> events = poll_by_(holder, fd);
        if (events)
            shown = shown_text(*events);
        return events.has_value();
    };
    k_.w.open_files.for_each([&](file_id f, const file& record) {
        if (record.kind != file_kind::listener || !record.name)
            return;
        const std::string what = std::string(s_.name_of(record.name)) + ": poll";
        if (const int own = tasks_.fd_in_flight_named(record.name); own >= 0) {
            polls.add_own(own, v[what]);
            return;
        }
        bool tried = false;
        for (const auto& [holder, fd] : holders[f]) {
            if (ask(*holder, fd, v[what]))
                return;
            tried = tried || errno == EBADF;
        }
        if (tried) {
            v[what] = "closed";
        } else {
            v.erase(what);
            unseen.insert(what);
        }
    });
    polls.look();
}

} // namespace seccomp_sim::live

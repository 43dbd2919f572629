// A stage for tests of notifications: a kernel with a supervisor (its init) and tasks under one filter that
// traps getuid, all with one fd table, and short words for what they ask for.
#pragma once

#include "kernel-model/signal.hpp"

#include "seccomp_sim/kernel.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim {

class notify_stage : public observer {
  public:
    static constexpr std::int32_t trapped_call = 102; ///< getuid
    static constexpr std::int64_t native = 7;         ///< what it returns when nobody answers for it

    struct received {
        task_id target;
        index_type pid;
        index_type cookie;
    };

    explicit notify_stage(const revision& choices) : k(choices) {
        k.watch = this;
        init = k.make_init(name("init"));
        k.programs.emplace_back(trap_program(trapped_call));
    }
    explicit notify_stage(std::string_view preset) : notify_stage(find_preset(preset)->choices) {}

    kernel k;
    task_id init;
    std::vector<received> seen;              ///< what RECV gave, in order
    std::map<task_id, std::uint32_t> events; ///< the last that poll reported to a task
    std::vector<std::uint32_t> filter_wakes; ///< wakes of a filter's queue
    std::map<task_id, int> restarts;

    name_id name(const std::string& text) {
        for (index_type i = 0; i < k.names.size(); ++i)
            if (k.names[i] == text)
                return {i};
        k.names.push_back(text);
        return {static_cast<index_type>(k.names.size() - 1)};
    }

    /// Asks, and runs everything until nothing can run.
    void ask(task_id who, const request& what) {
        results_.erase(who);
        k.requests.push_back(what);
        k.start(who, {static_cast<index_type>(k.requests.size() - 1)});
        if (!k.preemptive)
            k.run_to_rest();
    }
    /// The value of the last call of `who`; none while it is in the call.
    std::optional<std::int64_t> result(task_id who) const {
        const auto found = results_.find(who);
        return found == results_.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<std::int64_t> result_of(task_id who, const request& what) {
        ask(who, what);
        return result(who);
    }

    /// A child of `parent` that shares its fd table (and more by `flags`).
    task_id fork(task_id parent, const std::string& child, std::uint32_t flags = clone_flag::files) {
        request r;
        r.op = operation::fork;
        r.child = name(child);
        r.flags = flags;
        ask(parent, r);
        return k.w.named_tasks[r.child.value];
    }
    /// Attaches the trapping filter with a listener `L`; the fd's number or an errno.
    std::optional<std::int64_t> install(task_id who, std::uint32_t flags = 0,
                                        const std::string& listener = "L") {
        request r;
        r.op = operation::seccomp;
        r.program = {0};
        r.value = 1; // SECCOMP_SET_MODE_FILTER
        r.fd = name(listener);
        r.flags = flags | install_flag::new_listener;
        return result_of(who, r);
    }
    /// A worker under the filter.
    task_id worker(std::uint32_t install_flags = 0) {
        const task_id w = fork(init, "worker");
        install(w, install_flags);
        return w;
    }

    void trap(task_id who) {
        request r;
        r.system_call = trapped_call;
        r.native = native;
        ask(who, r);
    }
    request listener_ioctl(operation op) {
        request r;
        r.op = op;
        r.fd = name("L");
        return r;
    }
    std::optional<std::int64_t> receive(task_id who) {
        return result_of(who, listener_ioctl(operation::receive));
    }
    std::optional<std::int64_t> reply(task_id who, std::int64_t value, std::int32_t error = 0,
                                      std::uint32_t flags = 0) {
        request r = listener_ioctl(operation::send);
        r.value = value;
        r.error = error;
        r.flags = flags;
        return result_of(who, r);
    }
    std::optional<std::int64_t> id_valid(task_id who) {
        return result_of(who, listener_ioctl(operation::id_valid));
    }
    std::optional<std::int64_t> close(task_id who, const std::string& fd = "L") {
        request r;
        r.op = operation::close;
        r.fd = name(fd);
        return result_of(who, r);
    }
    void exit(task_id who) {
        request r;
        r.op = operation::exit_group;
        ask(who, r);
    }
    /// The listener's events now, by a poll() that does not wait.
    std::uint32_t poll(task_id who) {
        request r;
        r.op = operation::poll;
        r.first_poll = static_cast<index_type>(k.poll_list.size());
        r.polls = 1;
        k.poll_list.push_back({name("L"), poll_event::in | poll_event::out});
        events.erase(who);
        ask(who, r);
        return events[who];
    }

    /// Gives a task's process a handler.
    void handle(task_id who, int signal, bool restart) {
        thread_group& group = k.w.groups[k.w.tasks[who].group];
        if (!group.sighand)
            group.sighand = k.w.sighands.allocate();
        k.w.sighands[group.sighand].handled |= signal_bit(signal);
        if (restart)
            k.w.sighands[group.sighand].restart |= signal_bit(signal);
    }
    void signal(task_id who, int number) {
        post_signal(who, number);
        k.run_to_rest();
    }

    /// Lets `who`, which asked while the kernel was preemptive, go on alone until it waits to pass `label`.
    bool advance(task_id who, std::string_view label) {
        for (int steps = 0; steps < 200 && k.can_run(who); ++steps) {
            k.resume(who);
            if (label_name(k.waits_at(who)) == label)
                return true;
        }
        return false;
    }
    /// The same, until it returns; its value.
    std::optional<std::int64_t> finish(task_id who) {
        for (int steps = 0; steps < 200 && k.can_run(who) && !result(who); ++steps)
            k.resume(who);
        return result(who);
    }
    /// Everybody goes on until nobody can.
    void settle() {
        k.preemptive = false;
        k.collect_runnable();
        k.run_to_rest();
    }
    /// A signal that its target sees as soon as it looks.
    void post_signal(task_id who, int number) {
        k.run_as(init);
        send_signal(k, number, who, true);
    }

    bool in_call(task_id who) const { return !!k.w.tasks[who].call; }

    void on_return(task_id who, request_id, std::int64_t value) override { results_[who] = value; }
    void on_restart(task_id who) override { ++restarts[who]; }
    void on_event(task_id who, name_id, std::uint32_t mask) override { events[who] = mask; }
    void on_notification(task_id, filter_id, index_type cookie, task_id target, index_type pid) override {
        seen.push_back({target, pid, cookie});
    }
    void on_wake_up_poll(queue_ref, std::uint32_t mask) override { filter_wakes.push_back(mask); }

  private:
    static std::vector<sock_filter> trap_program(std::int32_t number) {
        return {{0x20, 0, 0, 0},                                  // A = nr
                {0x15, 0, 1, static_cast<std::uint32_t>(number)}, // number?
                {0x06, 0, 0, action_user_notif},
                {0x06, 0, 0, action_allow}};
    }

    std::map<task_id, std::int64_t> results_;
};

} // namespace seccomp_sim

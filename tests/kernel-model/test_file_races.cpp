// Tasks that share a table open, close, send, watch and poll the same files at the same time, one atomic step
// of a random one after the other: nothing is used after it was freed, and nothing is left over.
#include "tests/kernel-model/file_stage.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <deque>
#include <random>

using namespace seccomp_sim;

namespace {

class race : public file_stage {
  public:
    race(const char* preset, unsigned seed) : file_stage(preset), random_(seed), work_(worker()) {
        for (const char* ep : {"e1", "e2", "e3"})
            epoll_create(init, ep);
        dup(init, "L", "L2");
        pidfd_open(init, "worker", "P");
        add(init, "e2", "L");
        add(init, "e1", "e2");
        for (int i = 0; i < 4; ++i)
            tasks_.push_back(fork(init, "t" + std::to_string(i)));
        tasks_.push_back(lone_fork(init, "other"));
    }

    /// Everybody makes `calls` calls, in an order that the seed decides.
    void run(int calls) {
        k.preemptive = true;
        std::vector<int> left(tasks_.size(), calls);
        for (int steps = 0; steps < 100'000; ++steps) {
            std::vector<std::size_t> able;
            for (std::size_t i = 0; i < tasks_.size(); ++i)
                if (k.can_run(tasks_[i]) || (!in_call(tasks_[i]) && left[i] > 0))
                    able.push_back(i);
            if (k.can_run(work_))
                able.push_back(tasks_.size());
            if (able.empty())
                break;
            const std::size_t chosen = able[pick(able.size())];
            const task_id who = chosen < tasks_.size() ? tasks_[chosen] : work_;
            if (in_call(who)) {
                k.resume(who);
                continue;
            }
            --left[chosen];
            ask(who, any_call());
            if (!in_call(work_) && k.w.tasks[work_].state == task_state::running && pick(3) == 0)
                trap(work_);
        }
        k.preemptive = false;
        k.collect_runnable();
        k.run_to_rest();
    }

    /// Ends everybody, and closes what init has.
    void end() {
        tasks_.push_back(work_);
        for (const task_id t : tasks_) {
            k.run_as(init);
            send_signal(k, signal_number::kill, t, false);
            k.run_to_rest();
        }
        for (const char* child : {"t0", "t1", "t2", "t3", "other", "worker"})
            wait_for(init, child);
        while (k.w.tasks[init].files && !k.w.fd_tables[k.w.tasks[init].files].slots.empty())
            close(init, k.names[k.w.fd_tables[k.w.tasks[init].files].slots[0].name.value]);
    }

  private:
    std::size_t pick(std::size_t count) { return random_() % count; }
    const std::string& pick_name() { return names_[pick(names_.size())]; }
    /// A name that no fd has: an fd is the same file as long as its name is known.
    const std::string& new_name() { return names_.emplace_back("n" + std::to_string(names_.size())); }
    std::string pick_epoll() { return pick(6) == 0 ? pick_name() : "e" + std::to_string(1 + pick(3)); }
    request any_call() {
        switch (pick(13)) {
        case 0:
            return call(operation::close, pick_name());
        case 1:
            return call(operation::dup, pick_name(), new_name());
        case 2:
        case 3:
        case 4: {
            request r = call(operation::epoll_ctl, pick_epoll());
            static constexpr std::array ops = {epoll_op::add, epoll_op::add, epoll_op::del, epoll_op::mod};
            static constexpr std::array<std::uint32_t, 4> flags = {0, poll_event::et, poll_event::oneshot,
                                                                   poll_event::exclusive};
            r.number = ops[pick(ops.size())];
            r.source = name(pick_name());
            r.events = poll_event::in | poll_event::out | flags[pick(flags.size())];
            return r;
        }
        case 5:
        case 6: {
            request r = call(operation::epoll_wait, pick_epoll());
            r.value = pick(4) == 0 ? -1 : 0;
            r.number = static_cast<std::int32_t>(1 + pick(2));
            return r;
        }
        case 7:
        case 8: {
            request r = call(operation::poll);
            r.value = pick(4) == 0 ? -1 : 0;
            r.first_poll = static_cast<index_type>(k.poll_list.size());
            r.polls = static_cast<index_type>(1 + pick(3));
            for (index_type i = 0; i < r.polls; ++i)
                k.poll_list.push_back({name(pick_name()), poll_event::in});
            return r;
        }
        case 9: {
            request r = call(operation::send_fd, pick_name(), new_name());
            r.target = name(pick(2) == 0 ? "other" : "t0");
            r.flags = pick(2) == 0 ? 1 : 0;
            return r;
        }
        case 10:
            return call(operation::receive_fd);
        case 11:
            return call(operation::epoll_create, {}, new_name());
        default:
            return call(operation::receive, "L");
        }
    }

    std::mt19937 random_;
    std::deque<std::string> names_ = {"L", "L2", "e1", "e2", "e3", "P"};
    task_id work_;
    std::vector<task_id> tasks_;
};

} // namespace

TEST_CASE("races on files leave nothing behind and touch nothing that is gone", "[files][epoll][race]") {
    for (const char* preset : {"v5.0", "patch-v2", "v6.15"}) {
        for (unsigned seed = 1; seed <= 60; ++seed) {
            INFO(preset << ", seed " << seed);
            race s(preset, seed);
            s.run(12);
            s.end();
            for (const violation& v : s.k.violations)
                UNSCOPED_INFO(name_of(v.which) << ": " << v.message);
            REQUIRE(s.k.violations.empty());
            REQUIRE(s.k.w.open_files.count() == 0);
            REQUIRE(s.k.w.eventpolls.count() == 0);
            REQUIRE(s.k.w.epitems.count() == 0);
            REQUIRE(s.k.w.wait_entries.count() == 0);
            REQUIRE(s.k.w.messages.count() == 0);
            REQUIRE(s.k.w.pid_queues.empty());
        }
    }
}

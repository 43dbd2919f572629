// Supervisors, trapped tasks, pollers and signals at once, by schedules drawn from a seed: whatever comes
// between the atomic steps, every invariant holds, every call ends once the listener is gone, and nothing is
// left behind.
#include "tests/kernel-model/notify_stage.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace seccomp_sim;

namespace {

constexpr int usr1 = 10;

/// A schedule and the calls that its actors make, drawn from one seed.
class race {
  public:
    race(std::string_view preset, unsigned seed, std::uint32_t flags) : s(preset), random_(seed) {
        const task_id worker = s.worker(flags);
        workers_ = {worker, s.fork(worker, "second")};
        supervisors_ = {s.init, s.fork(s.init, "first"), s.fork(s.init, "other")};
        request r;
        r.op = operation::open;
        r.as = s.name("gift");
        s.ask(s.init, r);
        for (const task_id t : {workers_[0], workers_[1], supervisors_[1], supervisors_[2]})
            s.handle(t, usr1, draw(2) == 0);
    }

    notify_stage s;

    void run(int steps) {
        s.k.preemptive = true;
        while (steps-- > 0 && s.k.violations.empty())
            step_somewhere();
        s.k.preemptive = false;
        s.k.collect_runnable();
        s.k.run_to_rest();
    }

    /// Whether some task stands still although it did not get as far as its sleep.
    bool stuck_on_the_way() const {
        bool stuck = false;
        s.k.w.tasks.for_each([&](task_id t, const task& record) {
            const bool moves = !record.call || record.state == task_state::running;
            if (!moves && !label_name(s.k.waits_at(t)).ends_with("/sleep"))
                stuck = true;
        });
        return stuck;
    }

    /// Ends it: nobody traps any more, the listener goes, and who still sleeps in it is killed.
    void finish() {
        for (const task_id t : supervisors_)
            if (t != s.init && s.in_call(t))
                s.signal(t, signal_number::kill);
        if (s.in_call(s.init)) { // in RECV: nothing kills the first init
            for (const task_id t : workers_)
                if (!s.in_call(t))
                    s.trap(t);
        }
        if (!s.in_call(s.init))
            s.close(s.init);
    }
    bool init_sleeps() const { return s.in_call(s.init); }

  private:
    std::size_t draw(std::size_t below) { return random_() % below; }

    void step_somewhere() {
        const std::size_t pick = draw(24);
        if (pick == 0) {
            const task_id target = pick_one();
            if (s.k.w.tasks.is_live(target) && target != s.init) {
                s.k.run_as(s.init);
                send_signal(s.k, usr1, target, true);
            }
            return;
        }
        const task_id t = pick_one();
        if (s.k.can_run(t))
            s.k.resume(t);
        else if (!s.in_call(t))
            begin(t);
    }

    task_id pick_one() {
        const std::size_t n = draw(workers_.size() + supervisors_.size());
        return n < workers_.size() ? workers_[n] : supervisors_[n - workers_.size()];
    }

    void begin(task_id t) {
        if (t == workers_[0] || t == workers_[1])
            return s.trap(t);
        static constexpr operation choices[] = {operation::receive, operation::receive, operation::send,
                                                operation::send,    operation::addfd,   operation::id_valid,
                                                operation::poll};
        request r = s.listener_ioctl(choices[draw(std::size(choices))]);
        if (r.op == operation::receive && draw(4) == 0)
            r.fails = fault::bad_pointer;
        if (r.op == operation::addfd) {
            r.source = s.name("gift");
            r.flags = draw(2) == 0 ? addfd_flag::send : 0;
        }
        if (r.op == operation::poll) {
            r.first_poll = static_cast<index_type>(s.k.poll_list.size());
            r.polls = 1;
            s.k.poll_list.push_back({s.name("L"), poll_event::in});
        }
        s.ask(t, r);
    }

    std::mt19937 random_;
    std::vector<task_id> workers_, supervisors_;
};

} // namespace

TEST_CASE("Notifications under random schedules", "[notify]") {
    const std::string preset = GENERATE("v5.0", "patch-v2", "v5.9", "v6.2", "v6.11", "v6.15");
    const bool killable = GENERATE(false, true) && preset >= "v6";
    CAPTURE(preset, killable);
    for (unsigned seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        race r(preset, seed, killable ? install_flag::wait_killable_recv : 0U);
        r.run(1500);
        const std::string first = r.s.k.violations.empty() ? "" : r.s.k.violations.front().message;
        CHECK(first == "");
        CHECK_FALSE(r.stuck_on_the_way());
        r.finish();
        const std::string last = r.s.k.violations.empty() ? "" : r.s.k.violations.front().message;
        CHECK(last == "");
        if (r.init_sleeps())
            continue;
        CHECK(r.s.k.w.knotifs.count() == 0);
        CHECK(r.s.k.w.kaddfds.count() == 0);
        CHECK(r.s.k.w.wait_entries.count() == 0);
        CHECK(r.s.k.w.notifications.count() == 0);
    }
}

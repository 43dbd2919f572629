// Who is woken: exclusive waiters and exclusive items, several tasks in one epoll_wait, and what happens
// while the ready list is scanned.
#include "tests/kernel-model/file_stage.hpp"

#include <catch2/catch.hpp>

using namespace seccomp_sim;

namespace {

constexpr std::uint32_t in = poll_event::in;
constexpr std::uint32_t exclusive = poll_event::exclusive;

/// A worker with listener `L`, two epoll fds, and a task that waits on each.
struct two_epolls : file_stage {
    two_epolls(std::uint32_t first, std::uint32_t second) : file_stage("v6.15"), work(worker()) {
        epoll_create(init, "e1");
        epoll_create(init, "e2");
        add(init, "e1", "L", first);
        add(init, "e2", "L", second);
        w1 = fork(init, "w1");
        w2 = fork(init, "w2");
        wait_events(w1, "e1", -1);
        wait_events(w2, "e2", -1);
    }
    task_id work, w1, w2;
    int woken() const { return (in_call(w1) ? 0 : 1) + (in_call(w2) ? 0 : 1); }
};

} // namespace

TEST_CASE("a wake up reaches every epoll that is not exclusive, and one that is", "[epoll]") {
    two_epolls shared(in, in);
    shared.trap(shared.work);
    CHECK(shared.woken() == 2);

    two_epolls both(in | exclusive, in | exclusive);
    both.trap(both.work);
    CHECK(both.woken() == 1);
    CHECK_FALSE(both.in_call(both.w1)); // the first that was added

    two_epolls one(in, in | exclusive);
    one.trap(one.work);
    CHECK(one.woken() == 2);
}

TEST_CASE("HUP reaches only one exclusive epoll", "[epoll]") {
    two_epolls s(in | exclusive, in | exclusive);
    s.exit(s.work);
    CHECK(s.woken() == 1);
    CHECK(s.reports.size() == 1);
    CHECK(s.reports[0].events == poll_event::hup);
}

TEST_CASE("an exclusive epoll on which nobody waits does not use the wake up", "[epoll]") {
    file_stage s("v6.15");
    const task_id work = s.worker();
    s.epoll_create(s.init, "e1");
    s.epoll_create(s.init, "e2");
    s.add(s.init, "e1", "L", in | exclusive);
    s.add(s.init, "e2", "L", in | exclusive);
    const task_id w2 = s.fork(s.init, "w2");
    s.wait_events(w2, "e2", -1);
    s.trap(work);
    CHECK(s.result(w2) == 1);
    CHECK(s.wait_events(s.init, "e1") == 1); // it is on the list all the same
    CHECK(s.k.violations.empty());
}

TEST_CASE("a wake up for what an exclusive item does not want goes to the next", "[epoll]") {
    two_epolls s(poll_event::out | exclusive, in | exclusive);
    s.trap(s.work);
    CHECK(s.in_call(s.w1));
    CHECK_FALSE(s.in_call(s.w2));
}

TEST_CASE("one of several tasks in epoll_wait is woken, and wakes the next if something is left", "[epoll]") {
    file_stage s("v6.15");
    const task_id work = s.worker();
    s.epoll_create(s.init, "e");
    const task_id w1 = s.fork(s.init, "w1");
    const task_id w2 = s.fork(s.init, "w2");
    SECTION("edge-triggered: only one") {
        s.add(s.init, "e", "L", in | poll_event::et);
        s.wait_events(w1, "e", -1);
        s.wait_events(w2, "e", -1);
        s.trap(work);
        CHECK(s.result(w1) == 1);
        CHECK(s.in_call(w2));
    }
    SECTION("level-triggered: the file is still ready") {
        s.add(s.init, "e", "L", in);
        s.wait_events(w1, "e", -1);
        s.wait_events(w2, "e", -1);
        s.trap(work);
        CHECK(s.result(w1) == 1);
        CHECK(s.result(w2) == 1);
    }
    CHECK(s.k.violations.empty());
}

TEST_CASE("what becomes ready during a scan is found by the next", "[epoll]") {
    file_stage s("v6.15");
    const task_id work = s.worker();
    s.epoll_create(s.init, "e");
    s.add(s.init, "e", "L", in | poll_event::et);
    const eventpoll_id ep{s.k.w.open_files[find_fd(s.k, s.init, s.name("e"))->file].object};
    CHECK_FALSE(ep_events_available(s.k, ep));
    const epitem_id list = ep_start_scan(s.k, ep);
    CHECK(ep_events_available(s.k, ep)); // until the scan is over nobody can know
    s.trap(work);
    CHECK(s.k.w.eventpolls[ep].overflow);
    CHECK_FALSE(s.k.w.eventpolls[ep].ready);
    ep_done_scan(s.k, ep, list);
    CHECK_FALSE(s.k.w.eventpolls[ep].overflow);
    CHECK(s.wait_events(s.init, "e") == 1);
    CHECK(s.wait_events(s.init, "e") == 0);
    CHECK(s.k.violations.empty());
}

TEST_CASE("entries stand in the order of the kernel: others first, the last one first, then exclusive ones",
          "[wait]") {
    file_stage s("v6.15");
    const queue_ref queue{queue_kind::chldexit, s.k.w.tasks[s.init].group.value};
    std::vector<task_id> sleepers;
    std::vector<wait_entry_id> entries;
    for (int i = 0; i < 5; ++i) {
        const task_id t = s.fork(s.init, "t" + std::to_string(i));
        s.k.w.tasks[t].state = task_state::interruptible;
        sleepers.push_back(t);
        entries.push_back(add_wait(s.k, queue, wake_function::task, t.value, 0, i >= 2));
    }
    struct order : observer {
        std::vector<task_id> woken;
        void on_wake(task_id who, queue_ref, std::uint32_t) override { woken.push_back(who); }
    } seen;
    s.k.watch = &seen;
    wake_up(s.k, queue);
    CHECK(seen.woken == std::vector<task_id>{sleepers[1], sleepers[0], sleepers[2]});
    CHECK(waitqueue_active(s.k, queue));
    wake_up_all(s.k, queue);
    CHECK(seen.woken.size() == 5);
    CHECK_FALSE(waitqueue_active(s.k, queue));
    for (const wait_entry_id entry : entries)
        remove_wait(s.k, entry);
    CHECK(s.k.w.wait_entries.count() == 0);
}

TEST_CASE("a wake up that finds its task running is not used up", "[wait]") {
    file_stage s("v6.15");
    const queue_ref queue{queue_kind::chldexit, s.k.w.tasks[s.init].group.value};
    const task_id a = s.fork(s.init, "a");
    const task_id b = s.fork(s.init, "b");
    s.k.w.tasks[b].state = task_state::interruptible;
    const wait_entry_id first = add_wait(s.k, queue, wake_function::task, a.value, 0, true);
    const wait_entry_id second = add_wait(s.k, queue, wake_function::task, b.value, 0, true);
    wake_up(s.k, queue);
    CHECK(s.k.w.wait_entries[first].queued == 1);
    CHECK(s.k.w.wait_entries[second].queued == 0);
    CHECK(s.k.w.tasks[b].state == task_state::running);
    remove_wait(s.k, first);
    remove_wait(s.k, second);
}

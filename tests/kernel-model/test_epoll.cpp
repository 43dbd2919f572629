// epoll: what epoll_ctl refuses, and what epoll_wait reports of a listener, level, edge and once.
#include "tests/kernel-model/file_stage.hpp"

#include <catch2/catch.hpp>

#include <cerrno>

using namespace seccomp_sim;

namespace {

constexpr int usr1 = 10;
constexpr std::uint32_t in = poll_event::in;
constexpr std::uint32_t hup = poll_event::hup;

/// An epoll fd `e` of init, and a worker with listener `L`.
struct epoll_stage : file_stage {
    explicit epoll_stage(const char* preset = "v6.15") : file_stage(preset), work(worker()) {
        epoll_create(init, "e");
    }
    task_id work;
};

} // namespace

TEST_CASE("epoll_ctl says why not", "[epoll]") {
    epoll_stage s;
    s.open(s.init, "plain");
    CHECK(s.add(s.init, "gone", "L") == -EBADF);
    CHECK(s.add(s.init, "e", "gone") == -EBADF);
    CHECK(s.add(s.init, "e", "plain") == -EPERM);
    CHECK(s.add(s.init, "e", "e") == -EINVAL);
    CHECK(s.add(s.init, "L", "e") == -EINVAL);
    CHECK(s.epoll_ctl(s.init, "e", 7, "L") == -EINVAL);
    CHECK(s.epoll_ctl(s.init, "e", epoll_op::del, "L") == -ENOENT);
    CHECK(s.epoll_ctl(s.init, "e", epoll_op::mod, "L") == -ENOENT);
    CHECK(s.add(s.init, "e", "L") == 0);
    CHECK(s.add(s.init, "e", "L") == -EEXIST);
    s.dup(s.init, "L", "L2");
    CHECK(s.add(s.init, "e", "L2") == 0); // another fd of the same file is another item
    CHECK(s.epoll_ctl(s.init, "e", epoll_op::del, "L") == 0);
    CHECK(s.epoll_ctl(s.init, "e", epoll_op::del, "L") == -ENOENT);
    CHECK(s.k.w.epitems.count() == 1);
    CHECK(s.k.violations.empty());
}

TEST_CASE("EPOLLEXCLUSIVE is for adding only, with few other bits, and not for nesting", "[epoll]") {
    epoll_stage s;
    s.epoll_create(s.init, "inner");
    CHECK(s.add(s.init, "e", "inner", in | poll_event::exclusive) == -EINVAL);
    CHECK(s.add(s.init, "e", "L", in | poll_event::exclusive | poll_event::oneshot) == -EINVAL);
    CHECK(s.add(s.init, "e", "L", in | poll_event::exclusive | poll_event::et) == 0);
    CHECK(s.epoll_ctl(s.init, "e", epoll_op::mod, "L", in | poll_event::exclusive) == -EINVAL);
    CHECK(s.epoll_ctl(s.init, "e", epoll_op::mod, "L", in) == -EINVAL); // the item is exclusive
    CHECK(s.k.violations.empty());
}

TEST_CASE("epoll instances nest without loops, five deep", "[epoll]") {
    file_stage s("v6.15");
    for (int i = 0; i < 6; ++i)
        s.epoll_create(s.init, "e" + std::to_string(i));
    CHECK(s.add(s.init, "e0", "e1") == 0);
    CHECK(s.add(s.init, "e1", "e0") == -ELOOP);
    CHECK(s.add(s.init, "e1", "e2") == 0);
    CHECK(s.add(s.init, "e2", "e0") == -ELOOP);
    CHECK(s.add(s.init, "e2", "e3") == 0);
    CHECK(s.add(s.init, "e3", "e4") == 0);
    CHECK(s.add(s.init, "e4", "e5") == -ELOOP);
    CHECK(s.epoll_ctl(s.init, "e0", epoll_op::del, "e1") == 0);
    CHECK(s.add(s.init, "e4", "e5") == 0);
    CHECK(s.add(s.init, "e0", "e1") == -ELOOP);
    CHECK(s.k.violations.empty());
}

TEST_CASE("a file may be reached by so many ways of one length and no more", "[epoll]") {
    epoll_stage s;
    s.add(s.init, "e", "L");
    // Each instance on top of `e` is one way of length 2; 500 are let in.
    for (int i = 0; i < 500; ++i) {
        s.epoll_create(s.init, "top" + std::to_string(i));
        REQUIRE(s.add(s.init, "top" + std::to_string(i), "e") == 0);
    }
    s.epoll_create(s.init, "one more");
    CHECK(s.add(s.init, "one more", "e") == -EINVAL);
    CHECK(s.add(s.init, "one more", "L") == 0); // of length 1 there may be any number
    CHECK(s.epoll_ctl(s.init, "top0", epoll_op::del, "e") == 0);
    CHECK(s.add(s.init, "one more", "e") == 0);
    CHECK(s.k.violations.empty());
}

TEST_CASE("a level-triggered item is reported as long as its file is ready", "[epoll]") {
    epoll_stage s;
    s.add(s.init, "e", "L");
    CHECK(s.wait_events(s.init, "e") == 0);
    s.trap(s.work);
    CHECK(s.wait_events(s.init, "e") == 1);
    CHECK(s.reported_of("L") == in);
    CHECK(s.wait_events(s.init, "e") == 1);
    s.receive(s.init);
    CHECK(s.wait_events(s.init, "e") == 0);
    s.reply(s.init, 1);
    s.exit(s.work);
    CHECK(s.wait_events(s.init, "e") == 1);
    CHECK(s.reported_of("L") == hup); // unasked
    CHECK(s.wait_events(s.init, "e") == 1);
    CHECK(s.k.violations.empty());
}

TEST_CASE("an edge-triggered item is reported once for each wake up", "[epoll]") {
    epoll_stage s;
    s.add(s.init, "e", "L", in | poll_event::et);
    s.trap(s.work);
    CHECK(s.wait_events(s.init, "e") == 1);
    CHECK(s.wait_events(s.init, "e") == 0);
    CHECK(s.epoll_ctl(s.init, "e", epoll_op::mod, "L", in | poll_event::et) == 0); // looks at the file anew
    CHECK(s.wait_events(s.init, "e") == 1);
    s.receive(s.init);
    s.reply(s.init, 1);
    s.exit(s.work);
    CHECK(s.wait_events(s.init, "e") == 1);
    CHECK(s.reported_of("L") == hup);
    CHECK(s.wait_events(s.init, "e") == 0);
    CHECK(s.k.violations.empty());
}

TEST_CASE("a one-shot item stays silent until it is modified", "[epoll]") {
    epoll_stage s;
    s.add(s.init, "e", "L", in | poll_event::oneshot);
    s.trap(s.work);
    CHECK(s.wait_events(s.init, "e") == 1);
    s.receive(s.init);
    s.reply(s.init, 1);
    s.exit(s.work);
    CHECK(s.wait_events(s.init, "e") == 0);
    CHECK(s.epoll_ctl(s.init, "e", epoll_op::mod, "L", in | poll_event::oneshot) == 0);
    CHECK(s.wait_events(s.init, "e") == 1);
    CHECK(s.reported_of("L") == hup);
    CHECK(s.k.violations.empty());
}

TEST_CASE("a file that is ready already is reported at once", "[epoll]") {
    epoll_stage s;
    s.trap(s.work);
    const task_id waiter = s.fork(s.init, "waiter");
    CHECK_FALSE(s.wait_events(waiter, "e", -1));
    CHECK(s.add(s.init, "e", "L") == 0);
    CHECK(s.result(waiter) == 1);
    CHECK(s.k.violations.empty());
}

TEST_CASE("epoll_wait sleeps until something is ready", "[epoll]") {
    for (const char* preset : {"v5.0", "patch-v2", "v5.9", "v6.2", "v6.11", "v6.15"}) {
        epoll_stage s(preset);
        s.add(s.init, "e", "L", poll_event::out);
        const task_id waiter = s.fork(s.init, "waiter");
        CHECK_FALSE(s.wait_events(waiter, "e", -1));
        s.trap(s.work);
        CHECK_FALSE(s.result(waiter)); // IN is not what it asked for
        s.receive(s.init);
        CHECK(s.result(waiter) == 1);
        CHECK(s.reported_of("L") == poll_event::out);
        CHECK(s.k.w.wait_entries.count() == 1); // the item's own
        CHECK(s.k.violations.empty());
    }
}

TEST_CASE("a signal ends epoll_wait with EINTR, whatever the handler asks for", "[epoll]") {
    epoll_stage s;
    s.add(s.init, "e", "L");
    const task_id waiter = s.fork(s.init, "waiter");
    s.handle(waiter, usr1, true);
    CHECK_FALSE(s.wait_events(waiter, "e", -1));
    s.signal(waiter, usr1);
    CHECK(s.result(waiter) == -EINTR);
    CHECK(s.k.w.wait_entries.count() == 1);
    CHECK(s.k.violations.empty());
}

TEST_CASE("epoll_wait hands out no more than asked, and goes round", "[epoll]") {
    file_stage s("v6.15");
    s.epoll_create(s.init, "e");
    for (const char* fd : {"a", "b", "c"}) {
        const task_id child = s.lone_fork(s.init, fd);
        s.pidfd_open(s.init, fd, fd);
        s.add(s.init, "e", fd);
        s.exit(child);
    }
    CHECK(s.wait_events(s.init, "e", 0, 0) == -EINVAL);
    CHECK(s.wait_events(s.init, "a", 0, 1) == -EINVAL);
    CHECK(s.wait_events(s.init, "gone", 0, 1) == -EBADF);
    CHECK(s.wait_events(s.init, "e", 0, 2) == 2);
    CHECK(s.reported_fds() == std::vector<std::string>{"a", "b"});
    CHECK(s.wait_events(s.init, "e", 0, 2) == 2);
    CHECK(s.reported_fds() == std::vector<std::string>{"c", "a"});
    CHECK(s.wait_events(s.init, "e") == 3);
    CHECK(s.k.violations.empty());
}

TEST_CASE("an item stays while another fd of its file is open, and goes with the last", "[epoll]") {
    epoll_stage s;
    s.dup(s.init, "L", "copy");
    s.add(s.init, "e", "L");
    s.close(s.init, "L");
    s.exit(s.work);
    CHECK(s.wait_events(s.init, "e") == 1);
    CHECK(s.reported_of("L") == hup); // by a name that is closed
    CHECK(s.epoll_ctl(s.init, "e", epoll_op::del, "L") == -EBADF);
    CHECK(s.epoll_ctl(s.init, "e", epoll_op::del, "copy") == -ENOENT);
    s.close(s.init, "copy");
    CHECK(s.k.w.epitems.count() == 0);
    CHECK(s.wait_events(s.init, "e") == 0);
    CHECK(s.k.w.wait_entries.count() == 0);
    CHECK(s.k.violations.empty());
}

TEST_CASE("closing an epoll fd leaves nothing behind", "[epoll]") {
    epoll_stage s;
    s.epoll_create(s.init, "outer");
    s.add(s.init, "e", "L");
    s.add(s.init, "outer", "e");
    s.trap(s.work);
    s.close(s.init, "e");
    CHECK(s.wait_events(s.init, "outer") == 0);
    CHECK(s.k.w.epitems.count() == 0);
    CHECK(s.k.w.eventpolls.count() == 1);
    CHECK(s.k.w.wait_entries.count() == 0);
    s.close(s.init, "outer");
    CHECK(s.k.w.eventpolls.count() == 0);
    CHECK(s.k.violations.empty());
}

TEST_CASE("an epoll inside an epoll passes readiness and wake ups on", "[epoll]") {
    epoll_stage s;
    s.epoll_create(s.init, "outer");
    s.add(s.init, "outer", "e");
    s.add(s.init, "e", "L");
    CHECK(s.wait_events(s.init, "outer") == 0);
    const task_id waiter = s.fork(s.init, "waiter");
    CHECK_FALSE(s.wait_events(waiter, "outer", -1));
    s.trap(s.work);
    CHECK(s.result(waiter) == 1);
    CHECK(s.reported_of("e") == in);
    CHECK(s.wait_events(s.init, "e") == 1);
    s.receive(s.init);
    CHECK(s.wait_events(s.init, "outer") == 0); // the inner list is looked through
    CHECK(s.poll_fds(s.init, {{"outer", in}}) == 0);
    CHECK(s.k.violations.empty());
}

TEST_CASE("the deepest nest that is allowed can be polled", "[epoll]") {
    epoll_stage s;
    s.add(s.init, "e", "L");
    std::string below = "e";
    for (int i = 1; i < 5; ++i) {
        const std::string next = "e" + std::to_string(i);
        s.epoll_create(s.init, next);
        REQUIRE(s.add(s.init, next, below) == 0);
        below = next;
    }
    const task_id waiter = s.fork(s.init, "waiter");
    CHECK_FALSE(s.wait_events(waiter, below, -1));
    s.trap(s.work);
    CHECK(s.result(waiter) == 1);
    CHECK(s.poll_fds(s.init, {{below, in}}) == 1);
    CHECK(s.k.violations.empty());
}

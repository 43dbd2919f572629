// Pidfds: whom they name, and when they are readable.
#include "tests/kernel-model/file_stage.hpp"

#include <catch2/catch.hpp>

#include <cerrno>

using namespace seccomp_sim;

namespace {
constexpr std::uint32_t readable = poll_event::in | poll_event::rdnorm;
}

TEST_CASE("a pidfd is readable once its process has exited", "[pidfd]") {
    for (const char* preset : {"v5.0", "v6.15"}) {
        file_stage s(preset);
        const task_id child = s.lone_fork(s.init, "child");
        CHECK(s.pidfd_open(s.init, "child", "p") == 3);
        CHECK(s.poll_fds(s.init, {{"p", poll_event::in}}) == 0);
        s.exit(child);
        CHECK(s.poll_fds(s.init, {{"p", readable}}) == 1);
        CHECK(s.reported_of("p") == readable);
        s.wait_for(s.init, "child");
        CHECK(s.poll_fds(s.init, {{"p", poll_event::in}}) == 1);
        CHECK(s.pidfd_open(s.init, "child", "q") == -ESRCH);
        CHECK(s.k.violations.empty());
    }
}

TEST_CASE("who polls a pidfd is woken by the exit", "[pidfd]") {
    file_stage s("v6.15");
    const task_id child = s.lone_fork(s.init, "child");
    s.pidfd_open(s.init, "child", "p");
    const task_id waiter = s.fork(s.init, "waiter");
    CHECK_FALSE(s.poll_fds(waiter, {{"p", poll_event::in}}, -1));
    CHECK(s.k.w.pid_queues.size() == 1);
    s.epoll_create(s.init, "e");
    CHECK(s.add(s.init, "e", "p") == 0);
    s.exit(child);
    CHECK(s.result(waiter) == 1);
    CHECK(s.wait_events(s.init, "e") == 1);
    s.close(s.init, "e");
    CHECK(s.k.w.pid_queues.empty());
    CHECK(s.k.violations.empty());
}

TEST_CASE("a pidfd names a process, by its leader, as long as the process has a pid", "[pidfd]") {
    file_stage s("v6.15");
    const task_id child = s.lone_fork(s.init, "child");
    s.fork(child, "thread", clone_flag::thread | clone_flag::vm | clone_flag::files);
    CHECK(s.pidfd_open(s.init, "thread", "p") == -EINVAL);
    CHECK(s.pidfd_open(s.init, "child", "p") == 3);
    s.ask(child, s.call(operation::exit)); // the leader alone
    CHECK(s.poll_fds(s.init, {{"p", poll_event::in}}) == 0);
    CHECK(s.pidfd_open(s.init, "child", "q") == 4);
    s.ask(s.k.w.named_tasks[s.name("thread").value], s.call(operation::exit));
    CHECK(s.poll_fds(s.init, {{"p", poll_event::in}}) == 1);
    CHECK(s.k.violations.empty());
}

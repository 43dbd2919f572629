// Fds in messages, and fds taken by pidfd_getfd.
#include "tests/kernel-model/file_stage.hpp"

#include "kernel-model/scm.hpp"

#include <catch2/catch.hpp>

#include <cerrno>

using namespace seccomp_sim;

TEST_CASE("an fd that is sent arrives under the same name, or another", "[scm]") {
    file_stage s("v6.15");
    const task_id child = s.lone_fork(s.init, "child");
    s.open(s.init, "a");
    CHECK(s.send_fd(s.init, "a", "child") == 0);
    CHECK(s.send_fd(s.init, "a", "child", 0, "b") == 0);
    CHECK(s.number_of(child, "a") == 3);
    CHECK(s.number_of(child, "b") == 4);
    CHECK(s.refs_of(child, "a") == 3);
    CHECK(s.send_fd(s.init, "gone", "child") == -EBADF);
    CHECK(s.k.violations.empty());
}

TEST_CASE("an fd in flight keeps the file open until it is received", "[scm]") {
    file_stage s("v6.15");
    const task_id child = s.lone_fork(s.init, "child");
    CHECK(s.receive_fd(child) == -EAGAIN);
    s.open(s.init, "a");
    s.open(s.init, "b");
    s.send_fd(s.init, "a", "child", scm_flag::in_flight);
    s.send_fd(s.init, "b", "child", scm_flag::in_flight);
    s.close(s.init, "a");
    s.close(s.init, "b");
    CHECK(s.k.w.open_files.count() == 2);
    CHECK(s.receive_fd(child) == 3);
    CHECK(s.receive_fd(child, "c") == 4);
    CHECK(s.has_fd(child, "a"));
    CHECK(s.has_fd(child, "c"));
    CHECK(s.receive_fd(child) == -EAGAIN);
    CHECK(s.k.w.messages.count() == 0);
    CHECK(s.k.violations.empty());
}

TEST_CASE("an fd that nobody receives goes with the socket", "[scm]") {
    file_stage s("v6.15");
    const task_id child = s.lone_fork(s.init, "child");
    s.open(s.init, "a");
    s.send_fd(s.init, "a", "child", scm_flag::in_flight);
    s.close(s.init, "a");
    CHECK(s.k.w.open_files.count() == 1);
    s.exit(child);
    CHECK(s.k.w.open_files.count() == 0);
    CHECK(s.k.w.messages.count() == 0);
    s.open(s.init, "b");
    CHECK(s.send_fd(s.init, "b", "child") == -EPIPE);
    CHECK(s.refs_of(s.init, "b") == 1);
    CHECK(s.k.violations.empty());
}

TEST_CASE("an fd for which the receiver has no room is lost", "[scm]") {
    file_stage s("v6.15");
    const task_id child = s.lone_fork(s.init, "child");
    s.limit(child, 3);
    s.open(s.init, "a");
    CHECK(s.send_fd(s.init, "a", "child") == 0);
    CHECK_FALSE(s.has_fd(child, "a"));
    CHECK(s.send_fd(s.init, "a", "child", scm_flag::in_flight) == 0);
    CHECK(s.refs_of(s.init, "a") == 2);
    CHECK(s.receive_fd(child) == 0);
    CHECK(s.refs_of(s.init, "a") == 1);
    CHECK(s.k.violations.empty());
}

TEST_CASE("a listener in flight answers nobody and keeps trapped calls waiting", "[scm]") {
    file_stage s("v6.15");
    const task_id parked = s.lone_fork(s.init, "parked");
    const task_id w = s.worker();
    s.send_fd(s.init, "L", "parked", scm_flag::in_flight);
    s.close(s.init, "L");
    s.trap(w);
    CHECK(s.in_call(w));
    s.exit(parked);
    CHECK(s.result(w) == -ENOSYS);
    CHECK(s.k.violations.empty());
}

TEST_CASE("pidfd_getfd takes an fd of another task", "[scm]") {
    file_stage s("v5.9");
    const task_id child = s.lone_fork(s.init, "child");
    s.open(child, "a");
    CHECK(s.pidfd_getfd(s.init, "child", "a", "mine") == 3);
    CHECK(s.refs_of(s.init, "mine") == 2);
    CHECK(find_fd(s.k, s.init, s.name("mine"))->cloexec == 1);
    CHECK(s.pidfd_getfd(s.init, "child", "b", "x") == -EBADF);
    CHECK(s.pidfd_getfd(s.init, "nobody", "b", "x") == -ESRCH);
    s.limit(s.init, 4);
    CHECK(s.pidfd_getfd(s.init, "child", "a", "x") == -EMFILE);
    CHECK(s.refs_of(s.init, "mine") == 2);
    s.exit(child);
    CHECK(s.pidfd_getfd(s.init, "child", "a", "x") == -ESRCH);
    CHECK(s.k.violations.empty());
}

TEST_CASE("pidfd_getfd asks for the right to trace", "[scm]") {
    file_stage s("v5.9");
    const task_id child = s.lone_fork(s.init, "child");
    s.open(s.init, "a");
    s.open(child, "b");
    s.result_of(child, s.call(operation::drop_capabilities));
    CHECK(s.pidfd_getfd(child, "init", "a", "x") == -EPERM);
    const task_id peer = s.lone_fork(child, "peer");
    CHECK(s.pidfd_getfd(peer, "child", "b", "x") == 4);

    file_stage old("v5.0");
    CHECK(old.pidfd_getfd(old.init, "init", "a", "x") == -ENOSYS);
}

// poll(2): several fds, sleeping, signals and their restart, and files that go while they are polled.
#include "tests/kernel-model/file_stage.hpp"

#include "kernel-model/select.hpp"

#include <catch2/catch.hpp>

#include <cerrno>

using namespace seccomp_sim;

namespace {
constexpr int usr1 = 10;
constexpr std::uint32_t in = poll_event::in;
} // namespace

TEST_CASE("poll counts the fds that have events", "[poll]") {
    file_stage s("v6.15");
    const task_id work = s.worker();
    s.open(s.init, "plain");
    CHECK(s.poll_fds(s.init, {{"L", in}}) == 0);
    CHECK(s.poll_fds(s.init, {{"L", in}, {"plain", in | poll_event::out}, {"gone", in}}) == 2);
    CHECK_FALSE(s.reported_of("L"));
    CHECK(s.reported_of("plain") == (in | poll_event::out));
    CHECK(s.reported_of("gone") == poll_invalid);
    s.trap(work);
    CHECK(s.poll_fds(s.init, {{"L", 0}}) == 0);
    CHECK(s.poll_fds(s.init, {{"L", in | poll_event::out}, {"L", in}}) == 2);
    CHECK(s.poll_fds(s.init, {}) == 0);
    s.limit(s.init, 1);
    CHECK(s.poll_fds(s.init, {{"L", in}, {"L", in}}) == -EINVAL);
    CHECK(s.k.w.wait_entries.count() == 0);
    CHECK(s.k.violations.empty());
}

TEST_CASE("poll sleeps on all its files at once", "[poll]") {
    for (const char* preset : {"v5.0", "v5.9", "v6.15"}) {
        file_stage s(preset);
        const task_id work = s.worker();
        const task_id child = s.lone_fork(s.init, "child");
        s.pidfd_open(s.init, "child", "p");
        const task_id waiter = s.fork(s.init, "waiter");
        CHECK_FALSE(s.poll_fds(waiter, {{"L", in}, {"p", in}}, -1));
        CHECK(s.k.w.wait_entries.count() == 3);
        s.exit(child);
        CHECK(s.result(waiter) == 1);
        CHECK(s.reported_of("p") == in);
        CHECK(s.k.w.wait_entries.count() == 0);
        CHECK_FALSE(s.poll_fds(waiter, {{"L", in}}, -1));
        s.trap(work);
        CHECK(s.result(waiter) == 1);
        CHECK(s.k.violations.empty());
    }
}

TEST_CASE("poll hears of HUP unasked, once the last user is gone", "[poll]") {
    file_stage s("v6.15");
    const task_id work = s.worker();
    const task_id waiter = s.fork(s.init, "waiter");
    CHECK_FALSE(s.poll_fds(waiter, {{"L", 0}}, -1));
    s.exit(work);
    CHECK(s.result(waiter) == 1);
    CHECK(s.reported_of("L") == poll_event::hup);
    CHECK(s.k.violations.empty());
}

TEST_CASE("a signal with a handler ends poll with EINTR, one without lets it go on", "[poll]") {
    file_stage s("v6.15");
    const task_id work = s.worker();
    const task_id waiter = s.fork(s.init, "waiter");
    CHECK_FALSE(s.poll_fds(waiter, {{"L", in}}, -1));
    s.signal(waiter, signal_number::stop);
    s.signal(waiter, signal_number::cont);
    CHECK(s.in_call(waiter));
    CHECK(s.restarts[waiter] == 1);
    s.handle(waiter, usr1, true);
    s.signal(waiter, usr1);
    CHECK(s.result(waiter) == -EINTR);
    CHECK(s.k.w.wait_entries.count() == 0);
    s.trap(work);
    CHECK(s.poll_fds(waiter, {{"L", in}}, -1) == 1);
    CHECK(s.k.violations.empty());
}

TEST_CASE("a file that is polled stays until the poll is over", "[poll]") {
    file_stage s("v6.15");
    const task_id work = s.worker();
    const task_id waiter = s.fork(s.init, "waiter");
    s.poll_fds(waiter, {{"L", in}}, -1);
    s.close(s.init);
    CHECK(s.k.w.open_files.count() == 1);
    s.trap(work);
    CHECK(s.result(waiter) == 1);
    CHECK(s.k.w.open_files.count() == 0);
    CHECK(s.result(work) == -ENOSYS); // it was trapped, and then the listener went
    CHECK(s.k.violations.empty());
}

TEST_CASE("a task that is killed in poll leaves nothing behind", "[poll]") {
    file_stage s("v6.15");
    s.worker();
    const task_id waiter = s.lone_fork(s.init, "waiter");
    s.poll_fds(waiter, {{"L", in}}, -1);
    s.signal(waiter, signal_number::kill);
    CHECK(s.k.w.wait_entries.count() == 0);
    CHECK(s.refs_of(s.init, "L") == 1);
    CHECK(s.k.violations.empty());
}

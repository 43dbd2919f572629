// Who sleeps in a notification, and what ends the sleep: requests, signals, the listener's end, the last
// user's end.
#include "tests/kernel-model/notify_stage.hpp"

#include "seccomp_sim/errno_name.hpp"

#include <catch2/catch.hpp>

#include <cerrno>

using namespace seccomp_sim;

namespace {

constexpr int usr1 = 10;
constexpr std::uint32_t in_events = poll_event::in | poll_event::rdnorm;
constexpr std::uint32_t out_events = poll_event::out | poll_event::wrnorm;

} // namespace

TEST_CASE("A signal in RECV", "[notify]") {
    SECTION("ends it with EINTR before 6.6, whatever the handler asks for") {
        const std::string preset = GENERATE("v5.0", "patch-v2", "v5.9", "v6.2");
        const bool restart = GENERATE(false, true);
        notify_stage s(preset);
        s.worker();
        const task_id supervisor = s.fork(s.init, "supervisor");
        s.handle(supervisor, usr1, restart);
        REQUIRE_FALSE(s.receive(supervisor));
        s.signal(supervisor, usr1);
        CHECK(s.result(supervisor) == -EINTR);
        CHECK(s.restarts[supervisor] == 0);
        CHECK(s.k.w.wait_entries.count() == 0);
        CHECK(s.k.violations.empty());
    }
    SECTION("is restarted since, if the handler asks for it") {
        notify_stage s("v6.11");
        const task_id worker = s.worker();
        const task_id supervisor = s.fork(s.init, "supervisor");
        const bool restart = GENERATE(false, true);
        s.handle(supervisor, usr1, restart);
        REQUIRE_FALSE(s.receive(supervisor));
        s.signal(supervisor, usr1);
        CHECK(s.restarts[supervisor] == (restart ? 1 : 0));
        CHECK(s.k.w.wait_entries.count() == (restart ? 1 : 0));
        if (restart) {
            s.trap(worker);
            CHECK(s.result(supervisor) == 0);
        } else {
            CHECK(s.result(supervisor) == -EINTR);
        }
        CHECK(s.k.violations.empty());
    }
}

TEST_CASE("Several supervisors in RECV", "[notify]") {
    const std::string preset = GENERATE("v5.0", "v6.11");
    CAPTURE(preset);
    notify_stage s(preset);
    const task_id worker = s.worker();
    const task_id first = s.fork(s.init, "first");
    const task_id second = s.fork(s.init, "second");
    const task_id third = s.fork(worker, "third");
    REQUIRE_FALSE(s.receive(first));
    REQUIRE_FALSE(s.receive(second));
    s.trap(worker);
    CHECK(s.seen.size() == 1);
    CHECK(s.result(first).has_value() != s.result(second).has_value());
    if (preset == "v5.0")
        CHECK(s.result(first) == 0); // the semaphore is fair
    s.trap(third);
    CHECK(s.seen.size() == 2);
    CHECK(s.result(first) == 0);
    CHECK(s.result(second) == 0);
    CHECK(s.k.w.wait_entries.count() == 0);
    CHECK(s.k.violations.empty());
}

TEST_CASE("A signal in a trapped call", "[notify]") {
    const std::string preset = GENERATE("v5.0", "v5.9", "v6.2", "v6.15");
    CAPTURE(preset);
    notify_stage s(preset);
    const task_id worker = s.worker();

    SECTION("ends it, and the id is dead at once") {
        s.handle(worker, usr1, false);
        s.trap(worker);
        REQUIRE(s.receive(s.init) == 0);
        s.signal(worker, usr1);
        CHECK(s.result(worker) == -EINTR);
        CHECK(s.id_valid(s.init) == -ENOENT);
        CHECK(s.k.w.knotifs.count() == 0);
    }
    SECTION("restarts it with a new id") {
        s.handle(worker, usr1, true);
        s.trap(worker);
        REQUIRE(s.receive(s.init) == 0);
        s.signal(worker, usr1);
        CHECK_FALSE(s.result(worker));
        CHECK(s.reply(s.init, 1) == -ENOENT);
        REQUIRE(s.receive(s.init) == 0);
        CHECK(s.seen[1].cookie != s.seen[0].cookie);
        CHECK(s.reply(s.init, 2) == 0);
        CHECK(s.result(worker) == 2);
    }
    SECTION("before RECV leaves a request behind: a later RECV finds nothing") {
        s.handle(worker, usr1, false);
        s.trap(worker);
        s.signal(worker, usr1);
        REQUIRE(s.result(worker) == -EINTR);
        CHECK(s.receive(s.init) == -ENOENT);
        CHECK_FALSE(s.receive(s.init));
    }
    SECTION("that kills ends it for good") {
        s.trap(worker);
        REQUIRE(s.receive(s.init) == 0);
        s.signal(worker, signal_number::kill);
        CHECK(s.reply(s.init, 1) == -ENOENT);
        CHECK(s.k.w.knotifs.count() == 0);
    }
    CHECK(s.k.violations.empty());
}

TEST_CASE("WAIT_KILLABLE_RECV", "[notify]") {
    notify_stage s("v6.15");
    const task_id worker = s.worker(install_flag::wait_killable_recv);
    s.handle(worker, usr1, false);
    s.trap(worker);

    SECTION("before RECV a signal interrupts as ever") {
        s.signal(worker, usr1);
        CHECK(s.result(worker) == -EINTR);
    }
    SECTION("after RECV the call goes on, and the handler runs after it") {
        REQUIRE(s.receive(s.init) == 0);
        CHECK(s.k.w.tasks[worker].state == task_state::interruptible);
        s.signal(worker, usr1);
        CHECK_FALSE(s.result(worker));
        CHECK(s.k.w.tasks[worker].state == task_state::killable);
        CHECK(s.reply(s.init, 3) == 0);
        CHECK(s.result(worker) == 3);
    }
    SECTION("after RECV a fatal signal still ends it") {
        REQUIRE(s.receive(s.init) == 0);
        s.signal(worker, usr1);
        s.signal(worker, signal_number::kill);
        CHECK(s.reply(s.init, 3) == -ENOENT);
    }
    SECTION("a RECV that fails to hand it over lets it be interrupted again") {
        s.k.w.tasks[worker].blocked = 0;
        request r = s.listener_ioctl(operation::receive);
        r.fails = fault::bad_pointer;
        REQUIRE(s.result_of(s.init, r) == -EFAULT);
        s.signal(worker, usr1);
        CHECK(s.result(worker) == -EINTR);
    }
    CHECK(s.k.violations.empty());
}

TEST_CASE("RECV when nobody uses the filter", "[notify]") {
    SECTION("ends with ENOENT since 6.11, every time") {
        notify_stage s("v6.11");
        const task_id worker = s.worker();
        const task_id supervisor = s.fork(s.init, "supervisor");
        REQUIRE_FALSE(s.receive(supervisor));
        s.exit(worker);
        CHECK(s.result(supervisor) == -ENOENT);
        CHECK(s.receive(supervisor) == -ENOENT);
        CHECK(s.receive(supervisor) == -ENOENT);
        CHECK(s.k.violations.empty());
    }
    SECTION("sleeps before") {
        notify_stage s(GENERATE("v5.0", "v5.9", "v6.2"));
        const task_id worker = s.worker();
        const task_id supervisor = s.fork(s.init, "supervisor");
        REQUIRE_FALSE(s.receive(supervisor));
        s.exit(worker);
        CHECK_FALSE(s.result(supervisor));
        CHECK(s.k.violations.empty());
    }
}

TEST_CASE("The listener goes", "[notify]") {
    const std::string preset = GENERATE("v5.0", "patch-v2", "v5.9", "v6.2", "v6.11", "v6.15");
    CAPTURE(preset);
    notify_stage s(preset);
    const task_id worker = s.worker();

    SECTION("trapped calls get ENOSYS, now and later") {
        const task_id second = s.fork(worker, "second");
        s.trap(worker);
        s.trap(second);
        REQUIRE(s.receive(s.init) == 0);
        CHECK(s.close(s.init) == 0);
        CHECK(s.result(worker) == -ENOSYS);
        CHECK(s.result(second) == -ENOSYS);
        s.trap(second);
        CHECK(s.result(second) == -ENOSYS);
        CHECK(s.k.w.notifications.count() == 0);
        CHECK(s.k.w.open_files.count() == 0);
    }
    SECTION("a blocked RECV keeps it open for one more") {
        const task_id supervisor = s.fork(s.init, "supervisor");
        REQUIRE_FALSE(s.receive(supervisor));
        CHECK(s.close(s.init) == 0);
        CHECK(s.k.w.open_files.count() == 1);
        s.trap(worker);
        CHECK(s.result(supervisor) == 0);
        CHECK(s.result(worker) == -ENOSYS);
        CHECK(s.k.w.open_files.count() == 0);
    }
    CHECK(s.k.w.knotifs.count() == 0);
    CHECK(s.k.violations.empty());
}

TEST_CASE("poll of the listener", "[notify]") {
    const std::string preset = GENERATE("v5.0", "patch-v2", "v5.9", "v6.2", "v6.11", "v6.15");
    CAPTURE(preset);
    notify_stage s(preset);
    const task_id worker = s.worker();
    const task_id second = s.fork(worker, "second");
    CHECK(s.poll(s.init) == 0);
    s.trap(worker);
    CHECK((s.poll(s.init) & poll_event::in) != 0);
    REQUIRE(s.receive(s.init) == 0);
    CHECK((s.poll(s.init) & poll_event::out) != 0);
    s.trap(second);
    CHECK((s.poll(s.init) & (poll_event::in | poll_event::out)) == (poll_event::in | poll_event::out));
    REQUIRE(s.filter_wakes == std::vector<std::uint32_t>{in_events, out_events, in_events});
    s.signal(worker, signal_number::kill);
    s.signal(second, signal_number::kill);
    const bool at_exit = preset == "v6.11" || preset == "v6.15";
    CHECK(s.poll(s.init) == (at_exit ? poll_event::hup : 0U));
    CHECK(s.k.violations.empty());
}

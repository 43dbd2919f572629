// RECV, SEND, ID_VALID and SET_FLAGS as each revision has them: values, errnos, order, buffers and pids.
#include "tests/kernel-model/notify_stage.hpp"

#include "kernel-model/seccomp_notify.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cerrno>

using namespace seccomp_sim;

namespace {

const std::vector<std::string> presets = {"v5.0", "patch-v2", "v5.9", "v6.2", "v6.11", "v6.15"};

bool at_least(const std::string& preset, const std::string& first) {
    const auto place = [](const std::string& p) { return std::find(presets.begin(), presets.end(), p); };
    return place(preset) >= place(first);
}

} // namespace

TEST_CASE("A supervisor answers a trapped call", "[notify]") {
    const std::string preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    notify_stage s(preset);
    const task_id worker = s.worker();
    REQUIRE(s.result(worker) >= 3);

    SECTION("RECV waits for the trap, and the reply is the call's value") {
        REQUIRE_FALSE(s.receive(s.init));
        s.trap(worker);
        REQUIRE(s.result(s.init) == 0);
        REQUIRE(s.seen.size() == 1);
        CHECK(s.seen[0].target == worker);
        CHECK(s.seen[0].pid == s.k.w.tasks[worker].pid);
        REQUIRE_FALSE(s.result(worker));
        CHECK(s.id_valid(s.init) == 0);
        CHECK(s.reply(s.init, 42) == 0);
        CHECK(s.result(worker) == 42);
        CHECK(s.id_valid(s.init) == -ENOENT);
        CHECK(s.reply(s.init, 42) == -ENOENT);
    }
    SECTION("an error beats the value") {
        s.trap(worker);
        REQUIRE(s.receive(s.init) == 0);
        CHECK(s.reply(s.init, 42, -EPERM) == 0);
        CHECK(s.result(worker) == -EPERM);
    }
    SECTION("CONTINUE lets the call run, where it is known") {
        s.trap(worker);
        REQUIRE(s.receive(s.init) == 0);
        CHECK(s.reply(s.init, 1, 0, reply_flag::go_on) == -EINVAL);
        CHECK(s.reply(s.init, 0, -1, reply_flag::go_on) == -EINVAL);
        CHECK(s.reply(s.init, 0, 0, 2) == -EINVAL);
        if (at_least(preset, "patch-v2")) {
            CHECK(s.reply(s.init, 0, 0, reply_flag::go_on) == 0);
            CHECK(s.result(worker) == notify_stage::native);
        } else {
            CHECK(s.reply(s.init, 0, 0, reply_flag::go_on) == -EINVAL);
        }
    }
    SECTION("a notification that was not received cannot be answered") {
        s.trap(worker);
        request r = s.listener_ioctl(operation::send);
        r.cookie = 1;
        CHECK(s.result_of(s.init, r) == -EINPROGRESS);
        r.op = operation::id_valid;
        CHECK(s.result_of(s.init, r) == -ENOENT);
    }
    SECTION("bad pointers and bad descriptors") {
        s.trap(worker);
        REQUIRE(s.receive(s.init) == 0);
        request r = s.listener_ioctl(operation::send);
        r.fails = fault::bad_pointer;
        r.flags = 4;
        CHECK(s.result_of(s.init, r) == -EFAULT);
        r.op = operation::id_valid;
        CHECK(s.result_of(s.init, r) == -EFAULT);
        r.fd = s.name("nothing");
        CHECK(s.result_of(s.init, r) == -EBADF);
        REQUIRE_FALSE(s.result(worker));
    }
    SECTION("two trapped calls come in the revision's order") {
        const task_id second = s.fork(worker, "second");
        s.trap(worker);
        s.trap(second);
        REQUIRE(s.receive(s.init) == 0);
        CHECK(s.seen[0].target == (at_least(preset, "v6.2") ? worker : second));
        REQUIRE(s.receive(s.init) == 0);
        CHECK(s.seen[1].target == (at_least(preset, "v6.2") ? second : worker));
    }
    SECTION("a notification is answered by the name it was received under") {
        const task_id second = s.fork(worker, "second");
        s.trap(worker);
        s.trap(second);
        request r = s.listener_ioctl(operation::receive);
        r.as = s.name("first one");
        REQUIRE(s.result_of(s.init, r) == 0);
        REQUIRE(s.receive(s.init) == 0);
        request answer = s.listener_ioctl(operation::send);
        answer.notification = s.name("first one");
        answer.value = 5;
        REQUIRE(s.result_of(s.init, answer) == 0);
        CHECK(s.result(s.seen[0].target) == 5);
        REQUIRE_FALSE(s.result(s.seen[1].target));
        answer.notification = s.name("never received");
        CHECK(s.result_of(s.init, answer) == -ENOENT);
    }
    SECTION("SET_FLAGS knows one bit since 6.6") {
        request r = s.listener_ioctl(operation::set_flags);
        r.flags = 1;
        CHECK(s.result_of(s.init, r) == (at_least(preset, "v6.11") ? 0 : -EINVAL));
        r.flags = 2;
        CHECK(s.result_of(s.init, r) == -EINVAL);
    }
    CHECK(s.k.violations.empty());
}

TEST_CASE("RECV and its buffer", "[notify]") {
    const std::string preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    notify_stage s(preset);
    const task_id worker = s.worker();
    s.trap(worker);
    request r = s.listener_ioctl(operation::receive);

    SECTION("a buffer that cannot be written leaves the notification for the next RECV") {
        r.fails = fault::bad_pointer;
        CHECK(s.result_of(s.init, r) == -EFAULT);
        CHECK(s.seen.empty());
        CHECK(s.k.w.notifications[table<notification>::id_at(0)].requests == 1);
        CHECK(s.receive(s.init) == 0);
    }
    SECTION("a null pointer is found out first where the buffer is checked") {
        r.flags = receive_flag::unreadable;
        s.filter_wakes.clear();
        CHECK(s.result_of(s.init, r) == -EFAULT);
        CHECK(s.filter_wakes.empty() == at_least(preset, "patch-v2"));
        CHECK(s.receive(s.init) == 0);
    }
    SECTION("a buffer that is not zeroed") {
        r.flags = receive_flag::not_zeroed;
        CHECK(s.result_of(s.init, r) == (at_least(preset, "patch-v2") ? -EINVAL : 0));
    }
    CHECK(s.k.violations.empty());
}

TEST_CASE("The pid that RECV tells", "[notify]") {
    notify_stage s("v6.11");
    const task_id inner = s.fork(s.init, "inner init", clone_flag::files | clone_flag::new_pid);
    REQUIRE(s.install(inner) >= 3);

    SECTION("the supervisor outside sees it") {
        s.trap(inner);
        REQUIRE(s.receive(s.init) == 0);
        CHECK(s.seen[0].pid != 0);
    }
    SECTION("a supervisor in a namespace beside it does not") {
        const task_id other = s.fork(s.init, "other init", clone_flag::files | clone_flag::new_pid);
        s.trap(inner);
        REQUIRE(s.receive(other) == 0);
        CHECK(s.seen[0].pid == 0);
    }
}

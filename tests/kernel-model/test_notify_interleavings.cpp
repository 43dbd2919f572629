// What only shows when the two sides of a notification meet at a certain step: replies lost to signals,
// abandoned ADDFDs taken for replies, and locks that a signal lets nobody wait for.
#include "tests/kernel-model/notify_stage.hpp"

#include <catch2/catch.hpp>

#include <cerrno>

using namespace seccomp_sim;

namespace {

constexpr int usr1 = 10;

/// A worker asleep in a trapped call that the supervisor has received, and every step from here on by hand.
struct received_call : notify_stage {
    explicit received_call(const revision& choices, std::uint32_t flags = 0) : notify_stage(choices) {
        target = worker(flags);
        helper = fork(init, "helper");
        third = fork(init, "third");
        handle(target, usr1, false);
        handle(helper, usr1, false);
        request open;
        open.op = operation::open;
        open.as = name("gift");
        ask(init, open);
        trap(target);
        receive(init);
        k.preemptive = true;
    }
    explicit received_call(std::string_view preset, std::uint32_t flags = 0)
        : received_call(find_preset(preset)->choices, flags) {}

    /// An ADDFD that a signal ends after it woke the target, which has not looked yet.
    void abandon_addfd(std::uint32_t flags) {
        request r = listener_ioctl(operation::addfd);
        r.source = name("gift");
        r.flags = flags;
        ask(helper, r);
        REQUIRE(advance(helper, "seccomp_notify_addfd/sleep"));
        post_signal(helper, usr1);
        REQUIRE(finish(helper) == -EINTR);
    }

    task_id target, helper, third;
};

revision with_killable(killable_support support) {
    revision r = find_preset("v6.15")->choices;
    r.wait_killable = support;
    return r;
}

} // namespace

TEST_CASE("A reply between a signal and the task's look at it", "[notify]") {
    const killable_support support = GENERATE(killable_support::yes, killable_support::fixed);
    received_call s(with_killable(support), install_flag::wait_killable_recv);
    s.post_signal(s.target, usr1);
    REQUIRE(s.advance(s.target, "seccomp_do_user_notification/relock"));
    s.reply(s.init, 5);
    REQUIRE(s.finish(s.init) == 0);
    // Since the fix the task asks whether the supervisor has seen the call; before, whether it has not
    // answered yet.
    CHECK(s.finish(s.target) == (support == killable_support::fixed ? 5 : -EINTR));
    CHECK(s.k.violations.empty());
}

TEST_CASE("A completed reply beats a signal", "[notify]") {
    received_call s("v5.0");
    s.reply(s.init, 5);
    REQUIRE(s.finish(s.init) == 0);
    s.post_signal(s.target, usr1);
    CHECK(s.finish(s.target) == 5);
}

TEST_CASE("An ADDFD that is given up", "[notify]") {
    SECTION("is taken for a reply of 0 in 5.9") {
        received_call s("v5.9");
        s.abandon_addfd(0);
        CHECK(s.finish(s.target) == 0);
        CHECK(s.k.violations.empty());
    }
    SECTION("leaves the call waiting since SEND came") {
        received_call s("v6.2");
        s.abandon_addfd(0);
        CHECK_FALSE(s.finish(s.target));
        s.settle();
        CHECK(s.reply(s.init, 5) == 0);
        CHECK(s.result(s.target) == 5);
        CHECK(s.k.violations.empty());
    }
    SECTION("is a reply of 0 with SEND") {
        received_call s("v6.2");
        s.abandon_addfd(addfd_flag::send);
        CHECK(s.finish(s.target) == 0);
        CHECK(s.k.violations.empty());
    }
    SECTION("is taken back with SEND where the kernel undoes it") {
        revision choices = find_preset("v6.11")->choices;
        choices.addfd_interrupted = addfd_interrupted::undoes;
        received_call s(choices);
        s.abandon_addfd(addfd_flag::send);
        CHECK_FALSE(s.finish(s.target));
        s.settle();
        CHECK(s.reply(s.init, 5) == 0);
        CHECK(s.result(s.target) == 5);
        CHECK(s.k.violations.empty());
    }
}

TEST_CASE("ADDFDs whose target goes get ESRCH, and SEND is no second reply", "[notify]") {
    received_call s("v6.15");
    request r = s.listener_ioctl(operation::addfd);
    r.source = s.name("gift");
    s.ask(s.helper, r);
    REQUIRE(s.advance(s.helper, "seccomp_notify_addfd/sleep"));

    SECTION("with an ADDFD queued, another with SEND is EBUSY") {
        r.flags = addfd_flag::send;
        s.ask(s.init, r);
        CHECK(s.finish(s.init) == -EBUSY);
        s.settle();
        CHECK(s.result(s.helper) >= 3);
    }
    SECTION("a reply in time leaves all but the newest behind") {
        request newer = r;
        newer.flags = addfd_flag::setfd;
        newer.number = 30;
        s.ask(s.init, newer);
        REQUIRE(s.advance(s.init, "seccomp_notify_addfd/sleep"));
        const task_id third = s.third;
        s.reply(third, 5);
        REQUIRE(s.finish(third) == 0);
        REQUIRE(s.finish(s.target) == 5);
        CHECK(s.finish(s.init) == 30);
        CHECK(s.finish(s.helper) == -ESRCH);
    }
    SECTION("a signal in the target leaves all of them behind") {
        s.settle();
        s.k.preemptive = true;
        s.ask(s.helper, r);
        REQUIRE(s.advance(s.helper, "seccomp_notify_addfd/before-complete"));
        s.post_signal(s.target, usr1);
        REQUIRE(s.advance(s.target, "seccomp_do_user_notification/relock"));
        REQUIRE(s.advance(s.helper, "seccomp_notify_addfd/sleep"));
        CHECK(s.finish(s.target) == -EINTR);
        CHECK(s.finish(s.helper) == -ESRCH);
    }
    CHECK(s.k.violations.empty());
}

TEST_CASE("A contended notify_lock and a signal", "[notify]") {
    received_call s("v6.15");
    s.reply(s.init, 5);
    REQUIRE(s.advance(s.init, "seccomp_notify_send/unlock"));

    SECTION("end an ioctl with EINTR") {
        s.ask(s.helper, s.listener_ioctl(operation::id_valid));
        REQUIRE(s.advance(s.helper, "seccomp_notify_id_valid/lock"));
        CHECK(s.k.resume(s.helper) == step::blocked);
        s.post_signal(s.helper, usr1);
        CHECK(s.finish(s.helper) == -EINTR);
    }
    SECTION("make poll report EPOLLERR alone") {
        request r;
        r.op = operation::poll;
        r.polls = 1;
        s.k.poll_list.push_back({s.name("L"), poll_event::in | poll_event::out});
        s.ask(s.helper, r);
        REQUIRE(s.advance(s.helper, "seccomp_notify_poll/lock"));
        s.post_signal(s.helper, usr1);
        CHECK(s.finish(s.helper) == 1);
        CHECK(s.events[s.helper] == poll_event::err);
    }
    SECTION("but a signal alone, on a free lock, does not") {
        s.settle();
        s.k.preemptive = true;
        s.ask(s.helper, s.listener_ioctl(operation::id_valid));
        s.post_signal(s.helper, usr1);
        CHECK(s.finish(s.helper) == -ENOENT);
    }
    s.settle();
    CHECK(s.result(s.init) == 0);
    CHECK(s.result(s.target) == 5);
    CHECK(s.k.violations.empty());
}

TEST_CASE("The last user leaves between the list and the look at live", "[notify]") {
    received_call s("v6.15");
    request r;
    r.op = operation::poll;
    r.polls = 1;
    s.k.poll_list.push_back({s.name("L"), poll_event::in | poll_event::out});
    s.ask(s.helper, r);
    REQUIRE(s.advance(s.helper, "seccomp_notify_poll/before-live"));
    s.k.preemptive = false;
    s.signal(s.target, signal_number::kill);
    s.settle();
    CHECK((s.events[s.helper] & (poll_event::out | poll_event::hup)) == (poll_event::out | poll_event::hup));
    CHECK(s.k.violations.empty());
}

// Who waits for whom, where the list to look through may be long or the two sides meet at any step: wait,
// vfork, the end of a pid namespace, poll.
#include "tests/kernel-model/life_stage.hpp"

#include <catch2/catch.hpp>

#include <cerrno>
#include <random>

using namespace seccomp_sim;

TEST_CASE("wait and exit meet at any step, and no wakeup is lost", "[wait][race]") {
    const auto preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    for (unsigned seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        life_stage s(preset);
        const task_id parent = s.fork(s.init, "parent");
        const task_id w = s.fork(parent, "worker");
        REQUIRE(s.install(w) >= 0);
        s.k.preemptive = true;
        s.ask(parent, s.call(operation::wait, seed % 2 == 0 ? "worker" : ""));
        s.ask(w, s.call(operation::exit_group));
        std::mt19937 random(seed);
        while (s.k.can_run(parent) || s.k.can_run(w))
            s.k.resume(s.k.can_run(parent) && (!s.k.can_run(w) || random() % 2 == 0) ? parent : w);
        s.settle();
        CHECK(s.result(parent) > 0);
        CHECK_FALSE(s.exists(w));
        CHECK(s.clean());
    }
}

TEST_CASE("wait for one task looks at that one only", "[wait]") {
    life_stage s("v6.15");
    const task_id parent = s.fork(s.init, "parent");
    const task_id first = s.fork(parent, "first");
    const task_id second = s.fork(parent, "second");
    CHECK_FALSE(s.wait(parent, "second"));
    s.exit(first);
    CHECK(s.in_call(parent));
    s.exit(second);
    CHECK_FALSE(s.in_call(parent));
    CHECK(s.is_zombie(first));
    CHECK(s.wait(parent, "second") == -ECHILD);
    CHECK(s.wait(s.init, "first") == -ECHILD);
    CHECK(s.wait(parent, "first") > 0);
    CHECK(s.clean());
}

TEST_CASE("wait for a tracee that is nobody's child here", "[wait]") {
    life_stage s("v6.15");
    const task_id tracer = s.fork(s.init, "tracer");
    const task_id parent = s.fork(s.init, "parent");
    const task_id w = s.fork(parent, "worker");
    CHECK(s.wait(tracer, "worker") == -ECHILD);
    REQUIRE(s.result_of(tracer, s.call(operation::ptrace_seize, "worker")) == 0);
    CHECK_FALSE(s.wait(tracer, "worker"));
    s.exit(w);
    CHECK_FALSE(s.in_call(tracer));
    CHECK(s.wait(parent, "worker") > 0);
    CHECK(s.clean());
}

TEST_CASE("a vfork ends for whoever made it", "[wait]") {
    life_stage s("v6.15");
    const task_id a = s.fork(s.init, "a");
    const std::uint32_t vfork = clone_flag::vfork | clone_flag::vm;
    SECTION("with CLONE_PARENT a sibling") {
        const task_id b = s.fork(a, "b", vfork | clone_flag::parent);
        REQUIRE(s.in_call(a));
        s.exit(b);
    }
    SECTION("a thread that is not the leader") {
        const task_id t = s.thread(a, "t");
        const task_id b = s.fork(t, "b", vfork);
        REQUIRE(s.in_call(t));
        CHECK_FALSE(s.in_call(a));
        s.exit(b);
        CHECK_FALSE(s.in_call(t));
    }
    SECTION("a thread, of a thread") {
        const task_id t = s.thread(a, "t");
        const task_id b = s.fork(t, "b", vfork | life_stage::thread_flags);
        REQUIRE(s.in_call(t));
        s.exit_thread(b);
        CHECK_FALSE(s.in_call(t));
    }
    SECTION("two at once, each for its own child") {
        const task_id t = s.thread(a, "t");
        const task_id b = s.fork(a, "b", vfork);
        const task_id c = s.fork(t, "c", vfork);
        s.exit(c);
        CHECK(s.in_call(a));
        CHECK_FALSE(s.in_call(t));
        s.exit(b);
    }
    CHECK_FALSE(s.in_call(a));
    CHECK(s.clean());
}

TEST_CASE("a namespace's end reaches those who were forked into it from outside", "[wait]") {
    life_stage s("v6.15");
    const task_id runtime = s.fork(s.init, "runtime");
    REQUIRE(s.result_of(runtime, s.call(operation::unshare_pid_ns)) == 0);
    const task_id ns_init = s.fork(runtime, "ns-init");
    const task_id inside = s.fork(ns_init, "inside");
    const task_id outsider = s.fork(runtime, "outsider");
    const task_id grandchild = s.fork(outsider, "grandchild");
    request kill = s.call(operation::kill);
    kill.target = s.name("ns-init");
    kill.number = signal_number::kill;
    REQUIRE(s.result_of(s.init, kill) == 0);
    CHECK_FALSE(s.exists(inside));
    // Their parent is outside and has to reap them; until then the namespace's init waits.
    CHECK(s.is_zombie(outsider));
    CHECK_FALSE(s.is_zombie(ns_init));
    CHECK_FALSE(s.exists(grandchild));
    CHECK(s.wait(runtime, "outsider") > 0);
    CHECK(s.is_zombie(ns_init));
    CHECK(s.wait(runtime, "ns-init") > 0);
    CHECK(s.clean());
}

TEST_CASE("a poll waits for the file it was given, whatever has the fd's name since", "[wait]") {
    life_stage s("v6.15");
    const task_id w = s.worker();
    const task_id waiter = s.fork(s.init, "waiter");
    request r = s.call(operation::poll);
    r.value = -1;
    r.first_poll = static_cast<index_type>(s.k.poll_list.size());
    r.polls = 1;
    s.k.poll_list.push_back({s.name("L"), poll_event::in});
    CHECK_FALSE(s.result_of(waiter, r));
    REQUIRE(s.close(s.init) == 0);
    const task_id other = s.fork(s.init, "other");
    REQUIRE(s.install(other) >= 0); // another listener, called L too
    s.trap(other);
    CHECK(s.in_call(waiter));
    CHECK(s.clean());
    s.trap(w);
    CHECK(s.result(waiter) == 1);
    CHECK(s.clean());
}

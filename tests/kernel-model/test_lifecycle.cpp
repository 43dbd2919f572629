// The life of tasks and what each moment of it does to the counters, by revision: fork, exit, reap, exec,
// ptrace, pid namespaces. The values are those seen on running kernels where these were looked at.
#include "tests/kernel-model/life_stage.hpp"

#include "kernel-model/task_table.hpp"

#include <catch2/catch.hpp>

#include <cerrno>

using namespace seccomp_sim;

TEST_CASE("Alive, zombie, reaped: when the listener has HUP", "[lifecycle]") {
    const auto preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    supervised s(preset);
    s.check(2, 1);

    s.exit(s.w);
    REQUIRE(s.is_zombie(s.w));
    s.check(s.lets_go_at_exit() ? 1 : 2, s.lets_go_at_exit() ? 0 : 1);
    CHECK(s.k.w.tasks[s.w].filter.value == (s.lets_go_at_exit() ? filter_id{} : s.f).value);

    s.wait(s.init, "worker");
    CHECK_FALSE(s.exists(s.w));
    s.check(1, 0);

    s.close(s.init);
    CHECK_FALSE(s.exists(s.f));
    CHECK(s.clean());
}

TEST_CASE("Fork: one more usage and live; a child keeps HUP away", "[lifecycle]") {
    const auto preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    supervised s(preset);
    const task_id child = s.fork(s.w, "child");
    s.check(3, 2);
    CHECK(s.leaf(child) == s.f);
    CHECK(s.k.w.tasks[child].filter_count == 1);
    CHECK(s.k.w.tasks[child].mode == seccomp_mode::filter);

    // The worker goes; the child is the init's now.
    s.exit(s.w);
    s.wait(s.init, "worker");
    s.check(2, 1);
    s.exit(child);
    s.check(s.lets_go_at_exit() ? 1 : 2, s.lets_go_at_exit() ? 0 : 1);
    s.wait(s.init);
    s.check(1, 0);
}

TEST_CASE("A filter on top stands for its tasks below", "[lifecycle]") {
    const auto preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    supervised s(preset);
    REQUIRE(s.attach(s.w) == 0);
    const filter_id top = s.leaf(s.w);
    REQUIRE(s.k.w.filters[top].prev == s.f);
    // No count moved below: the task's became the new filter's.
    s.check(2, 1);
    CHECK(s.usage(top) == 1);
    CHECK(s.live(top) == s.counts_live);

    s.fork(s.w, "child");
    s.check(2, 1);
    CHECK(s.usage(top) == 2);
    CHECK(s.live(top) == 2 * s.counts_live);

    s.exit(s.w);
    s.wait(s.init, "worker");
    s.check(2, 1);
    CHECK(s.usage(top) == 1);
    s.exit(s.k.w.named_tasks[s.name("child").value]);
    s.wait(s.init);
    s.check(1, 0);
    CHECK_FALSE(s.exists(top));
}

TEST_CASE("A zombie leader lives as long as its threads", "[lifecycle]") {
    const auto preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    supervised s(preset);
    const task_id t = s.thread(s.w, "thread");
    s.check(3, 2);
    s.exit_thread(s.w);
    REQUIRE(s.is_zombie(s.w));
    s.check(s.lets_go_at_exit() ? 2 : 3, s.lets_go_at_exit() ? 1 : 2);

    SECTION("and cannot be reaped before") {
        s.wait(s.init, "worker");
        CHECK(s.in_call(s.init));
        s.exit_thread(t);
        CHECK_FALSE(s.in_call(s.init));
        CHECK_FALSE(s.exists(s.w));
        s.check(1, 0);
    }
    SECTION("or dies with exit_group of a thread") {
        s.exit(t);
        CHECK_FALSE(s.exists(t));
        REQUIRE(s.is_zombie(s.w));
        s.check(s.lets_go_at_exit() ? 1 : 2, s.lets_go_at_exit() ? 0 : 1);
        s.wait(s.init);
        s.check(1, 0);
    }
}

TEST_CASE("With SIGCHLD ignored nobody needs to wait", "[lifecycle]") {
    const auto preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    supervised s(preset);
    s.ignore_children(s.init);
    SECTION("for a process of one thread") {
        s.exit(s.w);
    }
    SECTION("for a zombie leader, which the last thread releases") {
        const task_id t = s.thread(s.w, "thread");
        s.exit_thread(s.w);
        REQUIRE(s.is_zombie(s.w));
        s.exit_thread(t);
    }
    CHECK_FALSE(s.exists(s.w));
    s.check(1, 0);
    CHECK(s.wait(s.init) == -ECHILD);
}

TEST_CASE("SA_NOCLDWAIT reaps as well", "[lifecycle]") {
    supervised s("v5.9");
    request r = s.call(operation::sigaction);
    r.number = signal_number::child;
    r.value = 2; // a handler
    r.flags = 2; // SA_NOCLDWAIT
    s.ask(s.init, r);
    s.exit(s.w);
    CHECK_FALSE(s.exists(s.w));
    s.check(1, 0);
}

TEST_CASE("A killed process exits in all its threads", "[lifecycle]") {
    const auto preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    supervised s(preset);
    const task_id t = s.thread(s.w, "thread");
    s.signal(s.w, signal_number::kill);
    CHECK_FALSE(s.exists(t));
    REQUIRE(s.is_zombie(s.w));
    s.check(s.lets_go_at_exit() ? 1 : 2, s.lets_go_at_exit() ? 0 : 1);
    s.wait(s.init);
    s.check(1, 0);
}

TEST_CASE("exec keeps the filter, and ends the other threads", "[lifecycle]") {
    const auto preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    supervised s(preset);
    const task_id t = s.thread(s.w, "thread");
    const index_type pid = s.k.w.tasks[s.w].pid;
    // The group has its own fd table after that; the listener is close-on-exec.
    SECTION("by the leader") {
        CHECK(s.exec(s.w) == 0);
        CHECK_FALSE(s.exists(t));
        CHECK(s.leaf(s.w) == s.f);
        CHECK(s.k.w.tasks[s.w].filter_count == 1);
    }
    SECTION("by another thread, which becomes the leader") {
        CHECK(s.exec(t) == 0);
        CHECK_FALSE(s.exists(s.w));
        CHECK(s.leaf(t) == s.f);
        CHECK(s.k.w.tasks[t].pid == pid);
        CHECK(is_leader(s.k, t));
    }
    s.check(2, 1);
    CHECK(s.k.w.groups[s.k.w.tasks[s.init].group].first_child);
}

TEST_CASE("exec waits for the tracer of a dead thread", "[lifecycle]") {
    supervised s("v5.9");
    const task_id t = s.thread(s.w, "thread");
    REQUIRE(s.result_of(s.init, s.call(operation::ptrace_seize, "thread")) == 0);
    s.exec(s.w);
    CHECK(s.in_call(s.w));
    REQUIRE(s.is_zombie(t));
    s.check(3, 2);
    s.wait(s.init, "thread");
    CHECK_FALSE(s.in_call(s.w));
    CHECK(s.result(s.w) == 0);
    s.check(2, 1);
}

TEST_CASE("A traced zombie waits for its tracer, then for its parent", "[lifecycle]") {
    const auto preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    life_stage s(preset);
    const task_id parent = s.fork(s.init, "parent");
    const task_id w = s.fork(parent, "worker");
    REQUIRE(s.install(w) >= 0);
    const filter_id f = s.leaf(w);
    REQUIRE(s.result_of(s.init, s.call(operation::ptrace_seize, "worker")) == 0);
    s.exit(w);
    REQUIRE(s.is_zombie(w));
    s.wait(parent, "worker");
    CHECK(s.in_call(parent));
    CHECK(s.wait(s.init, "worker") > 0);
    // The tracer's wait gave it back to its parent, who reaps it.
    CHECK_FALSE(s.in_call(parent));
    CHECK_FALSE(s.exists(w));
    CHECK(s.usage(f) == 1);
    CHECK(s.hup() == s.k.rev.has_live());
    CHECK(s.clean());
}

TEST_CASE("A tracer that dies gives its tracees back", "[lifecycle]") {
    life_stage s("v6.15");
    const task_id tracer = s.fork(s.init, "tracer");
    const task_id w = s.worker();
    const filter_id f = s.leaf(w);
    request seize = s.call(operation::ptrace_seize, "worker");
    SECTION("alive") {
        REQUIRE(s.result_of(tracer, seize) == 0);
        s.exit(tracer);
        CHECK_FALSE(s.k.w.tasks[w].tracer);
        CHECK(s.usage(f) == 2);
    }
    SECTION("as zombies") {
        REQUIRE(s.result_of(tracer, seize) == 0);
        s.exit(w);
        s.exit(tracer);
        CHECK(s.wait(s.init, "worker") > 0);
        CHECK_FALSE(s.exists(w));
    }
    SECTION("dead with PTRACE_O_EXITKILL") {
        seize.flags = task_flag::exit_kill;
        REQUIRE(s.result_of(tracer, seize) == 0);
        s.exit(tracer);
        CHECK(s.is_zombie(w));
        CHECK(s.hup());
    }
    CHECK(s.clean());
}

TEST_CASE("A task stopped at PTRACE_EVENT_EXIT still counts", "[lifecycle]") {
    const auto preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    supervised s(preset);
    request seize = s.call(operation::ptrace_seize, "worker");
    seize.flags = task_flag::trace_exit;
    REQUIRE(s.result_of(s.init, seize) == 0);
    s.exit(s.w);
    REQUIRE(s.k.w.tasks[s.w].state == task_state::traced);
    s.check(2, 1);
    REQUIRE(s.result_of(s.init, s.call(operation::ptrace_cont, "worker")) == 0);
    REQUIRE(s.is_zombie(s.w));
    s.check(s.lets_go_at_exit() ? 1 : 2, s.lets_go_at_exit() ? 0 : 1);
}

TEST_CASE("The init of a pid namespace takes the others along", "[lifecycle]") {
    const auto preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    life_stage s(preset);
    const task_id ns_init = s.fork(s.init, "ns-init", clone_flag::files | clone_flag::new_pid);
    const pid_namespace_id ns = s.k.group_of(ns_init).ns;
    REQUIRE(s.k.w.namespaces[ns].level == 1);
    const task_id w = s.fork(ns_init, "worker");
    REQUIRE(s.install(w) >= 0);
    const filter_id f = s.leaf(w);
    s.fork(w, "grandchild");
    CHECK(s.usage(f) == 3);
    CHECK(s.k.w.namespaces[ns].processes == 3);

    SECTION("by a signal from outside") {
        request kill = s.call(operation::kill, "ns-init");
        kill.number = signal_number::kill;
        CHECK(s.result_of(s.init, kill) == 0);
    }
    SECTION("by its own exit") {
        s.exit(ns_init);
    }
    // They are gone without a wait, but for the init, which is its parent's to reap.
    CHECK_FALSE(s.exists(w));
    REQUIRE(s.is_zombie(ns_init));
    CHECK(s.usage(f) == 1);
    CHECK(s.hup() == s.k.rev.has_live());
    s.wait(s.init);
    CHECK_FALSE(s.exists(ns_init));
    CHECK(s.k.w.namespaces.count() == 1);
    CHECK(s.clean());
}

TEST_CASE("An orphan goes to the nearest subreaper", "[lifecycle]") {
    life_stage s("v6.15");
    const task_id reaper = s.fork(s.init, "reaper");
    request r = s.call(operation::set_child_subreaper);
    r.value = 1;
    s.ask(reaper, r);
    const task_id middle = s.fork(reaper, "middle");
    const task_id orphan = s.fork(middle, "orphan");
    s.exit(middle);
    CHECK(s.k.group_of(orphan).parent == s.k.w.tasks[reaper].group);
    s.exit(reaper);
    CHECK(s.k.group_of(orphan).parent == s.k.w.tasks[s.init].group);
    CHECK(s.clean());
}

TEST_CASE("CLONE_PARENT and vfork", "[lifecycle]") {
    life_stage s("v6.15");
    const task_id a = s.fork(s.init, "a");
    SECTION("CLONE_PARENT makes a sibling") {
        const task_id b = s.fork(a, "b", clone_flag::parent);
        CHECK(s.k.group_of(b).parent == s.k.w.tasks[s.init].group);
        CHECK(s.wait(a) == -ECHILD);
    }
    SECTION("a vfork parent goes on when the child exits") {
        const task_id b = s.fork(a, "b", clone_flag::vfork | clone_flag::vm);
        CHECK(s.in_call(a));
        s.exit(b);
        CHECK_FALSE(s.in_call(a));
        CHECK(s.result(a) == s.k.w.tasks[b].pid);
    }
    SECTION("or when it execs") {
        const task_id b = s.fork(a, "b", clone_flag::vfork | clone_flag::vm);
        CHECK(s.exec(b) == 0);
        CHECK_FALSE(s.in_call(a));
    }
    SECTION("or dies itself") {
        s.fork(a, "b", clone_flag::vfork | clone_flag::vm);
        s.signal(a, signal_number::kill);
        CHECK(s.is_zombie(a));
    }
    CHECK(s.clean());
}

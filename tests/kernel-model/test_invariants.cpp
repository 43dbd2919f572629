// Each invariant, broken on purpose in a copy of a sound world, and caught by its name.
#include "tests/kernel-model/life_stage.hpp"

#include "kernel-model/functions.hpp"
#include "kernel-model/seccomp_listener.hpp"
#include "kernel-model/task_table.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <set>

using namespace seccomp_sim;

namespace {

/// A worker under a filter with a listener, and a helper that shares its parent's fds.
struct sound_world : life_stage {
    explicit sound_world(std::string_view preset = "v6.15") : life_stage(preset) {
        worker_task = worker();
        helper = fork(init, "helper");
        f = leaf(worker_task);
        REQUIRE(clean());
    }
    /// A copy to break. It has no observer: its story is not this stage's.
    kernel copy() const {
        kernel k2 = k;
        k2.watch = nullptr;
        k2.violations.clear();
        return k2;
    }
    /// The names of what a look at the whole copy finds.
    static std::set<std::string_view> names(kernel& broken) {
        broken.audit(true);
        std::set<std::string_view> result;
        for (const violation& v : broken.violations)
            result.insert(name_of(v.which));
        return result;
    }
    /// Lets a task of the copy make one call.
    static void ask_in(kernel& broken, task_id who, const request& what) {
        broken.requests.push_back(what);
        broken.start(who, {static_cast<index_type>(broken.requests.size() - 1)});
        broken.run_to_rest();
    }

    task_id worker_task, helper;
    filter_id f;
};

} // namespace

TEST_CASE("A sound world breaks nothing", "[invariants]") {
    sound_world s;
    kernel same = s.copy();
    CHECK(sound_world::names(same).empty());
}

TEST_CASE("usage-exact", "[invariants]") {
    sound_world s;
    kernel broken = s.copy();
    SECTION("one too many") {
        ++broken.w.filters[s.f].usage;
    }
    SECTION("one too few") {
        --broken.w.filters[s.f].usage;
    }
    SECTION("a task that holds none but points there") {
        broken.w.tasks[s.worker_task].set(task_flag::holds_usage, false);
    }
    SECTION("noticed after one step, without a look at everything") {
        ++broken.w.filters[s.f].usage;
        request fork;
        fork.op = operation::fork;
        sound_world::ask_in(broken, s.worker_task, fork);
        REQUIRE(found(broken, invariant::usage_exact));
        CHECK(broken.violations.front().message.find("usage is") != std::string::npos);
    }
    CHECK(sound_world::names(broken).count("usage-exact") == 1);
}

TEST_CASE("live-exact", "[invariants]") {
    sound_world s;
    kernel broken = s.copy();
    ++broken.w.filters[s.f].live;
    CHECK(sound_world::names(broken) == std::set<std::string_view>{"live-exact"});
}

TEST_CASE("live-within-usage", "[invariants]") {
    sound_world s;
    kernel broken = s.copy();
    broken.w.filters[s.f].live = broken.w.filters[s.f].usage + 1;
    CHECK(sound_world::names(broken).count("live-within-usage") == 1);
}

TEST_CASE("hup-final", "[invariants]") {
    sound_world s;
    kernel broken = s.copy();
    broken.w.filters[s.f].live = 0;
    request fork;
    fork.op = operation::fork;
    sound_world::ask_in(broken, s.worker_task, fork);
    CHECK(found(broken, invariant::hup_final));
}

TEST_CASE("hup-true", "[invariants]") {
    sound_world s;
    s.k.preemptive = true;
    request r;
    r.op = operation::poll;
    r.polls = 1;
    s.k.poll_list.push_back({s.name("L"), poll_event::in});
    s.ask(s.helper, r);
    REQUIRE(s.advance(s.helper, "seccomp_notify_poll/before-live"));

    kernel broken = s.copy();
    call_stack& stack = broken.w.stacks[broken.w.tasks[s.helper].call];
    auto* frame = static_cast<seccomp_notify_poll*>(&stack.top());
    REQUIRE(frame->function == function_number<seccomp_notify_poll>());
    frame->events |= poll_event::hup; // out of nowhere
    broken.resume(s.helper);
    CHECK(found(broken, invariant::hup_true));

    CHECK(s.k.violations.empty());
    s.settle();
    CHECK(s.clean());
}

TEST_CASE("hup-prompt", "[invariants]") {
    sound_world s;
    kernel broken = s.copy();
    SECTION("zero although a task uses the filter") {
        broken.w.filters[s.f].live = 0;
    }
    SECTION("not zero although nobody does") {
        // The pointer is gone, but the counter was not told.
        broken.w.tasks[s.worker_task].filter = none;
        broken.w.tasks[s.worker_task].set(task_flag::holds_live | task_flag::holds_usage, false);
    }
    CHECK(sound_world::names(broken).count("hup-prompt") == 1);
}

TEST_CASE("no-lost-wakeup", "[invariants]") {
    sound_world s;
    SECTION("a RECV sleeps while a request waits") {
        s.receive(s.helper);
        kernel broken = s.copy();
        REQUIRE(sound_world::names(broken).empty());
        ++broken.w.notifications[broken.w.filters[s.f].notif].requests;
        CHECK(sound_world::names(broken).count("no-lost-wakeup") == 1);
    }
    SECTION("a poll that is no longer on the queue when HUP comes") {
        request r;
        r.op = operation::poll;
        r.value = -1;
        r.polls = 1;
        s.k.poll_list.push_back({s.name("L"), poll_event::in});
        s.ask(s.helper, r);
        REQUIRE(s.in_call(s.helper));
        kernel sound = s.copy();
        kernel broken = s.copy();
        broken.w.filters[s.f].wqh = none;
        request exit;
        exit.op = operation::exit_group;
        sound_world::ask_in(sound, s.worker_task, exit);
        sound_world::ask_in(broken, s.worker_task, exit);
        CHECK(sound.violations.empty());
        CHECK(found(broken, invariant::no_lost_wakeup));
    }
    SECTION("a parent waits for a child that is a zombie") {
        s.wait(s.init, "worker");
        kernel broken = s.copy();
        broken.w.tasks[s.worker_task].exit_state = exit_state::zombie;
        CHECK(sound_world::names(broken).count("no-lost-wakeup") == 1);
    }
}

TEST_CASE("no-use-after-free", "[invariants]") {
    sound_world s;
    kernel broken = s.copy();
    SECTION("a filter") {
        broken.w.filters.free(s.f);
        request exit;
        exit.op = operation::exit_group;
        sound_world::ask_in(broken, s.worker_task, exit);
    }
    SECTION("a task") {
        broken.w.tasks.free(s.helper);
        broken.deref(s.helper);
    }
    SECTION("a file") {
        file_id listener;
        broken.w.open_files.for_each([&](file_id x, const file&) { listener = x; });
        broken.w.open_files.free(listener);
        broken.deref(listener);
    }
    SECTION("a wait-queue entry") {
        const wait_entry_id e = broken.w.wait_entries.allocate();
        broken.w.wait_entries.free(e);
        broken.deref(e);
    }
    SECTION("a filter freed while its listener is open") {
        broken.free_filter(s.f);
    }
    CHECK(found(broken, invariant::no_use_after_free));
}

TEST_CASE("no-leak", "[invariants]") {
    sound_world s;
    kernel broken = s.copy();
    SECTION("a filter that nothing reaches") {
        const filter_id lost = broken.new_filter({0}, none);
        static_cast<void>(lost);
    }
    SECTION("a notification object without a listener") {
        broken.w.notifications.allocate();
    }
    SECTION("a file without a reference") {
        broken.w.open_files.allocate();
    }
    CHECK(sound_world::names(broken).count("no-leak") == 1);
}

TEST_CASE("no-leak, as 5.8 and before have it", "[invariants]") {
    life_stage s("v5.0");
    const task_id w = s.worker();
    s.k.programs.emplace_back(std::vector<sock_filter>(4000, {0x06, 0, 0, action_allow}));
    for (std::int64_t error = 0; error == 0;) // up to the path limit
        error = s.k.programs[1].error() != 0 ? -1 : [&] {
            request r = s.call(operation::seccomp);
            r.value = 1;
            r.program = {1};
            return *s.result_of(w, r);
        }();
    REQUIRE(s.close(s.init) == 0);
    REQUIRE(s.k.violations.empty());
    request r = s.call(operation::seccomp);
    r.value = 1;
    r.program = {1};
    r.fd = s.name("M");
    r.flags = install_flag::new_listener;
    CHECK(s.result_of(w, r) == -ENOMEM);
    CHECK(found(s.k, invariant::no_leak));
}

TEST_CASE("no-refcount-warning", "[invariants]") {
    sound_world s;
    kernel broken = s.copy();
    SECTION("saturation") {
        broken.w.filters[s.f].usage = std::numeric_limits<std::int32_t>::max();
        broken.usage_inc(s.f);
    }
    SECTION("underflow") {
        broken.w.filters[s.f].usage = 0;
        CHECK_FALSE(broken.usage_dec_and_test(s.f));
    }
    SECTION("up from 0") {
        broken.w.filters[s.f].usage = 0;
        broken.usage_inc(s.f);
    }
    CHECK(found(broken, invariant::no_refcount_warning));
    CHECK(broken.w.warnings == 1);
}

TEST_CASE("walk-stops", "[invariants]") {
    sound_world s;
    REQUIRE(s.attach(s.worker_task) == 0);
    kernel broken = s.copy();
    const filter_id child = broken.w.tasks[s.worker_task].filter;
    frame walker;
    broken.own_live(walker, child);
    REQUIRE_FALSE(found(broken, invariant::walk_stops));
    broken.own_live(walker, s.f); // up, although the child is still live
    CHECK(found(broken, invariant::walk_stops));
}

TEST_CASE("notifications-end", "[invariants]") {
    sound_world s;
    s.trap(s.worker_task);
    REQUIRE(s.in_call(s.worker_task));
    kernel broken = s.copy();
    REQUIRE(sound_world::names(broken).empty());
    // The listener is gone, and the call was not told.
    broken.w.notifications.free(broken.w.filters[s.f].notif);
    broken.w.filters[s.f].notif = none;
    CHECK(sound_world::names(broken).count("notifications-end") == 1);
}

TEST_CASE("locks-held", "[invariants]") {
    sound_world s;
    kernel broken = s.copy();
    SECTION("without siglock") {
        broken.run_as(s.helper);
        broken.set_filter(s.worker_task, none);
        CHECK(found(broken, invariant::locks_held));
    }
    SECTION("with it") {
        broken.run_as(s.helper);
        broken.group_of(s.worker_task).siglock = s.helper;
        broken.set_filter(s.worker_task, none);
        CHECK_FALSE(found(broken, invariant::locks_held));
    }
}

TEST_CASE("A violation says where and of whom", "[invariants]") {
    sound_world s;
    kernel broken = s.copy();
    broken.w.filters[s.f].live = 0;
    request fork;
    fork.op = operation::fork;
    sound_world::ask_in(broken, s.worker_task, fork);
    REQUIRE_FALSE(broken.violations.empty());
    const std::string& message = broken.violations.front().message;
    CHECK(message.find("worker at ") != std::string::npos);
    CHECK(message.find(" at get_seccomp_filter/") != std::string::npos);

    SECTION("and nothing is looked for where the caller asks for nothing") {
        kernel silent = s.copy();
        silent.check_invariants = false;
        silent.w.filters[s.f].live = 0;
        sound_world::ask_in(silent, s.worker_task, fork);
        CHECK(silent.violations.empty());
    }
}

// Forks that fail late and what they leave behind, how the counters fail, when the HUP wake runs, and a TSYNC
// of many threads.
#include "tests/kernel-model/life_stage.hpp"

#include <catch2/catch.hpp>

#include <cerrno>
#include <limits>

using namespace seccomp_sim;

namespace {

/// A worker whose fork is between its copies and its last tests for failure.
struct late_fork : supervised {
    explicit late_fork(std::string_view preset) : supervised(preset) {
        k.preemptive = true;
        request r = call(operation::fork);
        r.child = name("child");
        ask(w, r);
        REQUIRE(advance(w, "copy_process/before-checks"));
    }
    /// What the failed fork left behind, on top of the worker's count and the listener's.
    void check_left(std::int32_t usage_left, std::int32_t live_left) {
        CHECK(usage(f) == 2 + usage_left);
        CHECK(live(f) == (1 + live_left) * counts_live);
        CHECK(found(k, invariant::usage_exact) == (usage_left > 0));
        CHECK(found(k, invariant::live_exact) == (live_left > 0));
    }
};

struct left_behind {
    std::string_view preset;
    std::int32_t usage, live;
};

} // namespace

TEST_CASE("A fork that fails late", "[lifecycle]") {
    const auto left =
        GENERATE(left_behind{"v5.0", 0, 0}, left_behind{"patch-v2", 0, 1}, left_behind{"v5.9", 1, 1},
                 left_behind{"v6.2", 0, 0}, left_behind{"v6.11", 0, 0}, left_behind{"v6.15", 0, 0});
    CAPTURE(left.preset);
    late_fork s(left.preset);
    SECTION("in a dying pid namespace") {
        pid_namespace& ns = s.k.w.namespaces[s.k.group_of(s.w).ns];
        const index_type before = ns.processes;
        ns.dying = 1;
        CHECK(s.finish(s.w) == -ENOMEM);
        CHECK(ns.processes == before - 1);
        ns.dying = 0;
        s.check_left(left.usage, left.live);
        CHECK(s.exists(s.w));
    }
    SECTION("by a pending fatal signal") {
        s.post_signal(s.w, signal_number::kill);
        s.settle();
        REQUIRE(s.is_zombie(s.w));
        s.check_left(left.usage - (s.lets_go_at_exit() ? 1 : 0), left.live - (s.lets_go_at_exit() ? 1 : 0));
        // Whoever lost a `live` never sees HUP.
        s.wait(s.init);
        CHECK(s.hup() == (s.counts_live == 1 && left.live == 0));
    }
    SECTION("and one that does not fail") {
        REQUIRE(s.finish(s.w) > 0);
        CHECK(s.usage(s.f) == 3);
        CHECK(s.live(s.f) == 2 * s.counts_live);
        CHECK(s.clean());
    }
    CHECK(s.k.w.namespaces[s.k.group_of(s.init).ns].processes == s.k.w.tasks.count() - 1);
}

TEST_CASE("An ordinary signal in time starts the fork anew, a handler and all", "[lifecycle]") {
    life_stage s("v6.15");
    const task_id w = s.worker();
    s.handle(w, 10, false);
    s.k.preemptive = true;
    request r = s.call(operation::fork);
    r.child = s.name("child");
    s.ask(w, r);
    REQUIRE(s.advance(w, "copy_process/before-signal-test"));
    s.post_signal(w, 10);
    s.settle();
    CHECK(s.restarts[w] == 1);
    CHECK(s.result(w) > 0);
    CHECK(s.clean());
}

TEST_CASE("How refcount_t fails", "[lifecycle]") {
    constexpr std::int32_t saturated = std::numeric_limits<std::int32_t>::min() / 2;
    SECTION("5.0: an underflow warns and stays, 0 is never raised, UINT_MAX is the end") {
        life_stage s("v5.0");
        const filter_id f = s.leaf(s.worker());
        s.k.w.filters[f].usage = 0;
        CHECK_FALSE(s.k.usage_dec_and_test(f));
        CHECK(s.usage(f) == 0);
        s.k.usage_inc(f);
        CHECK(s.usage(f) == 0);
        CHECK(s.k.w.warnings == 2);
        s.k.w.filters[f].usage = -2; // UINT_MAX - 1
        s.k.usage_inc(f);
        CHECK(s.usage(f) == -1);
        CHECK(s.k.w.warnings == 3);
        s.k.usage_inc(f);
        CHECK_FALSE(s.k.usage_dec_and_test(f));
        CHECK(s.usage(f) == -1);
    }
    SECTION("since 5.5: all of them warn and saturate") {
        life_stage s("v5.9");
        const filter_id f = s.leaf(s.worker());
        for (const std::int32_t start : {0, -1, std::numeric_limits<std::int32_t>::max()}) {
            s.k.w.filters[f].usage = start;
            s.k.usage_inc(f);
            CHECK(s.usage(f) == saturated);
        }
        for (const std::int32_t start : {0, -1, saturated}) {
            s.k.w.filters[f].live = start;
            CHECK_FALSE(s.k.live_dec_and_test(f));
            CHECK(s.live(f) == saturated);
        }
        CHECK(s.k.w.warnings == 6);
        s.k.w.filters[f].usage = 1;
        CHECK(s.k.usage_dec_and_test(f));
        CHECK(s.usage(f) == 0);
    }
}

TEST_CASE("The HUP wake runs before or after the task is unhashed", "[lifecycle]") {
    const auto preset = GENERATE(as<std::string_view>{}, "patch-v2", "v5.9");
    supervised s(preset);
    s.exit(s.w);
    s.k.preemptive = true;
    s.ask(s.init, s.call(operation::wait, "worker"));
    REQUIRE(s.advance(s.init, "seccomp_filter_orphan/before-waitqueue-active"));
    CHECK(s.live(s.f) == 0);
    CHECK(s.k.w.tasks[s.w].has(task_flag::unhashed) == (preset == "v5.9"));
    // The patch as posted walks before it asks for tasklist_lock; nobody holds a lock in either.
    CHECK_FALSE(s.k.w.tasklist_lock);
    CHECK_FALSE(s.k.group_of(s.w).siglock);
    s.settle();
    CHECK(s.clean());
}

TEST_CASE("A TSYNC of many threads moves every one of them", "[lifecycle]") {
    const auto preset = GENERATE(from_range(presets));
    CAPTURE(preset);
    supervised s(preset);
    for (int i = 0; i < 5; ++i)
        s.thread(s.w, "thread" + std::to_string(i));
    s.check(7, 6);
    REQUIRE(s.attach(s.w, install_flag::tsync) == 0);
    const filter_id top = s.leaf(s.w);
    CHECK(s.usage(top) == 6);
    CHECK(s.live(top) == 6 * s.counts_live);
    s.check(2, 1);
    s.exit(s.w);
    s.wait(s.init);
    s.check(1, 0);
    CHECK_FALSE(s.exists(top));
}

// The world as a value: copied, compared and hashed in the middle of any number of calls.
#include "tests/kernel-model/life_stage.hpp"
#include "tests/kernel-model/notify_stage.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace seccomp_sim;

namespace {

/// Several tasks under a filter that all ask for something at once: fork, attach, exit, poll, a trapped call,
/// RECV and a wait.
struct busy_world : life_stage {
    explicit busy_world(std::string_view preset) : life_stage(preset) {
        const task_id w = worker();
        const task_id child = fork(w, "child");
        const task_id thread_task = thread(w, "thread");
        const task_id helper = fork(init, "helper");
        const task_id poller = fork(init, "poller");
        const task_id trapped = fork(w, "trapped");
        k.watch = nullptr;
        k.preemptive = true;
        request more = call(operation::fork);
        more.child = name("more");
        ask(w, more);
        request attaching = call(operation::seccomp);
        attaching.program = {0};
        attaching.value = 1;
        attaching.flags = install_flag::tsync;
        ask(thread_task, attaching);
        exit(child);
        ask(helper, listener_ioctl(operation::receive));
        request polling = call(operation::poll);
        polling.value = -1;
        polling.polls = 1;
        k.poll_list.push_back({name("L"), poll_event::in});
        ask(poller, polling);
        trap(trapped);
        ask(init, call(operation::wait));
    }

    static std::vector<task_id> runnable(const kernel& k) {
        std::vector<task_id> result;
        k.w.tasks.for_each([&](task_id t, const task&) {
            if (k.can_run(t))
                result.push_back(t);
        });
        return result;
    }
    /// One step of a task that `choose` names by number; false at rest.
    template <class Random>
    static bool step_one(kernel& k, Random& choose) {
        const std::vector<task_id> able = runnable(k);
        if (able.empty() || k.at_rest())
            return false;
        k.resume(able[choose() % able.size()]);
        return true;
    }
};

} // namespace

TEST_CASE("A copy goes on exactly as the original", "[world]") {
    const auto preset = GENERATE(as<std::string_view>{}, "v5.0", "patch-v2", "v5.9", "v6.15");
    const auto seed = GENERATE(range(1U, 13U));
    CAPTURE(preset, seed);
    busy_world s(preset);
    std::mt19937 choose(seed);
    const unsigned copy_after = seed * 7;
    for (unsigned i = 0; i < copy_after; ++i)
        busy_world::step_one(s.k, choose);

    kernel copy = s.k;
    REQUIRE(copy.w == s.k.w);
    REQUIRE(hash_of(copy.w) == hash_of(s.k.w));
    copy.audit(false);
    CHECK(copy.violations.empty());

    // The original first, then the copy with the same choices: nothing is shared.
    std::mt19937 same_choices = choose;
    const std::uint64_t before = hash_of(copy.w);
    std::vector<std::uint64_t> story;
    while (busy_world::step_one(s.k, choose) && story.size() < 3000)
        story.push_back(hash_of(s.k.w));
    REQUIRE(story.size() < 3000);
    CHECK(hash_of(copy.w) == before);
    std::size_t same = 0;
    while (busy_world::step_one(copy, same_choices) && same < story.size() && hash_of(copy.w) == story[same])
        ++same;
    CHECK(same == story.size());
    CHECK(copy.w == s.k.w);
    CHECK(copy.violations.size() == s.k.violations.size());
}

TEST_CASE("A world alone is enough: accounts are worked out anew", "[world]") {
    const auto preset = GENERATE(as<std::string_view>{}, "patch-v2", "v6.15");
    const auto seed = GENERATE(range(1U, 9U));
    CAPTURE(preset, seed);
    busy_world s(preset);
    std::mt19937 choose(seed);
    for (unsigned i = 0; i < seed * 11; ++i)
        busy_world::step_one(s.k, choose);

    kernel other(s.k.rev);
    other.programs = s.k.programs;
    other.requests = s.k.requests;
    other.poll_list = s.k.poll_list;
    other.names = s.k.names;
    other.w = s.k.w;
    other.recount();
    other.collect_runnable();
    other.run_to_rest();
    s.k.preemptive = false;
    s.k.collect_runnable();
    s.k.run_to_rest();
    CHECK(hash_of(other.w) == hash_of(s.k.w));
    other.audit(true);
    CHECK(other.violations.size() == s.k.violations.size());
}

TEST_CASE("What an install that fails late holds is found in the world at each of its steps", "[world]") {
    const std::string preset = GENERATE("v6.2", "v6.11", "v6.15");
    CAPTURE(preset);
    notify_stage s(preset);
    const task_id worker = s.worker();
    s.k.preemptive = true;
    s.install(worker, 0, "again");
    int steps = 0;
    for (; s.in_call(worker); ++steps) {
        s.k.resume(worker);
        kernel copy = s.k;
        copy.audit(false);
        for (const violation& v : copy.violations)
            FAIL(v.message);
    }
    CHECK(s.result(worker) == -EBUSY);
    CHECK(steps > 5);
}

TEST_CASE("Every invariant that holds between steps holds at every step", "[world]") {
    const auto preset =
        GENERATE(as<std::string_view>{}, "v5.0", "patch-v2", "v5.9", "v6.2", "v6.11", "v6.15");
    const auto seed = GENERATE(range(1U, 21U));
    CAPTURE(preset, seed);
    busy_world s(preset);
    std::mt19937 choose(seed);
    bool going = true;
    for (int i = 0; going && i < 3000; ++i) {
        going = busy_world::step_one(s.k, choose);
        // The accounts that are kept step by step, and those worked out from the world.
        kernel copy = s.k;
        copy.audit(false);
        REQUIRE(copy.violations.size() == s.k.violations.size());
    }
    REQUIRE_FALSE(going);
    s.k.check_at_rest();
    for (const violation& v : s.k.violations)
        UNSCOPED_INFO(name_of(v.which) << ": " << v.message);
    CHECK(s.k.violations.empty());
}

TEST_CASE("A difference anywhere is a difference", "[world]") {
    busy_world s("v6.15");
    std::mt19937 choose(3);
    for (int i = 0; i < 40; ++i)
        busy_world::step_one(s.k, choose);
    world other = s.k.w;
    REQUIRE(other == s.k.w);
    const filter_id f = table<filter>::id_at(0);
    SECTION("a counter") {
        ++other.filters[f].usage;
    }
    SECTION("a task's flag") {
        other.tasks[s.init].set(task_flag::no_new_privs);
    }
    SECTION("a lock") {
        other.tasklist_lock = s.k.w.tasklist_lock ? task_id{} : s.init;
    }
    SECTION("a place in a call") {
        other.stacks[other.tasks[s.init].call].result += 1;
    }
    SECTION("an fd") {
        files_id table = other.tasks[s.init].files;
        other.fd_tables[table].slots.front().cloexec ^= 1U;
    }
    SECTION("an object more") {
        other.wait_entries.allocate();
    }
    CHECK_FALSE(other == s.k.w);
    CHECK(hash_of(other) != hash_of(s.k.w));
}

TEST_CASE("A step of a copy does not reach the original", "[world]") {
    busy_world s("v6.15");
    const std::uint64_t before = hash_of(s.k.w);
    kernel copy = s.k;
    copy.resume(s.init);
    CHECK(hash_of(s.k.w) == before);
    CHECK(hash_of(copy.w) != before);
    kernel moved = std::move(copy);
    CHECK(hash_of(moved.w) != before);
    moved = s.k;
    CHECK(moved.w == s.k.w);
}

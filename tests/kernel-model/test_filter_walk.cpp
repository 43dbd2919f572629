// The walks up a path, kernel/seccomp.c's and the designs that no kernel has: under every interleaving of
// small trees and under random schedules of larger ones, each lets go of the same and breaks no invariant.
#include "tests/kernel-model/life_stage.hpp"

#include <random>
#include <set>

using namespace seccomp_sim;

namespace {

revision with_walk(std::string_view preset, exit_walk walk) {
    revision r = find_preset(preset)->choices;
    r.walk = walk;
    return r;
}

/// All states that the calls in flight can lead to: how many there are, and in how many they all ended.
class every_schedule {
  public:
    explicit every_schedule(const kernel& from) {
        open_.push_back(from);
        open_.back().watch = nullptr;
        while (!open_.empty() && broken.empty()) {
            const kernel k = std::move(open_.back());
            open_.pop_back();
            step_each(k);
        }
    }

    std::size_t ends = 0;
    std::size_t states() const { return seen_.size(); }
    std::string broken; ///< the first violation's message
    std::set<std::string> last_worlds;

  private:
    void step_each(const kernel& k) {
        bool moved = false;
        k.w.tasks.for_each([&](task_id t, const task& record) {
            if (!record.call || !k.can_run(t))
                return;
            moved = true;
            kernel next = k;
            next.resume(t);
            if (!seen_.insert(hash_of(next.w)).second)
                return;
            next.audit(false);
            note_violation(next);
            open_.push_back(std::move(next));
        });
        if (!moved) {
            ++ends;
            kernel last = k;
            last.audit(true);
            note_violation(last);
            last_worlds.insert(counters(k));
        }
    }
    void note_violation(const kernel& k) {
        if (broken.empty() && !k.violations.empty())
            broken = k.violations.front().message;
    }
    static std::string counters(const kernel& k) {
        std::string text;
        k.w.filters.for_each([&](filter_id f, const filter& record) {
            text += std::to_string(f.index()) + " usage " + std::to_string(record.usage) + " live " +
                    std::to_string(record.live) + "\n";
        });
        return text;
    }

    std::set<std::uint64_t> seen_;
    std::vector<kernel> open_;
};

/// Two tasks on leaves of their own over a trunk of two, and the listener of the lower trunk filter.
struct small_tree : life_stage {
    explicit small_tree(const revision& choices) : life_stage(choices), a(worker()) {
        attach(a);
        b = fork(a, "b");
        attach(a);
        attach(b);
        ignore_children(init);
        ignore_children(a);
        k.preemptive = true;
    }
    void begin(task_id who, const request& what) { ask(who, what); }
    task_id a, b;
};

request poll_of_listener(small_tree& s) {
    request r = s.call(operation::poll);
    r.value = -1;
    r.first_poll = static_cast<index_type>(s.k.poll_list.size());
    r.polls = 1;
    s.k.poll_list.push_back({s.name("L"), poll_event::in});
    return r;
}

/// Every interleaving of each walk.
void two_exits_beside(bool poll) {
    const std::string preset = GENERATE("v5.9", "v6.15");
    const exit_walk walk = GENERATE(exit_walk::separate, exit_walk::locked, exit_walk::fused);
    CAPTURE(preset, static_cast<int>(walk), poll);
    small_tree s(with_walk(preset, walk));
    s.begin(s.a, s.call(operation::exit_group));
    s.begin(s.b, s.call(operation::exit_group));
    request close = s.call(operation::close);
    close.fd = s.name("L");
    s.begin(s.init, poll ? poll_of_listener(s) : close);
    const every_schedule all(s.k);
    CHECK(all.broken == "");
    CHECK(all.ends > 0);
    CHECK(all.states() > 1000);
    // Whatever came between, the same is left: the filter whose listener is open, or nothing.
    CHECK(all.last_worlds == std::set<std::string>{poll ? "0 usage 1 live 0\n" : ""});
}

} // namespace

TEST_CASE("Two exits beside a poll, every interleaving of each walk", "[walk]") {
    two_exits_beside(true);
}

TEST_CASE("Two exits beside a close, every interleaving of each walk", "[walk]") {
    two_exits_beside(false);
}

TEST_CASE("A walk of another design wakes and frees when the kernel's does", "[walk]") {
    const exit_walk walk = GENERATE(exit_walk::locked, exit_walk::fused);
    for (unsigned seed = 1; seed <= 40; ++seed) {
        std::mt19937 random(seed);
        life_stage mine(with_walk("v6.15", walk));
        life_stage kernels(with_walk("v6.15", exit_walk::separate));
        std::vector<task_id> tasks{kernels.worker()};
        REQUIRE(mine.worker() == tasks.front());
        for (int i = 0; i < 60 && !tasks.empty(); ++i) {
            const std::size_t chosen = random() % tasks.size();
            const task_id t = tasks[chosen];
            const auto act = random() % (i < 30 ? 3 : 4);
            const std::string child = "t" + std::to_string(i);
            for (life_stage* s : {&mine, &kernels}) {
                if (act == 0)
                    s->attach(t);
                else if (act == 1)
                    s->install(t, 0, "L" + child); // EBUSY where the path has a listener
                else if (act == 2)
                    s->fork(t, child);
                else
                    s->exit(t);
            }
            if (act == 2)
                tasks.push_back(kernels.k.w.named_tasks[kernels.name(child).value]);
            if (act == 3)
                tasks.erase(tasks.begin() + static_cast<std::ptrdiff_t>(chosen));
            CAPTURE(static_cast<int>(walk), seed, i, act);
            REQUIRE(mine.clean());
            REQUIRE(kernels.clean());
            REQUIRE(mine.filter_wakes == kernels.filter_wakes);
            REQUIRE(mine.k.w.filters.count() == kernels.k.w.filters.count());
            kernels.k.w.filters.for_each([&](filter_id f, const filter& record) {
                REQUIRE(mine.exists(f));
                CHECK(mine.usage(f) == record.usage);
                CHECK(mine.live(f) == record.live);
            });
        }
    }
}

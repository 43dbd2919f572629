// The walks on real memory, as the benchmark runs them: each design lets go of what it should, wakes a
// listener once, and does so when threads exit at the same time.
#include "bench/walk/designs.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <random>
#include <set>
#include <thread>
#include <vector>

using namespace seccomp_sim;
using namespace seccomp_sim::bench;

namespace {

/// Counts the wakeups of one listener.
struct listener {
    wait_queue_entry entry;
    std::atomic<int> woken{0};
};

void count_wake(wait_queue_entry& entry, std::uint32_t events) {
    CHECK(events == hup);
    ++reinterpret_cast<listener&>(entry).woken;
}

/// Notes what is freed; twice is an error.
struct note_freed {
    std::vector<std::atomic<int>>* freed;
    std::deque<real_filter>* filters;
    void operator()(real_filter* f) const {
        const auto at =
            std::find_if(filters->begin(), filters->end(), [&](real_filter& x) { return &x == f; });
        ++(*freed)[static_cast<std::size_t>(at - filters->begin())];
    }
};

/// A random tree of filters, with tasks at random places and a listener on one filter of each path at most.
struct forest {
    explicit forest(unsigned seed) : freed(size), random(seed) {
        for (std::size_t i = 0; i < size; ++i) {
            real_filter& f = filters.emplace_back();
            f.usage = f.live = 0;
            if (i > 0 && random() % 8 != 0) {
                f.prev = &filters[random() % i];
                ++f.prev->usage;
                ++f.prev->live;
            }
            bool on_path = false;
            for (real_filter* up = f.prev; up; up = up->prev)
                on_path = on_path || up->notif;
            if (!on_path && random() % 3 == 0) {
                listener& l = listeners.emplace_back();
                l.entry.wake = count_wake;
                f.wqh.add(l.entry);
                f.notif = &l;
                ++f.usage;
            }
        }
        for (real_filter& f : filters)
            while (f.live == 0 || random() % 4 == 0) {
                ++f.usage;
                ++f.live;
                leaves.push_back(&f);
            }
        slots = std::vector<std::atomic<real_filter*>>(leaves.size());
        std::shuffle(leaves.begin(), leaves.end(), random);
        for (std::size_t i = 0; i < leaves.size(); ++i)
            slots[i] = leaves[i];
        tasks.filters = slots;
    }

    template <design D>
    void exit_one(std::size_t i) {
        exit_task<D>(leaves[i], tasks, &slots[i], note_freed{&freed, &filters});
        free_task<D>(leaves[i], note_freed{&freed, &filters});
    }

    /// Whether a task at or after `from` has `f` on its path.
    bool used(const real_filter& f, std::size_t from) const {
        for (std::size_t i = from; i < leaves.size(); ++i)
            for (const real_filter* up = leaves[i]; up; up = up->prev)
                if (up == &f)
                    return true;
        return false;
    }
    /// Whether something other than tasks holds `f`: its listener, or one above it.
    bool held(const real_filter& f) const {
        return std::any_of(filters.begin(), filters.end(), [&](const real_filter& above) {
            for (const real_filter* up = &above; above.notif && up; up = up->prev)
                if (up == &f)
                    return true;
            return false;
        });
    }

    static constexpr std::size_t size = 24;
    std::deque<real_filter> filters;
    std::deque<listener> listeners;
    std::vector<std::atomic<int>> freed;
    std::vector<real_filter*> leaves;
    std::vector<std::atomic<real_filter*>> slots;
    task_list tasks;
    std::mt19937 random;
};

design each_design() {
    return static_cast<design>(GENERATE(range(0, static_cast<int>(design_count))));
}

} // namespace

TEST_CASE("Each design frees and wakes when the last user has gone", "[walk][bench]") {
    const design how = each_design();
    CAPTURE(design_names[static_cast<std::size_t>(how)]);
    for (unsigned seed = 1; seed <= 20; ++seed) {
        forest all(seed);
        for (std::size_t i = 0; i < all.leaves.size(); ++i) {
            with_design(how, [&]<design D>() { all.exit_one<D>(i); });
            for (std::size_t j = 0; j < forest::size; ++j) {
                const real_filter& f = all.filters[j];
                const bool used = all.used(f, i + 1);
                CAPTURE(seed, i, j);
                REQUIRE(all.freed[j] == (used || all.held(f) ? 0 : 1));
                if (f.notif)
                    REQUIRE((static_cast<const listener*>(f.notif)->woken > 0) ==
                            (!used && how != design::before));
            }
        }
    }
}

TEST_CASE("Threads that exit at once free each filter once", "[walk][bench]") {
    const design how = each_design();
    CAPTURE(design_names[static_cast<std::size_t>(how)]);
    for (unsigned seed = 1; seed <= 20; ++seed) {
        forest all(seed);
        std::atomic<bool> start{false};
        std::vector<std::thread> threads;
        for (std::size_t t = 0; t < 3; ++t)
            threads.emplace_back([&, t] {
                while (!start)
                    std::this_thread::yield();
                for (std::size_t i = t; i < all.leaves.size(); i += 3)
                    with_design(how, [&]<design D>() { all.exit_one<D>(i); });
            });
        start = true;
        for (std::thread& thread : threads)
            thread.join();
        for (std::size_t j = 0; j < forest::size; ++j) {
            CAPTURE(seed, j);
            REQUIRE(all.freed[j] == (all.held(all.filters[j]) ? 0 : 1));
        }
        // One that scans may wake twice: two that exit at once both find nobody.
        for (const listener& l : all.listeners)
            REQUIRE((how == design::before ? l.woken == 0
                     : how == design::scan ? l.woken >= 1
                                           : l.woken == 1));
    }
}

// The order of locks: a task that takes them the wrong way round is found without another one.
#include "kernel-model/lock_order.hpp"

#include <catch2/catch.hpp>

using namespace seccomp_sim;

namespace {

struct running_init {
    kernel k{all_presets().back().choices};
    running_init() {
        k.names = {"init", "rcu"};
        k.run_as(k.make_init(name_id{0}));
    }
};

} // namespace

TEST_CASE("Locks taken in the kernel's order break nothing", "[locks]") {
    running_init running;
    kernel& k = running.k;
    take_cred_guard_mutex(k);
    take_tasklist_lock(k);
    take_siglock(k, k.current().group);
    CHECK(k.violations.empty());
}

TEST_CASE("One task that takes locks the wrong way round breaks no-deadlock", "[locks]") {
    running_init running;
    kernel& k = running.k;
    SECTION("siglock before tasklist_lock") {
        take_siglock(k, k.current().group);
        take_tasklist_lock(k);
    }
    SECTION("a mutex under siglock") {
        take_siglock(k, k.current().group);
        take_cred_guard_mutex(k);
    }
    SECTION("a mutex under tasklist_lock") {
        take_tasklist_lock(k);
        check_lock_order(k, lock_class::mutex, "notify_lock");
    }
    SECTION("siglock twice") {
        take_siglock(k, k.current().group);
        take_siglock(k, k.current().group);
    }
    REQUIRE(k.violations.size() == 1);
    CHECK(k.violations[0].which == invariant::no_deadlock);
    CHECK(k.violations[0].message.find("while it holds") != std::string::npos);
}

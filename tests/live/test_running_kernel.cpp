// The running kernel, looked into: what a process did to its filters is what is read.
#include "sim/live/white_box/white_box.hpp"

#include <catch2/catch.hpp>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace seccomp_sim;
using namespace seccomp_sim::live;

namespace {

long install(unsigned flags) {
    sock_filter allow[] = {{0x06, 0, 0, SECCOMP_RET_ALLOW}};
    sock_fprog program = {1, allow};
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/// A child that did its work and waits until the test is over.
class waiting_child {
  public:
    template <class F>
    explicit waiting_child(F work) {
        int ready[2];
        REQUIRE(::pipe(ready) == 0);
        REQUIRE(::pipe(end_) == 0);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            ::close(end_[1]);
            work();
            char byte = 'r';
            if (::write(ready[1], &byte, 1) == 1 && ::read(end_[0], &byte, 1) >= 0)
                ::_exit(0);
            ::_exit(1);
        }
        ::close(ready[1]);
        char byte = 0;
        REQUIRE(::read(ready[0], &byte, 1) == 1);
        ::close(ready[0]);
    }
    ~waiting_child() {
        ::close(end_[0]);
        ::close(end_[1]);
        ::waitpid(pid_, nullptr, 0);
    }
    pid_t pid() const { return pid_; }

  private:
    int end_[2] = {-1, -1};
    pid_t pid_ = -1;
};

std::unique_ptr<white_box> opened() {
    auto box = open_running_kernel();
    if (!box)
        WARN(to_text(box.error()));
    return box ? std::move(*box) : nullptr;
}

seccomp_state read(white_box& box, std::vector<pid_t> processes) {
    auto state = box.read(processes);
    if (!state)
        FAIL(to_text(state.error()));
    return std::move(*state);
}

} // namespace

TEST_CASE("counters of a path with a listener", "[live][running-kernel]") {
    const auto box = opened();
    if (!box)
        return;
    const waiting_child child([] {
        install(SECCOMP_FILTER_FLAG_NEW_LISTENER);
        install(0);
    });
    const seccomp_state state = read(*box, {child.pid()});

    REQUIRE(state.tasks.size() == 1);
    const task_record& task = state.tasks[0];
    CHECK(task.tid == child.pid());
    CHECK(task.mode == SECCOMP_MODE_FILTER);
    CHECK(task.filter_count == 2U);
    CHECK_FALSE(task.exiting);
    REQUIRE(state.filters.size() == 2);
    const filter_record* leaf = state.filter_at(task.filter);
    REQUIRE(leaf);
    CHECK(leaf->usage == 1);
    CHECK(leaf->live == 1U);
    CHECK_FALSE(leaf->has_listener);
    const filter_record* older = state.filter_at(leaf->prev);
    REQUIRE(older);
    CHECK(older->prev == 0);
    CHECK(older->usage == 2);
    CHECK(older->live == 1U);
    CHECK(older->has_listener);
    CHECK(older->requests == 0);
}

TEST_CASE("a filter that only its listener holds is found", "[live][running-kernel]") {
    const auto box = opened();
    if (!box)
        return;
    // A thread of its own fd table's owner installs and is gone; the listener stays.
    const waiting_child child([] {
        const pid_t inner = static_cast<pid_t>(
            ::syscall(SYS_clone, CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
        if (inner == 0) {
            install(SECCOMP_FILTER_FLAG_NEW_LISTENER);
            ::_exit(0);
        }
        ::waitpid(inner, nullptr, 0);
    });
    const seccomp_state state = read(*box, {child.pid()});

    REQUIRE(state.tasks.size() == 1);
    CHECK(state.tasks[0].filter == 0);
    REQUIRE(state.filters.size() == 1);
    CHECK(state.filters[0].usage == 1);
    CHECK(state.filters[0].live == 0U);
    CHECK(state.filters[0].has_listener);
}

TEST_CASE("processes that are not asked for are left out", "[live][running-kernel]") {
    const auto box = opened();
    if (!box)
        return;
    const waiting_child first([] { install(0); });
    const waiting_child second([] { install(0); });
    CHECK(read(*box, {first.pid()}).tasks.size() == 1);
    CHECK(read(*box, {first.pid(), second.pid()}).tasks.size() == 2);
    CHECK(read(*box, {second.pid()}).task_of(first.pid()) == nullptr);
    const seccomp_state all = read(*box, {});
    CHECK(all.task_of(first.pid()));
    CHECK(all.task_of(second.pid()));
}

// Fd tables: numbers, limits, who shares what, and when the last reference of a file goes.
#include "tests/kernel-model/file_stage.hpp"

#include "kernel-model/file_calls.hpp"

#include <catch2/catch.hpp>

#include <cerrno>

using namespace seccomp_sim;

TEST_CASE("fds get the lowest number that is free, from 3 on", "[files]") {
    file_stage s("v6.15");
    CHECK(s.open(s.init, "a") == 3);
    CHECK(s.open(s.init, "b") == 4);
    CHECK(s.open(s.init, "c") == 5);
    CHECK(s.close(s.init, "b") == 0);
    CHECK(s.dup(s.init, "c", "d") == 4);
    CHECK(s.open(s.init, "e") == 6);
    CHECK(s.close(s.init, "a") == 0);
    CHECK(s.close(s.init, "a") == -EBADF);
    CHECK(s.open(s.init, "f") == 3);
    CHECK(s.k.violations.empty());
}

TEST_CASE("no number at or above RLIMIT_NOFILE is handed out", "[files]") {
    file_stage s("v6.15");
    CHECK(s.limit(s.init, 5) == 0);
    CHECK(s.open(s.init, "a") == 3);
    CHECK(s.open(s.init, "b") == 4);
    CHECK(s.open(s.init, "c") == -EMFILE);
    CHECK(s.dup(s.init, "a", "c") == -EMFILE);
    CHECK(s.epoll_create(s.init, "e") == -EMFILE);
    CHECK(s.dup(s.init, "a", "c", 5) == -EBADF);
    CHECK(s.limit(s.init, 0) == 0); // what is open stays open
    CHECK(s.close(s.init, "b") == 0);
    CHECK(s.open(s.init, "c") == -EMFILE);
    CHECK(s.limit(s.init, 2'000'000) == -EPERM);
    CHECK(s.k.violations.empty());
}

TEST_CASE("dup2 closes what it replaces; dup3 refuses the same number", "[files]") {
    file_stage s("v6.15");
    s.open(s.init, "a");
    s.open(s.init, "b");
    CHECK(s.k.w.open_files.count() == 2);
    CHECK(s.dup(s.init, "a", "c", 4) == 4);
    CHECK(s.k.w.open_files.count() == 1);
    CHECK_FALSE(s.has_fd(s.init, "b"));
    CHECK(s.refs_of(s.init, "c") == 2);
    CHECK(s.dup(s.init, "a", "d", 3) == 3);
    CHECK(s.dup(s.init, "a", "d", 3, open_cloexec) == -EINVAL);
    CHECK(s.dup(s.init, "a", "far", 100) == 100);
    CHECK(s.open(s.init, "e") == 5);
    CHECK(s.dup(s.init, "gone", "x", 7) == -EBADF);
    CHECK(s.k.violations.empty());
}

TEST_CASE("a slot is no fd before it has a file", "[files]") {
    file_stage s("v6.15");
    CHECK(get_unused_fd(s.k, s.init, false) == 3);
    CHECK(s.open(s.init, "a") == 4);
    CHECK(s.dup(s.init, "a", "b", 3) == -EBUSY);
    const task_id child = s.lone_fork(s.init, "child");
    CHECK(s.number_of(child, "a") == 4);
    CHECK(s.open(child, "b") == 3); // a copy leaves out what was reserved
    put_unused_fd(s.k, s.init, 3);
    CHECK(s.open(s.init, "b") == 3);
    CHECK(s.k.violations.empty());
}

TEST_CASE("a file that cannot be made gives its number back", "[files]") {
    file_stage s("v6.15");
    request r = s.call(operation::open, {}, "a");
    r.fails = fault::file_memory;
    CHECK(s.result_of(s.init, r) == -ENOMEM);
    CHECK(s.open(s.init, "a") == 3);
}

TEST_CASE("fork copies the table, CLONE_FILES shares it, unshare ends the sharing", "[files]") {
    file_stage s("v6.15");
    const task_id sharer = s.fork(s.init, "sharer"); // from a task that has no table of its own yet
    s.open(s.init, "a");
    CHECK(s.has_fd(sharer, "a"));
    const task_id copier = s.lone_fork(s.init, "copier");
    CHECK(s.refs_of(s.init, "a") == 2);
    s.close(s.init, "a");
    CHECK_FALSE(s.has_fd(sharer, "a"));
    CHECK(s.has_fd(copier, "a"));

    s.open(s.init, "b");
    CHECK(s.result_of(sharer, s.call(operation::unshare_files)) == 0);
    CHECK(s.refs_of(s.init, "b") == 2);
    s.open(sharer, "c");
    CHECK_FALSE(s.has_fd(s.init, "c"));
    CHECK(s.k.violations.empty());
}

TEST_CASE("the last task of a table closes what is open", "[files]") {
    file_stage s("v6.15");
    const task_id a = s.lone_fork(s.init, "a");
    s.open(a, "x");
    s.open(a, "y");
    const task_id b = s.fork(a, "b");
    s.exit(a);
    CHECK(s.k.w.open_files.count() == 2);
    CHECK(s.has_fd(b, "x"));
    s.exit(b);
    CHECK(s.k.w.open_files.count() == 0);
    CHECK(s.k.w.fd_tables.count() == 0);
    CHECK(s.k.violations.empty());
}

TEST_CASE("close-on-exec acts at exec only, on the caller's own copy of a shared table", "[files]") {
    for (const char* preset : {"v5.0", "v6.15"}) {
        file_stage s(preset);
        s.open(s.init, "keep");
        s.open(s.init, "close", open_cloexec);
        const task_id child = s.fork(s.init, "child");
        request r = s.call(operation::set_cloexec, "keep");
        r.value = 1;
        CHECK(s.result_of(child, r) == 0);
        r.value = 0;
        CHECK(s.result_of(child, r) == 0);
        CHECK(s.result_of(child, s.call(operation::set_cloexec, "gone")) == -EBADF);
        CHECK(s.has_fd(child, "close"));
        s.result_of(child, s.call(operation::exec));
        CHECK_FALSE(s.has_fd(child, "close"));
        CHECK(s.has_fd(child, "keep"));
        CHECK(s.has_fd(s.init, "close"));
        CHECK(s.refs_of(s.init, "keep") == 2);
        CHECK(s.k.violations.empty());
    }
}

TEST_CASE("a listener lives as long as any fd of it", "[files]") {
    file_stage s("v6.15");
    const task_id w = s.worker();
    CHECK(s.dup(s.init, "L", "L2") == 4);
    const filter_id f = s.k.w.tasks[w].filter;
    s.close(s.init, "L");
    CHECK(s.k.w.filters[f].notif);
    s.close(s.init, "L2");
    CHECK_FALSE(s.k.w.filters[f].notif);
    CHECK(s.k.w.open_files.count() == 0);
    CHECK(s.k.violations.empty());
}

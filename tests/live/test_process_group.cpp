// Whatever way a program, its keeper or its owner ends, nothing of it is left.
#include "sim/live/lab/process_group.hpp"

#include "tests/scenario/scratch_folder.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <thread>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace seccomp_sim;
using namespace seccomp_sim::live;
using namespace std::chrono_literals;

namespace {

command shell(const std::string& script) {
    command what;
    what.argv = {"sh", "-c", script};
    return what;
}

process_group started(const command& what) {
    auto group = process_group::start(what);
    if (!group)
        FAIL(to_text(group.error()));
    return std::move(*group);
}

/// Waits for what happens soon or never.
template <class F>
bool soon(F holds) {
    for (int i = 0; i < 500; ++i) {
        if (holds())
            return true;
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

bool alive(const std::string& pid) {
    return !pid.empty() && ::kill(std::stoi(pid), 0) == 0;
}

} // namespace

TEST_CASE("a program's end is told as its wait status", "[process-group]") {
    process_group good = started(shell("exit 0"));
    CHECK(good.wait() == 0);
    process_group bad = started(shell("exit 7"));
    const auto status = bad.wait(10s);
    REQUIRE(status);
    CHECK(wait_status_text(*status) == "exit status 7");
    CHECK(bad.wait() == status);
    process_group killed = started(shell("kill -SEGV $$"));
    CHECK(wait_status_text(killed.wait().value_or(0)) == "killed by SIGSEGV");
}

TEST_CASE("a program that is not there is an error", "[process-group]") {
    const auto group = process_group::start({{"no-such-program-here"}, "", {}, {}, {}, "", false});
    REQUIRE_FALSE(group);
    CHECK(to_text(group.error()) == "no-such-program-here cannot be started: No such file or directory");
    command elsewhere = shell("true");
    elsewhere.folder = "/no/such/folder";
    CHECK_FALSE(process_group::start(elsewhere));
}

TEST_CASE("the wait has a limit, and stopping ends what the program started", "[process-group]") {
    const scratch_folder folder;
    command what = shell(
        "sleep 1000 & echo $! >child; setsid sh -c 'echo $$ >escaped; exec sleep 1000' & echo up >up; wait");
    what.folder = folder.path();
    process_group group = started(what);
    REQUIRE(soon([&] { return !folder.read("up").empty() && !folder.read("escaped").empty(); }));
    CHECK_FALSE(group.wait(20ms));
    const std::string child = folder.read("child");
    const std::string escaped = folder.read("escaped");
    CHECK(alive(child));
    group.stop();
    CHECK_FALSE(alive(child));
    CHECK_FALSE(alive(escaped));
    CHECK(::kill(group.pid(), 0) != 0);
}

TEST_CASE("what a program leaves running when it ends is ended", "[process-group]") {
    const scratch_folder folder;
    command what = shell("sleep 1000 & echo $! >child");
    what.folder = folder.path();
    process_group group = started(what);
    CHECK(group.wait() == 0);
    CHECK(soon([&] { return !alive(folder.read("child")); }));
}

TEST_CASE("only the descriptors that are named get through", "[process-group]") {
    const scratch_folder folder;
    const scenario::file_descriptor secret = scenario::open_file("/dev/null", 0);
    ::dup2(secret.get(), 77); // not close-on-exec
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    command what = shell("ls /proc/self/fd >fds; echo through >&5");
    what.folder = folder.path();
    what.descriptors = {{ends[1], 5}};
    process_group group = started(what);
    CHECK(group.wait() == 0);
    ::close(77);
    char text[16] = {};
    CHECK(::read(ends[0], text, sizeof text) == 8);
    CHECK(folder.read("fds").find("77") == std::string::npos);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_CASE("the scratch folder goes with the program", "[process-group]") {
    const scratch_folder folder;
    folder.write("kept", "");
    std::filesystem::create_directories(folder / "scratch/deep");
    command what = shell("touch scratch/deep/file");
    what.folder = folder.path();
    what.scratch = folder / "scratch";
    SECTION("always") {
        started(what).wait();
        CHECK_FALSE(std::filesystem::exists(what.scratch));
    }
    SECTION("only when it was abandoned") {
        what.keep_scratch_unless_abandoned = true;
        started(what).wait();
        CHECK(std::filesystem::exists(folder / "scratch/deep/file"));
    }
    CHECK(std::filesystem::exists(folder / "kept"));
}

TEST_CASE("an owner that is killed takes the program along", "[process-group]") {
    const scratch_folder folder;
    std::filesystem::create_directories(folder / "scratch");
    const int signal = GENERATE(SIGKILL, SIGINT, SIGTERM);
    const pid_t owner = ::fork();
    if (owner == 0) {
        for (int s : {SIGINT, SIGTERM})
            ::signal(s, SIG_DFL);
        command what = shell("trap '' INT TERM HUP; sleep 1000 & echo $! >child; echo $$ >up; wait");
        what.folder = folder.path();
        what.scratch = folder / "scratch";
        what.keep_scratch_unless_abandoned = true;
        auto group = process_group::start(what);
        ::pause();
        ::_exit(group ? 0 : 1);
    }
    REQUIRE(soon([&] { return !folder.read("up").empty(); }));
    const std::string program = folder.read("up");
    const std::string child = folder.read("child");
    CHECK(alive(program));
    ::kill(owner, signal);
    ::waitpid(owner, nullptr, 0);
    CHECK(soon([&] { return !alive(program) && !alive(child); }));
    CHECK(soon([&] { return !std::filesystem::exists(folder / "scratch"); }));
}

TEST_CASE("a keeper that is killed takes the program along", "[process-group]") {
    const scratch_folder folder;
    command what = shell("echo $PPID >keeper; exec sleep 1000");
    what.folder = folder.path();
    process_group group = started(what);
    REQUIRE(soon([&] { return folder.read("keeper").ends_with('\n'); }));
    ::kill(std::stoi(folder.read("keeper")), SIGKILL);
    CHECK(wait_status_text(group.wait(10s).value_or(0)) == "killed by SIGKILL");
    CHECK(soon([&] { return ::kill(group.pid(), 0) != 0; }));
}

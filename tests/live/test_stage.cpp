// Where tasks live, on the running kernel: one init after the other, and nothing that stays.
#include "sim/live/cannot_run.hpp"
#include "sim/live/stage.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <fstream>
#include <memory>
#include <sched.h>
#include <string>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace seccomp_sim::live;

namespace {

/// Has the task in a slot make a call, and waits for its value.
std::int64_t call(const stage& place, std::size_t index, command_kind kind, std::int64_t number,
                  std::initializer_list<std::int64_t> arguments, std::uint64_t child = 0) {
    slot& s = place.slot_at(index);
    s.kind = kind;
    s.number = number;
    std::copy(arguments.begin(), arguments.end(), s.arguments);
    s.child = child;
    give_command(s);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!has_obeyed(s)) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        ::sched_yield();
    }
    return s.result;
}

std::string children_of(pid_t task) {
    const std::string pid = std::to_string(task);
    std::ifstream in("/proc/" + pid + "/task/" + pid + "/children");
    std::string text;
    std::getline(in, text);
    return text;
}

std::unique_ptr<stage> stage_used_again() {
    stage::options asked;
    asked.slots = 2;
    asked.used = stage::use::again;
    try {
        return std::make_unique<stage>(asked);
    } catch (const cannot_run& why) {
        WARN("no pid namespaces here: " << why.what());
        return nullptr;
    }
}

} // namespace

TEST_CASE("A stage that is used again begins with nobody and nothing from before", "[live]") {
    std::unique_ptr<stage> place = stage_used_again();
    if (!place)
        return;
    CHECK(place->shares_memory());
    const pid_t first = place->init();
    const auto its_stack = static_cast<std::int64_t>(slot_address(2));
    CHECK(call(*place, 0, command_kind::birth, SYS_clone, {CLONE_VM | SIGCHLD, its_stack}, 1) == 2);
    CHECK(call(*place, 1, command_kind::call, SYS_getpid, {}) == 2);
    CHECK_FALSE(children_of(first).empty());
    CHECK(::send(place->socket(), "x", 1, 0) == 1);
    CHECK(call(*place, 0, command_kind::call, SYS_getpid, {}) == 1);

    place->begin_anew();
    CHECK(place->init() != first);
    CHECK((::kill(first, 0) == -1 && errno == ESRCH));
    CHECK(children_of(place->init()).empty());
    CHECK(call(*place, 0, command_kind::call, SYS_getpid, {}) == 1);
    const auto buffer = static_cast<std::int64_t>(slot_address(0) + offsetof(slot, data));
    CHECK(call(*place, 0, command_kind::call, SYS_recvfrom, {socket_fd, buffer, 1, MSG_DONTWAIT, 0, 0}) ==
          -EAGAIN);

    place.reset();
    CHECK((::waitpid(-1, nullptr, WNOHANG | __WALL) == -1 && errno == ECHILD));
}

// The nearest name is the one that a person would guess, and none when there is nothing to guess.
#include "sim/scenario/nearest_name.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

#include <array>
#include <vector>

using namespace seccomp_sim::scenario;

namespace {

std::string nearest(std::string_view word, std::vector<std::string_view> candidates) {
    return nearest_name(word, candidates).value_or("-");
}

} // namespace

TEST_CASE("one slip finds the name", "[nearest]") {
    const std::vector<std::string_view> names = {"fork", "exit", "exit_group", "seccomp", "send_fd", "wait"};
    CHECK(nearest("frok", names) == "fork");
    CHECK(nearest("exitt", names) == "exit");
    CHECK(nearest("exit-group", names) == "exit_group");
    CHECK(nearest("secomp", names) == "seccomp");
    CHECK(nearest("sendfd", names) == "send_fd");
    CHECK(nearest("WAIT", names) == "wait");
}

TEST_CASE("nothing is guessed from too little", "[nearest]") {
    CHECK(nearest("clone", {"fork", "exit"}) == "-");
    CHECK(nearest("ab", {"cd", "ac"}) == "-");
    CHECK(nearest("", {"a"}) == "-");
    CHECK(nearest("fork", {}) == "-");
    CHECK(nearest("fork", {"fork", "forks"}) == "-");
    CHECK(nearest("do", {"DO"}) == "DO");
}

TEST_CASE("between equals case decides, then the order", "[nearest]") {
    CHECK(nearest("Workr", {"worker", "Worker"}) == "Worker");
    CHECK(nearest("task1", {"task2", "task3"}) == "task2");
    CHECK(nearest("task1", {"task3", "task2"}) == "task3");
}

TEST_CASE("a third of the longer name may differ", "[nearest]") {
    CHECK(nearest("abcdef", {"abcdxy"}) == "abcdxy");
    CHECK(nearest("abcdef", {"abcxyz"}) == "-");
    CHECK(nearest("abc", {"abx"}) == "abx");
}

TEST_CASE("the work is bounded", "[nearest]") {
    const std::string huge(1 << 20, 'x');
    CHECK(nearest(huge, {huge.substr(1)}) == "-");
    CHECK(nearest("xxx", {huge, "xxy"}) == "xxy");
    const std::vector<std::string_view> many(1'000'000, "abcdefgh");
    CHECK(nearest("abcdefgx", many) == "abcdefgh");
}

TEST_CASE("one edit of a long name is always undone", "[nearest][property]") {
    constexpr std::array<std::string_view, 4> names = {"defaultAction", "concurrently", "listener",
                                                       "exit_group"};
    rc::prop("erase, insert, replace or swap", [&] {
        const std::string_view name = *rc::gen::elementOf(names);
        const auto at = *rc::gen::inRange<std::size_t>(0, name.size() - 1);
        std::string word(name);
        switch (*rc::gen::inRange(0, 4)) {
        case 0:
            word.erase(at, 1);
            break;
        case 1:
            word.insert(at, 1, '#');
            break;
        case 2:
            word[at] = '#';
            break;
        default:
            std::swap(word[at], word[at + 1]);
            break;
        }
        RC_PRE(word != name);
        RC_ASSERT(nearest_name(word, names) == std::string(name));
    });
}

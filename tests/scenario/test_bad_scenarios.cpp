// What cannot be run is refused with one message: where it is, what was found, and what would have done.
#include "tests/scenario/scenario_text.hpp"

#include <catch2/catch.hpp>

using seccomp_sim::to_text;
using seccomp_sim::scenario::read_scenario;

namespace {

constexpr std::string_view born = R"({"task": "init", "do": "fork", "child": "a"})";

// The message about a step that follows the birth of `a`, without its place.
std::string told_then(std::string_view step) {
    const std::string text = told(std::string(born) + ",\n" + std::string(step));
    const std::size_t message = text.find(": ", text.find('/'));
    return message == std::string::npos ? text : text.substr(message + 2);
}

bool mentions(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a mistake is told with its place, once", "[bad]") {
    CHECK(told(R"({"task": "inti", "do": "exec"})") ==
          R"(2:10: /steps/0/task: "inti" is no task that an earlier step has made; expected init; )"
          R"(did you mean "init"?)");
}

TEST_CASE("a step is one thing", "[bad]") {
    CHECK(mentions(told(R"({"task": "init", "do": "exec", "expect": {}})"),
                   R"(a step with both "do" and "expect")"));
    CHECK(mentions(told(R"({"task": "init", "doo": "exec"})"), R"(is "doo" a slip for "do"?)"));
    CHECK(mentions(told(R"("x")"), "expected a step, which is an object"));
    CHECK(mentions(told(""), "a scenario without steps"));
}

TEST_CASE("unknown names are told with the nearest one", "[bad]") {
    CHECK(mentions(told_then(R"({"task": "a", "do": "frok"})"), R"(did you mean "fork"?)"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "seccomp", "filter": "wacth"})"),
                   R"(did you mean "watch"?)"));
    CHECK(
        mentions(told_then(R"({"task": "a", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTNER"]})"),
                 R"(did you mean "NEW_LISTENER"?)"));
    CHECK(mentions(
        told_then(
            R"({"task": "a", "do": "seccomp", "filter": "watch", "flags": ["SECCOMP_FILTER_FLAG_TSNYC"]})"),
        R"(did you mean "SECCOMP_FILTER_FLAG_TSYNC"?)"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "seccomp", "filter": "watch", "fault": "bad_ponter"})"),
                   R"(did you mean "bad_pointer"?)"));
    CHECK(mentions(told_then(R"({"task": "init", "do": "kill", "to": "a", "signal": "SIGKIL"})"),
                   R"(did you mean "SIGKILL"?)"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "syscall", "name": "getpidd"})"),
                   R"(did you mean "getpid"?)"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "exec", "returns": "EBUSSY"})"),
                   R"(did you mean "EBUSY"?)"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "exec", "on": ">=v5.8"})"), R"(did you mean "v5.)"));
    CHECK(mentions(told_then(R"({"expect": {"tasks": {"a": "zombi"}}})"), R"(did you mean "zombie"?)"));
    CHECK(mentions(told_then(R"({"expect": {"pol": {}}})"), R"(did you mean "poll"?)"));
    CHECK(mentions(told(born, R"("violates": "hup-tru", )"), R"(did you mean "hup-true"?)"));
    CHECK(mentions(told(born, R"("sumary": "", )"), R"(did you mean "summary"?)"));
    CHECK(mentions(told(born, R"("set": {"relese": "exit"}, )"), R"(did you mean "release"?)"));
}

TEST_CASE("missing and superfluous members", "[bad]") {
    CHECK(told_then(R"({"task": "init", "do": "fork", "chlid": "b"})") ==
          R"(a "fork" step lacks "child"; is "chlid" a slip for it?)");
    CHECK(mentions(told_then(R"({"task": "a", "do": "exec", "signal": 3})"),
                   R"(unknown key "signal" in an "exec" step)"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "seccomp"})"), R"(lacks "filter")"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "seccomp", "op": "GET_NOTIF_SIZES", "filter": "watch"})"),
                   "has no meaning"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "seccomp", "filter": "watch", "listener": "L"})"),
                   "NEW_LISTENER"));
}

TEST_CASE("wrong types and numbers out of range", "[bad]") {
    CHECK(mentions(told_then(R"({"task": 3, "do": "exec"})"), R"("task" is the number 3)"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "exit", "code": 256})"), "from 0 to 255"));
    CHECK(mentions(told_then(R"({"task": "init", "do": "kill", "to": "a", "signal": 0})"), "from 1 to 31"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "syscall", "name": "read", "args": [1,2,3,4,5,6,7]})"),
                   "a seventh argument"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "exec", "returns": [1]})"), "found an array of 1"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "exec", "returns": {}})"), "an empty object"));
    CHECK(mentions(told_then(R"({"expect": {}})"), "nothing is expected"));
    CHECK(mentions(told_then(R"({"expect": {"poll": {}}})"), "nothing is expected"));
}

TEST_CASE("a task is born once, and must be born", "[bad]") {
    CHECK(told_then(born) ==
          R"(the task "a" was born before, in line 2; expected a name of its own for each task)");
    CHECK(mentions(
        told_then(R"({"repeat": 2, "as": "i", "steps": [{"task": "init", "do": "fork", "child": "b"}]})"),
        R"(such as "b{i}")"));
    CHECK(
        mentions(told_then(R"({"task": "init", "do": "fork", "child": "init"})"), "is there from the start"));
    CHECK(mentions(told_then(R"({"task": "init", "do": "wait", "for": "b"})"), R"("b" is no task)"));
}

TEST_CASE("names that mean something else", "[bad]") {
    for (const std::string name : {"rcu", "any", "ok", "dies", "EBUSY"})
        CHECK(mentions(told_then(R"({"task": "init", "do": "fork", "child": ")" + name + "\"}"),
                       "means something else"));
    CHECK(mentions(told_then(R"({"task": "rcu", "do": "exec"})"), R"("rcu" is no task)"));
    CHECK(mentions(told_then(R"({"task": "init", "do": "fork", "child": "a b"})"), "is no name"));
    CHECK(mentions(told_then(R"({"task": "init", "do": "fork", "child": ")" + std::string(65, 'x') + "\"}"),
                   "longer than 64 bytes"));
    CHECK(mentions(told_then(R"({"task": "init", "do": "close", "fd": "a"})"),
                   "is no fd that an earlier step has made, but a task"));
    CHECK(told(born, R"("filters": {"any": {"allow": 1}}, )") == "accepted");
}

TEST_CASE("init cannot end", "[bad]") {
    CHECK(mentions(told_then(R"({"task": "init", "do": "exit"})"), R"("init" cannot exit)"));
    CHECK(mentions(
        told_then(R"({"task": "init", "do": "thread", "child": "t"}, {"task": "t", "do": "exit_group"})"),
        R"(the process of "init" cannot exit)"));
    CHECK(told_then(R"({"task": "init", "do": "thread", "child": "t"}, {"task": "t", "do": "exit"})") ==
          "accepted");
}

TEST_CASE("blocks and their schedules", "[bad]") {
    CHECK(mentions(
        told_then(R"({"concurrently": [[{"task": "a", "do": "exec"}], [{"task": "a", "do": "exec"}]]})"),
        R"(the task "a" is in two branches)"));
    CHECK(mentions(told_then(R"({"concurrently": [[{"task": "c", "do": "exec"}]]})"), R"("c" is no task)"));
    CHECK(mentions(told_then(R"({"concurrently": []})"), "no branches"));
    CHECK(mentions(told_then(R"({"concurrently": [[]]})"), "a branch without calls"));
    CHECK(mentions(told_then(R"({"concurrently": [[{"expect": {"warnings": 0}}]]})"),
                   R"("expect" inside a branch)"));
    const auto schedule = [](std::string_view entry) {
        return told_then(R"({"concurrently": [[{"task": "a", "do": "exec"}]], "schedule": [")" +
                         std::string(entry) + "\"]}");
    };
    CHECK(schedule("a: entry/call") == "accepted");
    CHECK(schedule("a: entry/cal") == R"("entry/cal" is no label of a yield; did you mean "entry/call"?)");
    CHECK(mentions(schedule("entry/call"), "is no entry of a schedule"));
    CHECK(mentions(schedule("b: entry/call"), R"("b" is no task)"));
    CHECK(mentions(schedule("a: "), "is no label"));
}

TEST_CASE("steps' names", "[bad]") {
    CHECK(mentions(
        told_then(R"({"task": "a", "do": "exec", "at": "x"}, {"task": "a", "do": "exec", "at": "x"})"),
        R"(another step is named "x")"));
    CHECK(mentions(told_then(R"({"task": "a", "do": "exec", "at": "12"})"), "cannot name a step"));
}

TEST_CASE("another format", "[bad]") {
    const auto with = [](std::string_view text) {
        const auto read = read_scenario(text, "f");
        return read ? "accepted" : to_text(read.error());
    };
    CHECK(mentions(with(R"({"schema": "seccomp-sim/scenario/2"})"), "is no format that can be read"));
    CHECK(with(R"({"name": "x"})") ==
          R"(f:1:1: a scenario lacks "schema"; expected "seccomp-sim/scenario/1")");
    CHECK(mentions(with("[]"), "expected a scenario, which is an object"));
    CHECK(mentions(with(R"({"schema": "seccomp-sim/scenario/1", "name": "A b", "steps": []})"),
                   "cannot name a scenario"));
    CHECK(mentions(with("{"), "f:1:2"));
}

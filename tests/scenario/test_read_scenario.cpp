// Scenarios become data: names are numbers, constraints are shared, what a step leaves out has its default.
#include "tests/scenario/scenario_text.hpp"

#include "seccomp_sim/file.hpp"
#include "seccomp_sim/filter.hpp"

#include <catch2/catch.hpp>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

constexpr std::string_view born = R"({"task": "init", "do": "fork", "child": "a"},)";
constexpr std::string_view listening =
    R"({"task": "init", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"},)";

template <class T>
const T& observation_at(const scenario_data& s, std::size_t step, std::size_t number = 0) {
    return std::get<T>(std::get<expect_step>(s.steps.at(step).what).observations.at(number).what);
}

std::span<const outcome_case> outcomes_of(const scenario_data& s, std::size_t step) {
    return s.outcomes_of(call_at(s, step).returns);
}

} // namespace

TEST_CASE("the outermost members of a scenario", "[scenario]") {
    const auto s = scenario_with(R"({"task": "init", "do": "exec"})", R"(
        "$schema": "x", "summary": "S", "source": "T", "note": "N", "on": ">=v5.9", "seed": 18446744073709551615,
        "set": {"release": "exit"}, "violates": {"<v5.9": "hup-true", ">=v5.9": "no-leak"},
        "live_kernel": {"skip": "needs luck"}, )");
    CHECK(s.name == "test");
    CHECK(s.summary == "S");
    CHECK(s.source == "T");
    CHECK(s.note == "N");
    CHECK(s.seed == 18446744073709551615U);
    CHECK(s.live_skip == "needs luck");
    REQUIRE(s.set.size() == 1);
    const chosen_kernel newest = choose(parse_preset("v6.2").value(), s.set);
    CHECK(newest.choices.release == release_point::exit);
    const applicability applies(s, newest);
    CHECK(applies(s.on));
    CHECK(applies.violation_of(s) == invariant::no_leak);
    CHECK_FALSE(applicability(s, choose(0))(s.on));
}

TEST_CASE("init and rcu have the first names", "[scenario]") {
    const auto s = scenario_with(R"({"task": "init", "do": "exec", "note": "n", "at": "here"})");
    CHECK(s.name_of(scenario_data::init()) == "init");
    CHECK(s.name_of(scenario_data::rcu()) == "rcu");
    CHECK(s.text_of(s.steps[0].info.note) == "n");
    CHECK(s.verb_of(s.steps[0].info) == "exec");
    CHECK(s.place_of(s.steps[0]).line == 2);
    CHECK(s.place_of(s.steps[0]).pointer == "/steps/0");
}

TEST_CASE("steps are found by name and by number", "[scenario]") {
    const auto s = scenario_with(std::string(born) + R"({"task": "a", "do": "exec", "at": "execs"})");
    CHECK(s.find_step("execs").value() == 1);
    CHECK(s.find_step("1").value() == 0);
    CHECK(to_text(s.find_step("3").error()) == "f.json: there is no step 3; expected 1 to 2");
    CHECK(to_text(s.find_step("exces").error()).find(R"(did you mean "execs"?)") != std::string::npos);
}

TEST_CASE("filters are programs with numbers", "[scenario]") {
    const auto s = scenario_with(
        R"({"task": "init", "do": "seccomp", "filter": "b"}, {"task": "init", "do": "prctl_seccomp", "mode": "filter", "filter": "a"})",
        R"("filters": {"a": {"allow": 3}, "b": {"bpf": [[6, 0, 0, 2147418112]]}}, )");
    REQUIRE(s.filters.size() == 2);
    CHECK(s.filters[0].program.classic().size() == 3);
    CHECK(call_at(s, 0).asked.program == program_id{1});
    CHECK(call_at(s, 1).asked.program == program_id{0});
}

TEST_CASE("an installed filter is called what the step says, or as the filter, with a number", "[scenario]") {
    const auto s = scenario_with(R"({"task": "init", "do": "seccomp", "filter": "watch"},
        {"task": "init", "do": "seccomp", "filter": "watch", "as": "mine"},
        {"task": "init", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"]},
        {"task": "init", "do": "seccomp", "filter": "watch", "flags": 8, "listener": "L"},
        {"expect": {"counters": {"watch": {"live": 1}, "mine": "freed", "watch#2": {"usage": 1}},
                    "poll": {"watch-listener": []}}})");
    const auto object = [&](std::size_t step) { return s.name_of(call_at(s, step).asked.as); };
    CHECK(object(0) == "watch");
    CHECK(object(1) == "mine");
    CHECK(object(2) == "watch#2");
    CHECK(object(3) == "watch#3");
    CHECK(s.name_of(call_at(s, 2).asked.fd) == "watch-listener");
    CHECK(s.name_of(call_at(s, 3).asked.fd) == "L");
    CHECK(observation_at<expect_counters>(s, 4, 0).live == 1);
    CHECK_FALSE(observation_at<expect_counters>(s, 4, 0).usage);
    CHECK(observation_at<expect_counters>(s, 4, 1).freed);
}

TEST_CASE("what a call returns is a number, an error, a word or a name", "[scenario]") {
    const auto s = scenario_with(std::string(born) + std::string(listening) + R"(
        {"task": "init", "do": "wait", "returns": "a"}, {"task": "init", "do": "close", "fd": "L", "returns": "EBADF"},
        {"task": "init", "do": "open", "as": "a", "returns": "a"}, {"task": "init", "do": "exec", "returns": -16},
        {"task": "init", "do": "exec", "returns": "dies"}, {"task": "init", "do": "exec", "returns": 7},
        {"task": "init", "do": "exec", "returns": {"<v5.9": "blocks", ">=v5.9": "ok"}})");
    const auto only = [&](std::size_t step) { return outcomes_of(s, step).front().expected; };
    CHECK(only(2) == outcome{0, s.names.find("a"), outcome_kind::pid_of});
    CHECK(only(3) == outcome{9, {}, outcome_kind::error});
    CHECK(only(4) == outcome{0, s.names.find("a"), outcome_kind::fd_of}); // open makes an fd
    CHECK(only(5) == outcome{16, {}, outcome_kind::error});
    CHECK(only(6).kind == outcome_kind::dies);
    CHECK(only(7) == outcome{7, {}, outcome_kind::value});
    REQUIRE(outcomes_of(s, 8).size() == 2);
    CHECK(applicability(s, choose(0)).choose(outcomes_of(s, 8))->expected.kind == outcome_kind::blocks);
    CHECK(applicability(s, choose(3)).choose(outcomes_of(s, 8))->expected.kind == outcome_kind::ok);
    CHECK(outcomes_of(s, 0).empty());
}

TEST_CASE("everything that can be expected", "[scenario]") {
    const auto s = scenario_with(std::string(born) + std::string(listening) +
                                 R"({"task": "init", "do": "open", "as": "f"}, {"expect": {
        "poll": {"L": ["IN", "EPOLLHUP"], "f": "closed"}, "tasks": {"a": "zombie"},
        "returned": {"a": "EINTR"}, "blocked": ["a"], "woken": [], "parent": {"a": "init"},
        "seccomp": {"a": {"mode": 2, "filters": 1}}, "fds": {"init": ["L"]}, "fd_count": {"a": 0},
        "notifications": {"L": [{"task": "a", "state": "SENT"}]}, "exit_code": {"a": "SIGKILL"},
        "received": {"init": {"task": "a", "pid": "a"}}, "warnings": 0, "leaked": 2}})");
    CHECK(std::get<expect_step>(s.steps.at(3).what).observations.size() == 15);
    CHECK(observation_at<expect_poll>(s, 3, 1).closed);
    CHECK(observation_at<expect_leaked>(s, 3, 14).count == 2);
}

TEST_CASE("observations carry what is expected", "[scenario]") {
    const auto s = scenario_with(std::string(born) + std::string(listening) + R"({"expect": {
        "poll": {"L": ["IN", "EPOLLHUP"]}, "tasks": {"a": "zombie"}, "exit_code": {"a": 3}}},
        {"expect": {"notifications": {"L": [{"task": "a", "state": "SENT"}]}, "blocked": ["a", "init"]}})");
    CHECK(observation_at<expect_poll>(s, 2, 0).events == (poll_event::in | poll_event::hup));
    CHECK(observation_at<expect_task>(s, 2, 1).condition == task_condition::zombie);
    CHECK(observation_at<expect_exit_code>(s, 2, 2).code == 3 << 8);
    CHECK(observation_at<expect_notifications>(s, 3, 0).entries.at(0).state == notify_state::sent);
    CHECK(observation_at<expect_blocked>(s, 3, 1).tasks.size() == 2);
}

TEST_CASE("concurrent calls may name what the other branches make", "[scenario]") {
    const auto s = scenario_with(std::string(born) + R"(
        {"concurrently": [[{"task": "b", "do": "exit", "note": "gone"}],
                          [{"task": "init", "do": "fork", "child": "b"}, {"task": "init", "do": "wait"}]],
         "schedule": ["init: entry/call", "rcu: entry/call"], "seed": 5})");
    const auto& block = std::get<concurrent_step>(s.steps.at(1).what);
    REQUIRE(block.branches.size() == 2);
    CHECK(s.text_of(block.branches[0][0].info.note) == "gone");
    CHECK(block.branches[1].size() == 2);
    REQUIRE(block.schedule->size() == 2);
    CHECK(label_name(block.schedule->front().label) == "entry/call");
    CHECK(block.schedule->back().task == scenario_data::rcu());
    CHECK(block.seed == 5);
    CHECK(s.verb_of(s.steps[1].info) == "concurrently");
}

TEST_CASE("a thread's process may be born further down in its block", "[scenario]") {
    std::string many(born); // names enough that the last ones lie beyond what was laid out for the first
    for (int i = 0; i < 40; ++i)
        many += R"({"task": "init", "do": "open", "as": "f)" + std::to_string(i) + R"("},)";
    const auto s = scenario_with(many + R"({"concurrently": [[{"task": "late", "do": "thread", "child": "t"}],
                                                            [{"task": "a", "do": "fork", "child": "late"}]]})");
    CHECK(std::get<concurrent_step>(s.steps.back().what).branches.size() == 2);
}

TEST_CASE("a name may be born once on each kernel", "[scenario]") {
    CHECK(told(R"({"task": "init", "do": "fork", "child": "a", "on": "<v5.9"},
                  {"task": "init", "do": "thread", "child": "a", "on": ">=v5.9"})") == "accepted");
    CHECK(told(R"({"task": "init", "do": "fork", "child": "a", "returns": "EINTR"},
                  {"expect": {"tasks": {"a": "gone"}}},
                  {"task": "init", "do": "fork", "child": "a"})") == "accepted");
}

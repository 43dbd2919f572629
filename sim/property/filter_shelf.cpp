// The filters that generated tasks install.
#include "sim/property/filter_shelf.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <array>

namespace seccomp_sim::property {

namespace {

constexpr std::string_view filters_text = R"({
    "watch": {"defaultAction": "SCMP_ACT_ALLOW",
              "syscalls": [{"names": ["getppid"], "action": "SCMP_ACT_NOTIFY"}]},
    "watch-open": {"defaultAction": "SCMP_ACT_ALLOW",
                   "syscalls": [{"names": ["openat", "dup", "getuid"], "action": "SCMP_ACT_NOTIFY"}]},
    "watch-exit": {"defaultAction": "SCMP_ACT_ALLOW",
                   "syscalls": [{"names": ["exit", "exit_group", "execve"], "action": "SCMP_ACT_NOTIFY"}]},
    "allow": {"defaultAction": "SCMP_ACT_ALLOW"},
    "deny": {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["getppid", "getuid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]},
    "mortal": {"defaultAction": "SCMP_ACT_ALLOW",
               "syscalls": [{"names": ["getgid"], "action": "SCMP_ACT_KILL_THREAD"},
                            {"names": ["getegid"], "action": "SCMP_ACT_KILL_PROCESS"}]},
    "signals": {"defaultAction": "SCMP_ACT_ALLOW",
                "syscalls": [{"names": ["geteuid"], "action": "SCMP_ACT_TRAP"},
                             {"names": ["getpgrp"], "action": "SCMP_ACT_TRACE", "errnoRet": 7},
                             {"names": ["getsid"], "action": "SCMP_ACT_LOG"}]}
  })";

// getppid, getuid, getgid, getegid, geteuid, getpgrp, getsid, gettid, pause
constexpr auto calls = std::to_array<std::int32_t>({110, 102, 104, 108, 107, 111, 124, 186, 34});

filter_shelf make_shelf() {
    const std::string text = R"({"schema": "seccomp-sim/scenario/1", "name": "shelf", "filters": )" +
                             std::string(filters_text) +
                             R"(, "steps": [{"task": "init", "do": "set_no_new_privs"}]})";
    scenario::scenario read = scenario::value_or_throw(scenario::read_scenario(text, "shelf"));
    return {std::move(read.filters), std::move(read.names), std::string(filters_text)};
}

} // namespace

const filter_shelf& shelf() {
    static const filter_shelf made = make_shelf();
    return made;
}

std::span<const std::int32_t> shelf_calls() {
    return calls;
}

} // namespace seccomp_sim::property

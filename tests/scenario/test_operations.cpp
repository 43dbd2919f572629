// Each operation becomes the request that the kernel-model expects, and looks to filters like the call it is.
#include "tests/scenario/scenario_text.hpp"

#include "seccomp_sim/file.hpp"
#include "seccomp_sim/filter.hpp"
#include "seccomp_sim/seccomp_action.hpp"
#include "seccomp_sim/task.hpp"
#include "sim/scenario/operation_table.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

constexpr std::string_view before = R"(
    {"task": "init", "do": "fork", "child": "a"}, {"task": "init", "do": "open", "as": "f"},
    {"task": "init", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"},
    {"task": "init", "do": "recv", "fd": "L", "as": "n"}, )";

// The request of a step of init, whose members these are.
request asked(std::string_view members) {
    const auto s = scenario_with(std::string(before) + R"({"task": "init", )" + std::string(members) + "}");
    return call_at(s, s.steps.size() - 1)
    .asked;
}

} // namespace

TEST_CASE("births", "[operations]") {
    CHECK(asked(R"("do": "fork", "child": "c")").flags == 0);
    CHECK(asked(R"("do": "fork", "child": "c")").system_call == 56);
    CHECK(asked(R"("do": "fork", "child": "c")").args[0] == 17);
    CHECK(asked(R"("do": "fork", "child": "c", "flags": ["CLONE_PARENT", "NEWPID"])").flags ==
          (clone_flag::parent | clone_flag::new_pid));
    const request vfork = asked(R"("do": "vfork", "child": "c", "flags": ["FILES"])");
    CHECK(vfork.flags == (clone_flag::vfork | clone_flag::vm | clone_flag::files));
    CHECK(vfork.system_call == 58);
    CHECK(asked(R"("do": "thread", "child": "c")").flags ==
          (clone_flag::thread | clone_flag::vm | clone_flag::files));
    CHECK(asked(R"("do": "clone", "child": "c", "flags": ["THREAD", "VM"])").args[0] ==
          (clone_flag::thread | clone_flag::vm));
}

TEST_CASE("signals and waiting", "[operations]") {
    CHECK(asked(R"("do": "kill", "to": "a", "signal": "SIGKILL")").number == 9);
    CHECK(asked(R"("do": "kill", "to": "a", "signal": "TERM")").args[1] == 15);
    CHECK(asked(R"("do": "tgkill", "to": "a", "signal": 10)").args[2] == 10);
    const request action =
        asked(R"("do": "sigaction", "signal": "CHLD", "action": "ignore", "flags": ["SA_NOCLDWAIT"])");
    CHECK(action.number == 17);
    CHECK(action.value == 1);
    CHECK(action.flags == 2);
    const request mask = asked(R"("do": "sigprocmask", "how": "set", "signals": ["HUP", 2])");
    CHECK(mask.value == 2);
    CHECK(mask.events == 3);
    CHECK_FALSE(asked(R"("do": "wait")").target);
    CHECK_FALSE(asked(R"("do": "wait", "for": "any")").target);
    CHECK(asked(R"("do": "wait", "for": "a", "options": ["WNOHANG", "WCONTINUED"])").flags == 9);
}

TEST_CASE("what a task can be set to", "[operations]") {
    CHECK(asked(R"("do": "unshare", "what": "files")").op == operation::unshare_files);
    CHECK(asked(R"("do": "unshare", "what": "pid_ns")").op == operation::unshare_pid_ns);
    CHECK(asked(R"("do": "unshare", "what": "files")").value == 0);
    CHECK(asked(R"("do": "set_child_subreaper")").value == 1);
    CHECK(asked(R"("do": "set_child_subreaper", "value": false)").value == 0);
    CHECK(asked(R"("do": "set_no_new_privs")").args[0] == 38);
    CHECK(asked(R"("do": "setrlimit_nofile", "soft": 4)").value == 4);
}

TEST_CASE("seccomp, by both ways in", "[operations]") {
    const request install =
        asked(R"("do": "seccomp", "filter": "watch", "flags": ["TSYNC", "SECCOMP_FILTER_FLAG_LOG"],
                                     "fault": "filter_memory")");
    CHECK(install.value == 1);
    CHECK(install.flags == 3);
    CHECK(install.args[1] == 3);
    CHECK(install.fails == fault::filter_memory);
    CHECK(asked(R"("do": "seccomp", "op": "SET_MODE_STRICT")").value == 0);
    const request avail =
        asked(R"("do": "seccomp", "op": "SECCOMP_GET_ACTION_AVAIL", "action": "SCMP_ACT_TRAP")");
    CHECK(avail.value == 2);
    CHECK(avail.events == action_trap);
    CHECK(asked(R"("do": "seccomp", "op": "GET_NOTIF_SIZES")").value == 3);
    CHECK(asked(R"("do": "prctl_seccomp", "mode": "strict")").value == 1);
    CHECK(asked(R"("do": "prctl_seccomp", "mode": "filter", "filter": "watch")").system_call == 157);
}

TEST_CASE("a profile's flags count where a step gives none", "[operations]") {
    constexpr std::string_view filters =
        R"("filters": {"watch": {"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG"],
            "syscalls": [{"names": ["getppid"], "action": "SCMP_ACT_ERRNO"}]}}, )";
    const auto s = scenario_with(R"({"task": "init", "do": "seccomp", "filter": "watch"},
                                    {"task": "init", "do": "seccomp", "filter": "watch", "flags": []})",
                                 filters);
    CHECK(call_at(s, 0).asked.flags == install_flag::log);
    CHECK(call_at(s, 1).asked.flags == 0);
}

TEST_CASE("any system call", "[operations]") {
    const request call =
        asked(R"("do": "syscall", "name": "openat", "args": [-100, 18446744073709551615], "native": -2)");
    CHECK(call.system_call == 257);
    CHECK(call.args[0] == static_cast<std::uint64_t>(-100));
    CHECK(call.args[1] == ~std::uint64_t{0});
    CHECK(call.native == -2);
}

TEST_CASE("the listener's ioctls", "[operations]") {
    CHECK(asked(R"("do": "recv", "fd": "L", "buffer": "dirty")").flags == 1);
    CHECK(asked(R"("do": "recv", "fd": "L")").args[1] == 0xc0502100);
    const request send =
        asked(R"("do": "send", "fd": "L", "notification": "n", "value": -5, "error": "ENOMEM")");
    CHECK(send.value == -5);
    CHECK(send.error == -12);
    CHECK(send.notification);
    CHECK(asked(R"("do": "send", "fd": "L", "flags": ["CONTINUE"])").flags == reply_flag::go_on);
    CHECK(asked(R"("do": "send", "fd": "L", "id": 77, "error": 5)").cookie == 77);
    CHECK(asked(R"("do": "id_valid", "fd": "L")").cookie == 0);
    const request add =
        asked(R"("do": "addfd", "fd": "L", "src": "f", "as": "g", "newfd": 5, "cloexec": true)");
    CHECK(add.number == 5);
    CHECK(add.flags == addfd_flag::setfd);
    CHECK(add.value == 1);
    CHECK(asked(R"("do": "addfd", "fd": "L", "src": "f", "as": "g")").flags == 0);
    CHECK(asked(R"("do": "addfd", "fd": "L", "src": "f", "as": "g", "newfd": 5, "flags": ["SEND"])").flags ==
          addfd_flag::send);
    CHECK(asked(R"("do": "set_flags", "fd": "L", "flags": ["SYNC_WAKE_UP"])").flags == 1);
}

TEST_CASE("fds", "[operations]") {
    CHECK(asked(R"("do": "dup", "fd": "f", "as": "g")").number == -1);
    CHECK(asked(R"("do": "dup", "fd": "f", "as": "g")").system_call == 32);
    CHECK(asked(R"("do": "dup", "fd": "f", "as": "g", "to": 9)").system_call == 292);
    CHECK(asked(R"("do": "set_cloexec", "fd": "f")").value == 1);
    CHECK(asked(R"("do": "send_fd", "fd": "f", "to": "a", "in_flight": true)").flags == 1);
    CHECK_FALSE(asked(R"("do": "send_fd", "fd": "f", "to": "a")").as);
    CHECK(asked(R"("do": "recv_fd")").op == operation::receive_fd);
    CHECK(asked(R"("do": "pidfd_getfd", "from": "a", "fd": "f", "as": "g")").target);
    const request ctl =
        asked(R"("do": "epoll_ctl", "epoll": "f", "op": "MOD", "fd": "L", "events": ["IN", "EPOLLET"])");
    CHECK(ctl.number == 3);
    CHECK(ctl.events == (poll_event::in | poll_event::et));
    CHECK(ctl.fd != ctl.source);
}

TEST_CASE("what polling reports", "[operations]") {
    const auto s = scenario_with(std::string(before) + R"(
        {"task": "init", "do": "epoll_create", "as": "e"},
        {"task": "init", "do": "epoll_wait", "epoll": "e", "timeout": -1, "events": {"L": ["HUP"]}},
        {"task": "init", "do": "poll", "fds": {"L": ["IN"], "f": []}, "revents": {}},
        {"task": "init", "do": "event_loop", "epoll": "e", "reply": 3})");
    const call_step& wait = call_at(s, 5);
    CHECK(wait.asked.value == -1);
    REQUIRE(wait.reports);
    REQUIRE(s.reports_of(*wait.reports).size() == 1);
    CHECK(s.reports_of(*wait.reports)[0] == fd_events{s.names.find("L"), poll_event::hup});
    const call_step& poll = call_at(s, 6);
    CHECK(poll.asked.polls == 2);
    CHECK(s.poll_list.at(poll.asked.first_poll).events == poll_event::in);
    REQUIRE(poll.reports); // nothing at all is expected
    CHECK(poll.reports->count == 0);
    CHECK(call_at(s, 7).special == macro::event_loop);
    CHECK(call_at(s, 7).asked.flags == 1);
    CHECK_FALSE(call_at(s, 4).reports);
}

TEST_CASE("tracing", "[operations]") {
    const request seize =
        asked(R"("do": "ptrace_seize", "target": "a", "options": ["EXITKILL", "PTRACE_O_TRACEEXIT"])");
    CHECK(seize.flags == (task_flag::exit_kill | task_flag::trace_exit));
    CHECK(seize.args[3] == 0x100040);
    CHECK(asked(R"("do": "ptrace_cont", "target": "a")").number == 0);
    CHECK(asked(R"("do": "ptrace_cont", "target": "a", "signal": "USR1")").number == 10);
    CHECK(asked(R"("do": "ptrace_detach", "target": "a")").number == 0);
    CHECK(asked(R"("do": "ptrace_get_filter", "target": "a", "index": 1)").number == 1);
}

TEST_CASE("rows are consistent", "[operations]") {
    std::set<std::string_view> names;
    for (const operation_row* row : all_operations()) {
        INFO(row->name);
        CHECK(names.insert(row->name).second);
        CHECK(find_operation(row->name) == row);
        CHECK_FALSE(row->meaning.empty());
        std::set<std::string_view> keys = {"task", "do", "returns", "note", "at", "on"};
        for (const argument& a : row->arguments) {
            INFO(a.key);
            CHECK(keys.insert(a.key).second);
            CHECK_FALSE(a.meaning.empty());
            CHECK_FALSE((a.required && a.fallback));
        }
    }
}

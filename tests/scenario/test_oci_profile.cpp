// Seccomp profiles in all the shapes that containers have them in, and in shapes that are wrong.
#include "sim/scenario/filter_program.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/json_parse.hpp"
#include "sim/scenario/system_call_name.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

result<filter_program> compile(const std::string& text, const profile_options& options = {}) {
    const result<document> doc = parse_json(text, "f.json");
    if (!doc)
        return doc.error();
    return as_result([&] { return read_filter_program(*doc, doc->root(), options); });
}

filter_program compiled(const std::string& text, const profile_options& options = {}) {
    result<filter_program> program = compile(text, options);
    if (!program)
        FAIL(to_text(program.error()));
    REQUIRE(program->program.error() == 0);
    return std::move(*program);
}

std::string refused(const std::string& text) {
    const result<filter_program> program = compile(text);
    return program ? "accepted" : to_text(program.error());
}

// A profile with these rules that allows the rest.
std::string rules(const std::string& list) {
    return R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [)" + list + "]}";
}

std::string verdict(const filter_program& filter, std::string_view call,
                    std::array<std::uint64_t, 6> args = {}) {
    const auto number = system_call_number(call);
    REQUIRE(number);
    return describe_action(filter.program.run({.nr = *number, .args = args}));
}

} // namespace

TEST_CASE("a profile gives its action to the calls it names, and the default to the rest") {
    const filter_program filter =
        compiled(rules(R"({"names": ["getppid", "mount"], "action": "SCMP_ACT_NOTIFY"})"));
    CHECK(verdict(filter, "getppid") == "USER_NOTIF");
    CHECK(verdict(filter, "mount") == "USER_NOTIF");
    CHECK(verdict(filter, "getpid") == "ALLOW");
    CHECK(filter.flags == 0);
    CHECK(filter.notes.empty());
    // libseccomp's frame around two comparisons: architecture, x32, and three returns.
    CHECK(filter.program.classic().size() == 10);
    CHECK(filter.program.length() == 18);
    // Another architecture is killed, which is libseccomp's default.
    CHECK(describe_action(filter.program.run({.nr = 64, .arch = 0x40000003})) == "KILL_THREAD");
}

TEST_CASE("each action has its value") {
    const auto of = [](const std::string& members) {
        return verdict(compiled(rules(R"({"names": ["getppid"], )" + members + "}")), "getppid");
    };
    CHECK(of(R"("action": "SCMP_ACT_KILL")") == "KILL_THREAD");
    CHECK(of(R"("action": "SCMP_ACT_KILL_THREAD")") == "KILL_THREAD");
    CHECK(of(R"("action": "SCMP_ACT_KILL_PROCESS")") == "KILL_PROCESS");
    CHECK(of(R"("action": "SCMP_ACT_TRAP")") == "TRAP");
    CHECK(of(R"("action": "SCMP_ACT_LOG")") == "LOG");
    CHECK(of(R"("action": "SCMP_ACT_ALLOW")") == "ALLOW");
    CHECK(of(R"("action": "SCMP_ACT_ERRNO")") == "ERRNO(EPERM)");
    CHECK(of(R"("action": "SCMP_ACT_ERRNO", "errnoRet": 38)") == "ERRNO(ENOSYS)");
    CHECK(of(R"("action": "SCMP_ACT_ERRNO", "errnoRet": 0)") == "ERRNO(0)");
    CHECK(of(R"("action": "SCMP_ACT_ERRNO", "errno": "EACCES")") == "ERRNO(EACCES)");
    CHECK(of(R"("action": "SCMP_ACT_ERRNO", "errno": "22", "errnoRet": 1)") == "ERRNO(EINVAL)");
    CHECK(of(R"("action": "SCMP_ACT_TRACE")") == "TRACE(1)");
    CHECK(of(R"("action": "SCMP_ACT_TRACE", "errnoRet": 65535)") == "TRACE(65535)");
}

TEST_CASE("the default action has its errno too") {
    const auto of = [](const std::string& members) {
        return verdict(
            compiled("{" + members + R"(, "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]})"),
            "getppid");
    };
    CHECK(of(R"("defaultAction": "SCMP_ACT_ERRNO")") == "ERRNO(EPERM)");
    CHECK(of(R"("defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38)") == "ERRNO(ENOSYS)");
    CHECK(of(R"("defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "ENOSYS")") == "ERRNO(ENOSYS)");
    CHECK(of(R"("defaultAction": "SCMP_ACT_NOTIFY")") == "USER_NOTIF");
    CHECK(compiled(R"({"defaultAction": "SCMP_ACT_KILL_PROCESS"})").program.classic().size() > 1);
}

TEST_CASE("conditions on arguments compare all 64 bits, unsigned") {
    const auto matches = [](const std::string& args, std::array<std::uint64_t, 6> values) {
        const auto filter =
            compiled(rules(R"({"names": ["ioctl"], "action": "SCMP_ACT_TRAP", "args": [)" + args + "]}"));
        return verdict(filter, "ioctl", values) == "TRAP";
    };
    const std::uint64_t high = 0x8000000000000000;
    CHECK(matches(R"({"index": 0, "op": "SCMP_CMP_EQ", "value": 9223372036854775808})", {high}));
    CHECK_FALSE(matches(R"({"index": 0, "op": "SCMP_CMP_EQ", "value": 9223372036854775808})", {high + 1}));
    CHECK(matches(R"({"index": 5, "op": "SCMP_CMP_NE", "value": 3})", {3, 3, 3, 3, 3, 4}));
    CHECK(matches(R"({"index": 1, "op": "SCMP_CMP_GT", "value": 4294967296})", {0, high}));
    CHECK_FALSE(matches(R"({"index": 1, "op": "SCMP_CMP_GT", "value": 4294967296})", {0, 4294967296}));
    CHECK(matches(R"({"index": 1, "op": "SCMP_CMP_GE", "value": 4294967296})", {0, 4294967296}));
    CHECK(matches(R"({"index": 1, "op": "SCMP_CMP_LT", "value": 2})", {0, 1}));
    CHECK(matches(R"({"index": 1, "op": "SCMP_CMP_LE", "value": 2, "valueTwo": 0})", {0, 2}));
    CHECK(matches(R"({"index": 2, "op": "SCMP_CMP_MASKED_EQ", "value": 15, "valueTwo": 2})", {0, 0, 0xf2}));
    CHECK_FALSE(
        matches(R"({"index": 2, "op": "SCMP_CMP_MASKED_EQ", "value": 15, "valueTwo": 2})", {0, 0, 0xf3}));
    // All of several arguments, but any of several tests of one argument.
    const std::string both =
        R"({"index": 0, "op": "SCMP_CMP_EQ", "value": 1}, {"index": 1, "op": "SCMP_CMP_EQ", "value": 2})";
    CHECK(matches(both, {1, 2}));
    CHECK_FALSE(matches(both, {1, 3}));
    const std::string either =
        R"({"index": 0, "op": "SCMP_CMP_EQ", "value": 1}, {"index": 0, "op": "SCMP_CMP_EQ", "value": 2})";
    CHECK(matches(either, {1}));
    CHECK(matches(either, {2}));
    CHECK_FALSE(matches(either, {3}));
}

TEST_CASE("more than 32 rules become a binary tree with the same verdicts") {
    std::string names = R"("read")";
    for (int number = 1; number < 64; number++)
        names += ", \"" + std::string(system_call_name(number)) + '"';
    const filter_program filter =
        compiled(rules(R"({"names": [)" + names + R"(], "action": "SCMP_ACT_LOG"})"));
    for (int number = 0; number < 128; number++)
        CHECK(describe_action(filter.program.run({.nr = number})) == (number < 64 ? "LOG" : "ALLOW"));
    // Comparisons for order are found in trees only, but for the one that finds x32 calls.
    const auto order_tests =
        std::count_if(filter.program.classic().begin(), filter.program.classic().end(),
                      [](sock_filter insn) { return insn.code == (bpf::jmp | bpf::jgt); });
    CHECK(order_tests > 4);
}

TEST_CASE("other architectures lengthen the program") {
    const std::string rule =
        R"("defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["getppid"], "action": "SCMP_ACT_TRAP"}])";
    const auto alone = compiled("{" + rule + "}");
    const auto listed = compiled("{" + rule + R"(, "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]})");
    const auto mapped = compiled("{" + rule + R"(, "architectures": null, "archMap": [
        {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
        {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}]})");
    CHECK(compiled("{" + rule + R"(, "architectures": ["SCMP_ARCH_X86_64"]})").program.length() ==
          alone.program.length());
    CHECK(listed.program.length() > alone.program.length());
    CHECK(listed.program.length() == mapped.program.length());
    CHECK(describe_action(listed.program.run({.nr = 64, .arch = 0x40000003})) == "TRAP");
}

TEST_CASE("flags are for the caller, and the listener is the scenario's") {
    const auto filter = compiled(R"({"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/run/agent.sock",
        "listenerMetadata": "x", "flags": ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]})");
    CHECK(filter.flags == (2 | 32));
    REQUIRE(filter.notes.size() == 2);
    CHECK(to_text(filter.notes[0]) ==
          "f.json:1:53: /listenerPath: \"listenerPath\" has no effect: a scenario says "
          "itself who holds the listener");
}

TEST_CASE("includes and excludes are decided for amd64 and the capabilities given") {
    const auto applies = [](const std::string& condition, const profile_options& options = {}) {
        const auto filter =
            compiled(rules(R"({"name": "getppid", "action": "SCMP_ACT_TRAP", "args": null, "comment": "", )" +
                           condition + "}"),
                     options);
        CHECK(filter.notes.size() == (verdict(filter, "getppid") == "TRAP" ? 0 : 1));
        return verdict(filter, "getppid") == "TRAP";
    };
    const profile_options admin = {.capabilities = {"CAP_SYS_ADMIN", "CAP_BPF"}};
    CHECK(applies(R"("includes": {}, "excludes": {})"));
    CHECK(applies(R"("includes": null, "excludes": null)"));
    CHECK(applies(R"("includes": {"arches": ["amd64", "x32"]})"));
    CHECK_FALSE(applies(R"("includes": {"arches": ["arm64"]})"));
    CHECK_FALSE(applies(R"("excludes": {"arches": ["s390", "amd64"]})"));
    CHECK_FALSE(applies(R"("includes": {"caps": ["CAP_SYS_ADMIN"]})"));
    CHECK(applies(R"("includes": {"caps": ["CAP_SYS_ADMIN"]})", admin));
    CHECK_FALSE(applies(R"("includes": {"caps": ["CAP_SYS_ADMIN", "CAP_SYS_TIME"]})", admin));
    CHECK(applies(R"("excludes": {"caps": ["CAP_SYS_ADMIN"]})"));
    CHECK_FALSE(applies(R"("excludes": {"caps": ["CAP_SYS_TIME", "CAP_BPF"]})", admin));
    CHECK(applies(R"("includes": {"minKernel": "4.8"})"));
    CHECK_FALSE(applies(R"("includes": {"minKernel": "5.11"})"));
    CHECK(applies(R"("includes": {"minKernel": "5.11.0"})", {.kernel_major = 6}));
    CHECK_FALSE(applies(R"("excludes": {"minKernel": "5.0"})"));
}

TEST_CASE("a whole OCI config has its profile inside") {
    const auto filter = compiled(
        R"({"ociVersion": "1.0.2", "process": {"args": ["sh"]}, "linux": {"namespaces": [], "seccomp":
        {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["getppid"], "action": "SCMP_ACT_NOTIFY"}]}}})");
    CHECK(verdict(filter, "getppid") == "USER_NOTIF");
    CHECK(
        refused(R"({"linux": {"namespaces": []}})") ==
        R"(f.json:1:11: /linux: the "linux" part of an OCI config lacks "seccomp"; expected a seccomp profile)");
}

TEST_CASE("Podman's default profile compiles") {
    const std::string path = "/usr/share/containers/seccomp.json";
    if (!std::ifstream(path)) {
        WARN("skipped: golang-github-containers-common is not installed");
        return;
    }
    const result<filter_program> filter = load_filter_program(path);
    REQUIRE(filter);
    CHECK(filter->program.error() == 0);
    CHECK(verdict(*filter, "read") == "ALLOW");
    CHECK(verdict(*filter, "userfaultfd") == "ERRNO(EPERM)");
    CHECK(verdict(*filter, "sethostname") == "ERRNO(EPERM)");
    CHECK(verdict(*filter, "io_uring_setup") == "ERRNO(ENOSYS)");
    CHECK(verdict(*filter, "personality", {8}) == "ALLOW");
    CHECK(verdict(*filter, "personality", {9}) == "ERRNO(ENOSYS)");
    CHECK(verdict(*filter, "socket", {16, 0, 9}) == "ERRNO(EINVAL)");
    CHECK(verdict(*filter, "socket", {2, 0, 9}) == "ALLOW");
    const result<filter_program> privileged = load_filter_program(path, {.capabilities = {"CAP_SYS_ADMIN"}});
    REQUIRE(privileged);
    CHECK(verdict(*privileged, "sethostname") == "ALLOW");
}

TEST_CASE("a call that libseccomp does not know is a slip in a scenario and no matter in a file") {
    const std::string text =
        rules(R"({"names": ["getpid", "getpidd", "zzzzzzzz"], "action": "SCMP_ACT_TRAP"})");
    CHECK(refused(text) ==
          R"(f.json:1:71: /syscalls/0/names/1: "getpidd" is no system call; did you mean "getpid"?)");
    const auto filter = compiled(text, {.skip_unknown_calls = true});
    CHECK(verdict(filter, "getpid") == "TRAP");
    REQUIRE(filter.notes.size() == 1);
    CHECK(filter.notes[0].message == R"(left out, as libseccomp does not know them: "getpidd", "zzzzzzzz")");
    // Known, but on other architectures only.
    CHECK(compiled(rules(R"({"names": ["waitpid"], "action": "SCMP_ACT_TRAP"})")).notes.empty());
    CHECK(refused(rules(R"({"names": ["uretprobe"], "action": "SCMP_ACT_TRAP"})"))
              .find("newer than the libseccomp") != std::string::npos);
    CHECK(refused(rules(R"({"names": ["getpid\u0000"], "action": "SCMP_ACT_TRAP"})")) != "accepted");
}

TEST_CASE("what is wrong in a profile is told with its place") {
    using Catch::Contains;
    CHECK_THAT(refused("[]"), Contains("f.json:1:1"));
    CHECK_THAT(refused("{}"), Contains(R"(a seccomp profile lacks "defaultAction")"));
    CHECK_THAT(refused(R"({"defaultaction": "SCMP_ACT_ALLOW"})"),
               Contains("is \"defaultaction\" a slip for it?"));
    CHECK_THAT(refused(R"({"defaultAction": "SCMP_ACT_ALOW"})"), Contains("did you mean \"SCMP_ACT_ALLOW\""));
    CHECK_THAT(refused(R"({"defaultAction": 5})"), Contains("the number 5"));
    CHECK_THAT(refused(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscall": []})"),
               Contains("did you mean \"syscalls\""));
    CHECK_THAT(refused(R"({"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1})"),
               Contains("SCMP_ACT_ALLOW takes no \"defaultErrnoRet\""));
    CHECK_THAT(refused(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 4095})"),
               Contains("0 to 4094"));
    CHECK_THAT(refused(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "EPREM"})"),
               Contains("did you mean \"EPERM\""));
    CHECK_THAT(refused(R"({"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOGS"]})"),
               Contains("did you mean \"SECCOMP_FILTER_FLAG_LOG\""));
    CHECK_THAT(refused(R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X87"]})"),
               Contains("is no architecture"));
    CHECK_THAT(refused(R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_S390X"]})"),
               Contains("byte order"));
    CHECK_THAT(
        refused(R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86"], "archMap": []})"),
        Contains("not both"));
    CHECK_THAT(refused(rules(R"({"action": "SCMP_ACT_TRAP"})")), Contains("names no system call"));
    CHECK_THAT(refused(rules(R"({"names": [], "action": "SCMP_ACT_TRAP"})")),
               Contains("names no system call"));
    CHECK_THAT(refused(rules(R"({"names": ["read"], "name": "write", "action": "SCMP_ACT_TRAP"})")),
               Contains("not both"));
    CHECK_THAT(refused(rules(R"({"names": ["read"]})")), Contains(R"(lacks "action")"));
    CHECK_THAT(refused(rules(R"({"names": [7], "action": "SCMP_ACT_TRAP"})")),
               Contains("/syscalls/0/names/0"));
    CHECK_THAT(refused(rules(
                   R"({"names": ["read"], "action": "SCMP_ACT_TRAP", "includes": {"minKernel": "five"}})")),
               Contains("is no kernel version"));
    const auto argument = [](const std::string& members) {
        return refused(
            rules(R"({"names": ["read"], "action": "SCMP_ACT_TRAP", "args": [{)" + members + "}]}"));
    };
    CHECK_THAT(argument(R"("index": 6, "op": "SCMP_CMP_EQ", "value": 1)"), Contains("from 0 to 5"));
    CHECK_THAT(argument(R"("index": 0, "op": "SCMP_CMP_EG", "value": 1)"), Contains("SCMP_CMP_EQ"));
    CHECK_THAT(argument(R"("index": 0, "op": "SCMP_CMP_EQ")"), Contains(R"(lacks "value")"));
    CHECK_THAT(argument(R"("index": 0, "op": "SCMP_CMP_EQ", "value": -1)"),
               Contains("from 0 to 18446744073709551615"));
    // libseccomp cannot tell which of the two is meant.
    const std::string condition = R"("args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 1}])";
    CHECK_THAT(refused(rules(R"({"names": ["read"], "action": "SCMP_ACT_TRAP", )" + condition +
                             R"(}, {"names": ["read"], "action": "SCMP_ACT_LOG", )" + condition + "}")),
               Contains("/syscalls/1/names/0: an earlier rule gives the same call"));
}

TEST_CASE("absurdly many rules are refused") {
    std::string list = R"({"names": ["read")";
    for (int i = 0; i < 9000; i++)
        list += R"(, "read")";
    CHECK(refused(rules(list + R"(], "action": "SCMP_ACT_TRAP"})")).find("more than 8192 rules") !=
          std::string::npos);
}

TEST_CASE("a program can be given as it is") {
    const auto filter = compiled(
        R"({"bpf": [[32, 0, 0, 0], [21, 0, 1, 110], [6, 0, 0, 2143289344], [6, 0, 0, 2147418112]]})");
    CHECK(verdict(filter, "getppid") == "USER_NOTIF");
    CHECK(verdict(filter, "getpid") == "ALLOW");
    CHECK(filter.program.length() == 9);
    // Bad programs are the kernel's to refuse.
    CHECK(compile(R"({"bpf": []})")->program.error() == -EINVAL);
    CHECK(compile(R"({"bpf": [[0, 0, 0, 0]]})")->program.error() == -EINVAL);
    CHECK(refused(R"({"bpf": [[6, 0, 0]]})") ==
          "f.json:1:10: /bpf/0: an instruction of 3 numbers; expected an instruction, [code, jt, jf, k]");
    CHECK(refused(R"({"bpf": [[6, 256, 0, 0]]})") != "accepted");
    CHECK(refused(R"({"bpf": [[6, 0, 0, 4294967296]]})") != "accepted");
    CHECK(refused(R"({"bpf": [6]})") != "accepted");
    CHECK(refused(R"({"bpf": {}, "x": 1})") != "accepted");
}

TEST_CASE("a program of a length that allows everything") {
    CHECK(compiled(R"({"allow": 1})").program.length() == 5);
    CHECK(compiled(R"({"allow": 4096})").program.length() == 4100);
    CHECK(verdict(compiled(R"({"allow": 100})"), "mount") == "ALLOW");
    CHECK(compile(R"({"allow": 0})")->program.error() == -EINVAL);
    CHECK(compile(R"({"allow": 4097})")->program.error() == -EINVAL);
    CHECK(refused(R"({"allow": 65536})") != "accepted");
    CHECK(refused(R"({"allow": 1, "bff": 2})") != "accepted");
}

TEST_CASE("a file that is not there is told") {
    const result<filter_program> filter = load_filter_program("scenarios/no-such-profile.json");
    REQUIRE_FALSE(filter);
    CHECK(filter.error().where.file == "scenarios/no-such-profile.json");
}

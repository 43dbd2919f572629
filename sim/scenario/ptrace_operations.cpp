// Operations of a tracer, and of whoever reads a task's seccomp state from outside.
#include "sim/scenario/call_reader.hpp"

#include "seccomp_sim/task.hpp"

#include <array>

namespace seccomp_sim::scenario {

namespace {

using type = argument_type;

constexpr std::int32_t ptrace_number = 101;
// PTRACE_* requests, which filters see as the first argument.
constexpr std::uint64_t request_cont = 7;
constexpr std::uint64_t request_attach = 16;
constexpr std::uint64_t request_detach = 17;
constexpr std::uint64_t request_seize = 0x4206;
constexpr std::uint64_t request_get_filter = 0x420c;
// PTRACE_O_* bits.
constexpr std::uint64_t option_trace_exit = 0x40;
constexpr std::uint64_t option_trace_seccomp = 0x80;
constexpr std::uint64_t option_exit_kill = 0x100000;

constexpr argument target = {"target", type::task, &request::target, "The tracee.", true};
constexpr auto attach_arguments = std::to_array<argument>(
    {target, {"options", type::words, &request::flags, "Options of ptrace.", false, &trace_names}});
constexpr auto cont_arguments = std::to_array<argument>(
    {target,
     {"signal", type::signal, &request::number, "The signal it goes on with.", false, nullptr, 0, 0, 0}});
constexpr auto detach_arguments = std::to_array<argument>({target});
constexpr auto get_filter_arguments =
    std::to_array<argument>({target,
                             {"index", type::integer, &request::number,
                              "Which of its filters; 0 is the oldest.", true, nullptr, 0, 0x7fff'ffff}});
constexpr auto read_cache_arguments = std::to_array<argument>(
    {{"target", type::task, &request::target, "The task whose /proc/PID/seccomp_cache is read.", true}});

void see_attach(call_reader& call) {
    call.asked().args[0] = request_attach;
}

void see_seize(call_reader& call) {
    const std::uint32_t options = call.asked().flags;
    call.asked().args[0] = request_seize;
    call.asked().args[3] = ((options & task_flag::trace_exit) != 0 ? option_trace_exit : 0) |
                           ((options & task_flag::trace_seccomp) != 0 ? option_trace_seccomp : 0) |
                           ((options & task_flag::exit_kill) != 0 ? option_exit_kill : 0);
}

void see_cont(call_reader& call) {
    call.asked().args[0] = request_cont;
    call.asked().args[3] = static_cast<std::uint64_t>(call.asked().number);
}

void finish_detach(call_reader& call) {
    call.asked().number = 0; // no signal
    call.asked().args[0] = request_detach;
}

void see_get_filter(call_reader& call) {
    call.asked().args[0] = request_get_filter;
    call.asked().args[2] = static_cast<std::uint64_t>(call.asked().number);
}

const auto rows = std::to_array<operation_row>({
    {.name = "ptrace_attach",
     .what = "a \"ptrace_attach\" step",
     .meaning = "PTRACE_ATTACH: the target stops.",
     .op = operation::ptrace_attach,
     .system_call = ptrace_number,
     .arguments = attach_arguments,
     .finish = see_attach},
    {.name = "ptrace_seize",
     .what = "a \"ptrace_seize\" step",
     .meaning = "PTRACE_SEIZE: the target runs on.",
     .op = operation::ptrace_seize,
     .system_call = ptrace_number,
     .arguments = attach_arguments,
     .finish = see_seize},
    {.name = "ptrace_cont",
     .what = "a \"ptrace_cont\" step",
     .meaning = "PTRACE_CONT: the stopped tracee goes on.",
     .op = operation::ptrace_cont,
     .system_call = ptrace_number,
     .arguments = cont_arguments,
     .finish = see_cont},
    {.name = "ptrace_detach",
     .what = "a \"ptrace_detach\" step",
     .meaning = "PTRACE_DETACH.",
     .op = operation::ptrace_detach,
     .system_call = ptrace_number,
     .arguments = detach_arguments,
     .finish = finish_detach},
    {.name = "ptrace_get_filter",
     .what = "a \"ptrace_get_filter\" step",
     .meaning = "PTRACE_SECCOMP_GET_FILTER: the length of one of the target's programs.",
     .op = operation::ptrace_get_filter,
     .system_call = ptrace_number,
     .arguments = get_filter_arguments,
     .finish = see_get_filter},
    {.name = "read_seccomp_cache",
     .what = "a \"read_seccomp_cache\" step",
     .meaning = "Reads /proc/PID/seccomp_cache, which holds the filter meanwhile.",
     .op = operation::read_seccomp_cache,
     .system_call = 0,
     .arguments = read_cache_arguments},
});

} // namespace

std::span<const operation_row> ptrace_operations() {
    return rows;
}

} // namespace seccomp_sim::scenario

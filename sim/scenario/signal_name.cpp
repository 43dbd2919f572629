// Names of signals, in the order of their numbers.
#include "sim/scenario/signal_name.hpp"

#include <array>
#include <cstddef>

namespace seccomp_sim::scenario {

namespace {

constexpr std::string_view prefix = "SIG";
constexpr std::array<std::string_view, last_signal> names = {
    "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",  "SIGFPE",
    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT",
    "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",  "SIGXCPU",
    "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS",
};

} // namespace

std::optional<int> signal_number(std::string_view name) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (name == names[i] || name == names[i].substr(prefix.size()))
            return static_cast<int>(i) + 1;
    return std::nullopt;
}

std::string signal_text(int number) {
    if (number < 1 || number > last_signal)
        return "signal " + std::to_string(number);
    return std::string(names[static_cast<std::size_t>(number) - 1]);
}

std::span<const std::string_view> signal_names() {
    return names;
}

} // namespace seccomp_sim::scenario

// What a lab kernel is configured with. Names that a kernel does not know yet, or any more, do no harm.
#include "sim/live/lab/kernel_config.hpp"

#include "sim/scenario/input_error.hpp"

#include <algorithm>
#include <fstream>
#include <set>

namespace seccomp_sim::live {
namespace {

/// Set to y. The first group is what nothing works without; its absence is an error.
constexpr const char* needed[] = {"64BIT",   "BINFMT_ELF",     "BINFMT_SCRIPT", "HOSTFS", "MULTIUSER",
                                  "FUTEX",   "EPOLL",          "PROC_FS",       "NET",    "UNIX",
                                  "SECCOMP", "SECCOMP_FILTER", "NAMESPACES",    "PID_NS", "DEBUG_INFO"};
/// BLOCK: without it 5.x finds no root. KALLSYMS: warnings name functions.
constexpr const char* wanted[] = {"BLOCK",
                                  "SIGNALFD",
                                  "TIMERFD",
                                  "EVENTFD",
                                  "SHMEM",
                                  "TMPFS",
                                  "SYSFS",
                                  "BPF_SYSCALL",
                                  "USER_NS",
                                  "UTS_NS",
                                  "STDERR_CONSOLE",
                                  "STDIO_CONSOLE",
                                  "TTY",
                                  "NULL_CHAN",
                                  "FD_CHAN",
                                  "PRINTK",
                                  "BUG",
                                  "DEVTMPFS",
                                  "DEVMEM",
                                  "POSIX_TIMERS",
                                  "MEMFD_CREATE",
                                  "FHANDLE",
                                  "AIO",
                                  "IO_URING",
                                  "ADVISE_SYSCALLS",
                                  "MEMBARRIER",
                                  "KALLSYMS",
                                  "KALLSYMS_ALL",
                                  "RSEQ",
                                  "CHECKPOINT_RESTORE",
                                  "PROC_CHILDREN",

                                  "HIGH_RES_TIMERS",
                                  "DEBUG_INFO_DWARF4"};

std::string value_of_name(const std::string& line) {
    return line.substr(0, line.find('='));
}

} // namespace

std::string config_fragment(unsigned cpus, const std::vector<std::string>& extra) {
    std::string text;
    for (const char* name : needed)
        text += std::string("CONFIG_") + name + "=y\n";
    for (const char* name : wanted)
        text += std::string("CONFIG_") + name + "=y\n";
    text += "CONFIG_CON_ZERO_CHAN=\"fd:0,fd:1\"\n"
            "CONFIG_CON_CHAN=\"null\"\n"
            // Room for the FPU state of CPUs with AMX on the kernel's stack.
            "CONFIG_KERNEL_STACK_ORDER=4\n"
            "# CONFIG_MCONSOLE is not set\n";
    if (cpus > 1)
        text += "CONFIG_SMP=y\nCONFIG_NR_CPUS=" + std::to_string(cpus) + "\n";
    for (const std::string& line : extra)
        text += line + "\n";
    return text;
}

result<void> check_config_line(const std::string& line) {
    const auto name_char = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    std::string name = value_of_name(line);
    bool good = line.find('=') != std::string::npos && line.find('=') + 1 < line.size();
    if (line.starts_with("# ") && line.ends_with(" is not set")) {
        name = line.substr(2, line.size() - 2 - std::string_view(" is not set").size());
        good = true;
    }
    good = good && name.starts_with("CONFIG_") && name.size() > 7 &&
           std::all_of(name.begin(), name.end(), name_char) && line.find('\n') == std::string::npos;
    if (good)
        return {};
    return diagnostic{{},
                      seccomp_sim::quoted(line) + " is no line of a kernel configuration",
                      "expected CONFIG_NAME=value or \"# CONFIG_NAME is not set\""};
}

result<void> check_config(const std::filesystem::path& config, unsigned cpus,
                          const std::vector<std::string>& extra) {
    std::set<std::string> lines;
    std::ifstream in(config);
    for (std::string line; std::getline(in, line);)
        lines.insert(line);
    for (const char* name : needed)
        if (!lines.contains(std::string("CONFIG_") + name + "=y"))
            return diagnostic{{}, std::string("this kernel cannot be configured with CONFIG_") + name, ""};
    if (cpus > 1 && !lines.contains("CONFIG_SMP=y"))
        return diagnostic{{},
                          "the user-mode port of this kernel runs on one CPU only",
                          "no --cpus, or Linux 6.19 and later"};
    if (cpus > 1 && !lines.contains("CONFIG_NR_CPUS=" + std::to_string(cpus)))
        return diagnostic{{}, "this kernel cannot have " + std::to_string(cpus) + " CPUs", "fewer --cpus"};
    for (const std::string& line : extra) {
        // "is not set" also comes true by the option not being there.
        const std::string set = line.starts_with("# ") ? value_of_name(line.substr(2)) : "";
        if (set.empty() && !lines.contains(line))
            return diagnostic{{},
                              seccomp_sim::quoted(line) +
                                  " is not in effect: this kernel has no such option or value, or "
                                  "something it depends on is off",
                              ""};
    }
    return {};
}

} // namespace seccomp_sim::live

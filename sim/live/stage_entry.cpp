// The first steps of a scenario's init: it lets go of all that is the driver's.
#include "sim/live/stage_entry.hpp"

#include "sim/live/one_cpu.hpp"
#include "sim/live/puppet/layout.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

constexpr int failed = 71;

/// The others are at their defaults, or are handled and will be once it executes the puppet.
void default_signals(std::uint64_t ignored) {
    struct kernel_sigaction {
        std::uint64_t handler, flags, restorer, mask;
    } at_default = {};
    for (unsigned s = 1; s <= 64; ++s)
        if ((ignored >> (s - 1) & 1) != 0)
            ::syscall(SYS_rt_sigaction, s, &at_default, nullptr, 8);
    const std::uint64_t nothing = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &nothing, nullptr, 8);
}

void close_all_above(int last) {
    if (::syscall(SYS_close_range, last + 1, ~0U, 0) == 0)
        return;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    constexpr rlim_t most = 4096;
    for (rlim_t fd = static_cast<rlim_t>(last) + 1; fd < std::min(limit.rlim_cur, most); ++fd)
        ::close(static_cast<int>(fd));
}

/// What the model starts with; and no core files: of a limit of 1 the kernel makes neither file nor pipe.
void limits() {
    constexpr rlim_t model_nofile = 1024;
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = std::min(model_nofile, files.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &files);
    const rlimit core{1, 1};
    ::setrlimit(RLIMIT_CORE, &core);
}

/// A driver that died before the parent-death signal was asked for has closed its end by now.
bool driver_is_gone(int socket) {
    pollfd end{socket, POLLIN, 0};
    return ::poll(&end, 1, 0) != 0 && (end.revents & POLLHUP) != 0;
}

/// Root gets its capabilities back at exec. Here what was dropped stays dropped, and what was not is kept.
void keep_capabilities_as_they_are() {
    struct {
        std::uint32_t version;
        int pid;
    } header = {0x20080522, 0};
    struct {
        std::uint32_t effective, permitted, inheritable;
    } sets[2] = {};
    ::syscall(SYS_capget, &header, sets);
    for (auto& set : sets)
        set.inheritable = set.permitted;
    ::syscall(SYS_capset, &header, sets);
    for (int capability = 0; capability <= 63; ++capability)
        ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
    ::prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP, 0, 0, 0);
}

} // namespace

void become_puppet(const stage_entry& entry) {
    ::close(entry.driver_socket);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    char go = 0;
    if (::read(entry.socket, &go, 1) != 1 || driver_is_gone(entry.socket))
        ::_exit(failed);
    one_cpu::go_first();
    default_signals(entry.ignored);
    ::setpgid(0, 0);
    if (::dup2(entry.memory, memory_fd) < 0 || ::dup2(entry.socket, socket_fd) < 0 ||
        ::dup2(entry.image, image_fd) < 0)
        ::_exit(failed);
    close_all_above(image_fd);
    limits();
    if (entry.keeps_dropped_capabilities)
        keep_capabilities_as_they_are();
    std::array<char, 24> size{};
    std::to_chars(size.data(), size.data() + size.size() - 1, entry.memory_size);
    std::array<char, 24> own_slot{};
    std::to_chars(own_slot.data(), own_slot.data() + own_slot.size() - 1, entry.slot);
    char name[] = "puppet";
    char* argv[] = {name, own_slot.data(), size.data(), nullptr};
    char* environment[] = {nullptr};
    ::syscall(SYS_execveat, image_fd, "", argv, environment, AT_EMPTY_PATH);
    ::_exit(failed);
}

} // namespace seccomp_sim::live

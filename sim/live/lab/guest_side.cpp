// Makes a bare kernel a place where programs of this machine run.
#include "sim/live/lab/guest_side.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

void bring_loopback_up() {
    const scenario::file_descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request = {};
    std::memcpy(request.ifr_name, "lo", sizeof "lo");
    if (socket && ::ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0) {
        request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
        ::ioctl(socket.get(), SIOCSIFFLAGS, &request);
    }
}

} // namespace

void set_up_guest() {
    ::mount("proc", "/proc", "proc", 0, nullptr);
    ::mount("sysfs", "/sys", "sysfs", 0, nullptr);
    ::mount("dev", "/dev", "devtmpfs", 0, nullptr);
    ::mkdir("/dev/shm", 01777);
    ::mount("shm", "/dev/shm", "tmpfs", 0, "mode=1777");
    bring_loopback_up();
}

result<scenario::file_descriptor> open_channel() {
    scenario::file_descriptor fd = scenario::open_file("/dev/tty1", O_RDWR | O_NOCTTY);
    termios settings = {};
    if (!fd || ::tcgetattr(fd.get(), &settings) != 0)
        return diagnostic{{"/dev/tty1", 0, 0, ""},
                          "there is no channel out of this guest: " + scenario::errno_text(errno),
                          ""};
    ::cfmakeraw(&settings);
    if (::tcsetattr(fd.get(), TCSANOW, &settings) != 0)
        return diagnostic{{"/dev/tty1", 0, 0, ""},
                          "the channel out of this guest cannot be raw: " + scenario::errno_text(errno),
                          ""};
    return fd;
}

void power_off() {
    ::tcdrain(STDOUT_FILENO);
    ::reboot(RB_POWER_OFF);
    // Not in a guest after all, or not its first process.
    std::abort();
}

} // namespace seccomp_sim::live

// What reading and writing files share.
#include "sim/scenario/system_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace seccomp_sim::scenario {

file_descriptor::~file_descriptor() {
    close();
}

int file_descriptor::close() {
    const int fd = std::exchange(fd_, -1);
    // On Linux the descriptor is gone even when closing was interrupted.
    if (fd >= 0 && ::close(fd) != 0 && errno != EINTR)
        return errno;
    return 0;
}

std::string errno_text(int error) {
    const char* text = ::strerrordesc_np(error);
    return text ? text : "error " + std::to_string(error);
}

file_descriptor open_file(const std::string& path, int flags, unsigned mode) {
    if (path.find('\0') != std::string::npos) {
        errno = ENOENT;
        return {};
    }
    int fd = -1;
    do
        fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    if (fd < 0 || fd > STDERR_FILENO)
        return file_descriptor(fd);

    const file_descriptor low(fd);
    return file_descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

} // namespace seccomp_sim::scenario

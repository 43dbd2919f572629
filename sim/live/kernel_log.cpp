// Reading /dev/kmsg: one record a read.
#include "sim/live/kernel_log.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace seccomp_sim::live {

kernel_log::kernel_log() : file_(scenario::open_file("/dev/kmsg", O_RDONLY | O_NONBLOCK)) {
    if (file_)
        ::lseek(file_.get(), 0, SEEK_END);
}

std::size_t kernel_log::warnings() {
    std::array<char, 8192> record;
    for (;;) {
        const ssize_t size = ::read(file_.get(), record.data(), record.size());
        if (size < 0 && errno == EPIPE) // records were lost: go on with the next
            continue;
        if (size <= 0)
            return count_;
        const std::string_view text(record.data(), static_cast<std::size_t>(size));
        const bool warns = text.find("WARNING: ") != std::string_view::npos;
        const bool ours = text.find("refcount") != std::string_view::npos ||
                          text.find("seccomp") != std::string_view::npos ||
                          text.find("kernel/fork.c") != std::string_view::npos ||
                          text.find("kernel/exit.c") != std::string_view::npos;
        count_ += warns && ours ? 1 : 0;
    }
}

} // namespace seccomp_sim::live

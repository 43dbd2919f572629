// Reads a whole input without trusting its size or its kind: nothing that can be named on a command line
// makes it wait for ever or fill the memory.
#include "sim/scenario/input_file.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/system_file.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace seccomp_sim::scenario {

namespace {

constexpr std::size_t chunk = std::size_t{1} << 16;
constexpr int wait_for_writer_ms = 1000;

[[noreturn]] void fail(const std::string& path, std::string message, std::string hint = {}) {
    throw input_error({{path, 0, 0, {}}, std::move(message), std::move(hint)});
}

std::string limit_text(std::size_t limit) {
    constexpr std::size_t mebibyte = std::size_t{1} << 20;
    return limit % mebibyte == 0 ? std::to_string(limit / mebibyte) + " MiB"
                                 : std::to_string(limit) + " bytes";
}

void wait_until_readable(int fd) {
    pollfd p = {fd, POLLIN, 0};
    ::poll(&p, 1, -1);
}

// A named pipe that was opened before its writer reads as ended; it gets a moment to begin.
bool writer_came(int fd) {
    pollfd p = {fd, POLLIN, 0};
    return ::poll(&p, 1, wait_for_writer_ms) > 0;
}

std::string read_all(int fd, const std::string& path, const struct stat& kind, std::size_t limit) {
    std::string text;
    if (S_ISREG(kind.st_mode))
        text.reserve(static_cast<std::size_t>(kind.st_size) + 1);

    bool may_wait = S_ISFIFO(kind.st_mode) && path != "-";
    for (;;) {
        const std::size_t before = text.size();
        text.resize(std::max(before + chunk, std::min(text.capacity(), limit + 1)));
        const ssize_t got = ::read(fd, text.data() + before, text.size() - before);
        const int error = errno;
        text.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
        if (text.size() > limit)
            fail(path, "gives more than " + limit_text(limit), "expected at most that");
        if (got > 0)
            continue;
        if (got == 0 && !may_wait)
            return text;
        if (got == 0) {
            may_wait = false;
            if (text.empty() && !writer_came(fd))
                fail(path, "is a pipe that nobody writes to");
        } else if (error == EAGAIN) {
            wait_until_readable(fd);
        } else if (error != EINTR) {
            fail(path, "cannot be read: " + errno_text(error));
        }
    }
}

std::string read_file(const std::string& path, std::size_t limit) {
    file_descriptor file;
    if (path != "-") {
        // Without O_NONBLOCK a named pipe would be waited for right here.
        file = open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        if (!file)
            fail(path, "cannot be opened: " + errno_text(errno));
    }
    const int fd = path == "-" ? STDIN_FILENO : file.get();

    struct stat kind = {};
    if (::fstat(fd, &kind) != 0)
        fail(path, "cannot be read: " + errno_text(errno));
    if (S_ISDIR(kind.st_mode))
        fail(path, "is a directory", "expected a file");
    if (S_ISREG(kind.st_mode) && static_cast<std::uintmax_t>(kind.st_size) > limit)
        fail(path, "has " + std::to_string(kind.st_size) + " bytes", "expected at most " + limit_text(limit));
    return read_all(fd, path, kind, limit);
}

} // namespace

result<std::string> read_input(const std::string& path, std::size_t limit) {
    return as_result([&] { return read_file(path, limit); });
}

} // namespace seccomp_sim::scenario

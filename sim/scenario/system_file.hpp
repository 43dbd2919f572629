// What reading and writing files share: a file descriptor that closes itself, and errno in words.
#pragma once

#include <string>
#include <utility>

namespace seccomp_sim::scenario {

/// Owns a file descriptor, or none (-1).
class file_descriptor {
  public:
    file_descriptor() = default;
    explicit file_descriptor(int fd) : fd_(fd) {}
    file_descriptor(file_descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    file_descriptor& operator=(file_descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~file_descriptor();

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    /// Closes it now; 0 or the errno of closing, which may tell of an earlier write.
    int close();

  private:
    int fd_ = -1;
};

/// The kernel's words for an errno, whatever the locale.
std::string errno_text(int error);

/// open(2), close-on-exec, never one of the three standard descriptors (which may have been closed by whoever
/// started the program). Fails with errno set. A name with a NUL byte does not exist.
file_descriptor open_file(const std::string& path, int flags, unsigned mode = 0);

} // namespace seccomp_sim::scenario

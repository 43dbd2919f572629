// Frames, and the two system calls that both ends of the channel need.
#include "sim/live/lab/guest_frames.hpp"

#include <cerrno>

#include <unistd.h>

namespace seccomp_sim::live {

namespace {
constexpr std::size_t head = 5;
}

std::string frame(frame_kind kind, std::string_view content) {
    std::string text(1, static_cast<char>(kind));
    for (unsigned shift = 0; shift < 32; shift += 8)
        text += static_cast<char>((content.size() >> shift) & 0xffU);
    return text.append(content);
}

void frame_reader::add(std::string_view piece,
                       const std::function<void(frame_kind, std::string_view)>& take) {
    pending_ += piece;
    std::size_t at = 0;
    while (pending_.size() - at >= head) {
        std::size_t length = 0;
        for (unsigned i = 0; i < 4; ++i)
            length |= static_cast<std::size_t>(static_cast<unsigned char>(pending_[at + 1 + i])) << (8U * i);
        if (pending_.size() - at - head < length)
            break;
        take(static_cast<frame_kind>(pending_[at]), std::string_view(pending_).substr(at + head, length));
        at += head + length;
    }
    pending_.erase(0, at);
}

bool write_some(int fd, std::string& pending) {
    const ssize_t size = ::write(fd, pending.data(), pending.size());
    if (size < 0)
        return errno == EAGAIN || errno == EINTR;
    pending.erase(0, static_cast<std::size_t>(size));
    return true;
}

bool read_some(int fd, std::string& into) {
    char buffer[65536];
    const ssize_t size = ::read(fd, buffer, sizeof buffer);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR;
    into.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
}

} // namespace seccomp_sim::live

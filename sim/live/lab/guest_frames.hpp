// What goes over the channel between run_in_guest and guest_init: frames of a kind, a length and so many
// bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace seccomp_sim::live {

/// The first byte of a frame.
enum class frame_kind : char {
    command = 'C', ///< to the guest: what to run, as JSON
    input = 'I',   ///< to the guest: standard input; an empty frame is its end
    output = 'O',  ///< to us: standard output
    error = 'E',   ///< to us: standard error
    ready = 'R',   ///< to us: the channel is raw now; the first frame of all
    ended = 'X',   ///< to us: the wait status in decimal, or "127 message" when the command did not start
};

/// kind, length in four bytes, low first, content.
std::string frame(frame_kind kind, std::string_view content);

/// Puts frames together from pieces as they come.
class frame_reader {
  public:
    /// Adds a piece and hands on each frame that is complete.
    void add(std::string_view piece, const std::function<void(frame_kind, std::string_view)>& take);

  private:
    std::string pending_;
};

/// Writes as much as the descriptor takes now and removes it from `pending`; false when nobody can read it.
bool write_some(int fd, std::string& pending);
/// Reads what there is, at most 64 KiB, to the end of `into`; false at the end of the file or on failure.
bool read_some(int fd, std::string& into);

} // namespace seccomp_sim::live

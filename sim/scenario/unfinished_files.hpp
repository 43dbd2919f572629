// The temporary files that this process has not finished, in a fixed table that a signal handler can read.
#pragma once

#include <cstddef>
#include <string>

#include <signal.h>

namespace seccomp_sim::scenario {

/// So many files can be written at the same time.
inline constexpr std::size_t most_unfinished_files = 16;

/// Enters a path and gives its place in the table, or `most_unfinished_files` when there is no room or the
/// path is longer than the system allows.
std::size_t remember_unfinished(const std::string& path);
/// Frees the place. The file must be gone or renamed.
void forget_unfinished(std::size_t entry);
/// Unlinks every file in the table that this process, and not a parent of it, entered. Async-signal-safe.
void unlink_unfinished() noexcept;

/// While it lives no signal reaches this thread, so that a file cannot be made without being in the table.
class signals_held {
  public:
    signals_held();
    ~signals_held();
    signals_held(const signals_held&) = delete;
    signals_held& operator=(const signals_held&) = delete;

  private:
    sigset_t before_ = {};
};

} // namespace seccomp_sim::scenario

// The progress line of a run that takes more than a second, on a terminal only.
#include "sim/cli/progress.hpp"

#include <cstdio>
#include <unistd.h>

namespace seccomp_sim::cli {

progress::progress()
    : on_terminal_(::isatty(STDERR_FILENO) != 0), next_(clock::now() + std::chrono::seconds(1)) {}

void progress::tick(std::size_t done, std::size_t all) {
    if (!on_terminal_ || ++ticks_ % 64 != 0)
        return;
    const clock::time_point now = clock::now();
    if (now < next_)
        return;
    next_ = now + std::chrono::milliseconds(200);
    shown_ = true;
    std::fprintf(stderr, "\r\x1b[K%s: step %zu of %zu", what_.c_str(), done, all);
    std::fflush(stderr);
}

void progress::clear() {
    if (shown_)
        std::fputs("\r\x1b[K", stderr);
    shown_ = false;
}

} // namespace seccomp_sim::cli

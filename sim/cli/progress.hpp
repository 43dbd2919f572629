// The progress line of a run that takes more than a second, on a terminal only. It goes to standard error and
// is no output: what a run computes does not depend on it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace seccomp_sim::cli {

class progress {
  public:
    progress();
    ~progress() { clear(); }
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

    void start(std::string what) { what_ = std::move(what); }
    void tick(std::size_t done, std::size_t all);
    /// Takes the line away again.
    void clear();

  private:
    using clock = std::chrono::steady_clock;
    bool on_terminal_;
    bool shown_ = false;
    std::size_t ticks_ = 0;
    std::string what_;
    clock::time_point next_;
};

} // namespace seccomp_sim::cli

// How the driver waits for what puppets do without knowing how long that takes. At first it only
// lets others run, since most calls take microseconds; then it sleeps a little longer each time.
#pragma once

#include <chrono>
#include <cstddef>

namespace seccomp_sim::live {

class pacer {
  public:
    using clock = std::chrono::steady_clock;

    /// Forgets how long the last wait took: something was just begun.
    void begin() { turns_ = 0; }
    /// Whoever is waited for needs the CPU and gets it only while we sleep.
    void let_others_run();
    /// Lets others run for a moment.
    void moment();

  private:
    std::size_t turns_ = 0;
};

} // namespace seccomp_sim::live

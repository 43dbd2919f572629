// What the event loops of a run watch, as CSV: one line a step and epoll instance.
#pragma once

#include "sim/report/report.hpp"

namespace seccomp_sim::report {

class metrics {
  public:
    explicit metrics(sink out);
    /// Adds the lines of one step.
    void sample(const replay::run& r, std::string_view kernel, std::size_t step);

  private:
    sink out_;
};

} // namespace seccomp_sim::report

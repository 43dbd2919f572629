// The kernel's own warnings since a moment, counted in its log.
#pragma once

#include "sim/scenario/system_file.hpp"

#include <cstddef>

namespace seccomp_sim::live {

class kernel_log {
  public:
    /// Starts to count now.
    kernel_log();

    /// Whether this user may read the log.
    bool readable() const { return static_cast<bool>(file_); }
    /// WARNs about reference counts and seccomp so far. A warning of another part of the kernel is not ours.
    std::size_t warnings();

  private:
    scenario::file_descriptor file_;
    std::size_t count_ = 0;
};

} // namespace seccomp_sim::live

// A CPU of this machine for a guest that has one: the kernel's process and those of its tasks take turns, and
// are faster when none of them moves.
#pragma once

#include "sim/scenario/system_file.hpp"

#include <optional>

namespace seccomp_sim::live {

/// One that no other guest was given, of any program of this user, for as long as this lives or a process
/// has a copy of the lock.
class spare_cpu {
  public:
    /// Nothing when all are taken, or when nobody can tell.
    static std::optional<spare_cpu> take();

    unsigned number() const { return number_; }
    int lock() const { return lock_.get(); }

  private:
    spare_cpu(unsigned number, scenario::file_descriptor lock) : number_(number), lock_(std::move(lock)) {}

    unsigned number_;
    scenario::file_descriptor lock_;
};

} // namespace seccomp_sim::live

// pidfd_getfd on a real kernel needs a pidfd, which the model's task does without. It is opened before the
// step, kept out of the way at a high number, and closed after it.
#pragma once

#include "sim/live/real_tasks.hpp"

namespace seccomp_sim::live {

class borrowed_pidfd {
  public:
    borrowed_pidfd(real_tasks& tasks, const seccomp_sim::kernel& before, name_id who)
        : tasks_(tasks), before_(before), who_(who) {}

    /// The step's own call. Throws cannot_run when the caller's filters deny what is needed around it.
    raw_call prepare(const request& asked);
    /// After the step, if the caller can still act.
    void close();

  private:
    std::int64_t call(std::int64_t number, std::array<std::int64_t, 6> arguments);

    real_tasks& tasks_;
    const seccomp_sim::kernel& before_;
    name_id who_;
    std::int64_t fd_ = -1;
};

} // namespace seccomp_sim::live

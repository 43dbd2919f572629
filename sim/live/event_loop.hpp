// A supervisor's turn on a real kernel: epoll_wait, and for each event what replay::run does in the model.
#pragma once

#include "sim/live/view.hpp"
#include "sim/scenario/scenario.hpp"

namespace seccomp_sim::live {

class event_loop {
  public:
    /// `before` is the model before the step: it knows the numbers of fds that the step closes.
    event_loop(const scenario::scenario& s, real_tasks& tasks, const seccomp_sim::kernel& before,
               const scenario::call_step& call)
        : s_(s), tasks_(tasks), before_(before), call_(call) {}

    /// Makes the calls and adds what they reported to `seen`. `now` is the model after the step.
    void run(const seccomp_sim::kernel& now, view& seen);

  private:
    std::int64_t call_now(request asked);
    void answer(const seccomp_sim::kernel& now, name_id listener, view& seen);

    const scenario::scenario& s_;
    real_tasks& tasks_;
    seccomp_sim::kernel before_;
    const scenario::call_step& call_;
};

} // namespace seccomp_sim::live

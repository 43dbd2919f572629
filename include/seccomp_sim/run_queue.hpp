// The tasks that wait for the CPU, first come first served: what a struct rq is to the scheduler.
#pragma once

#include "seccomp_sim/ids.hpp"

#include <cstddef>
#include <vector>

namespace seccomp_sim {

/// A task may be on it more than once.
class run_queue {
  public:
    std::size_t size() const { return tasks_.size() - first_; }
    void clear() {
        tasks_.clear();
        first_ = 0;
    }
    void push_back(task_id who) {
        // One that never runs empty moves to the front now and then.
        if (first_ >= 64 && first_ * 2 >= tasks_.size()) [[unlikely]] {
            tasks_.erase(tasks_.begin(), tasks_.begin() + static_cast<std::ptrdiff_t>(first_));
            first_ = 0;
        }
        tasks_.push_back(who);
    }
    /// There must be one.
    task_id pop_front() {
        const task_id who = tasks_[first_++];
        if (first_ == tasks_.size())
            clear();
        return who;
    }

  private:
    std::vector<task_id> tasks_;
    std::size_t first_ = 0;
};

} // namespace seccomp_sim

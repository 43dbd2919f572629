// Runs the branches of a "concurrently" block, one atomic step at a time: by the schedule in the file, or by
// a seeded choice.
#pragma once

#include "sim/replay/run.hpp"

#include <string>
#include <vector>

namespace seccomp_sim::replay {

class block_runner {
  public:
    block_runner(run& r, const scenario::concurrent_step& block, std::uint64_t seed);

    /// Runs everything until nothing can go on, and tells the schedule that was taken.
    void run_all(step_report& report);

  private:
    struct branch {
        std::size_t next = 0; ///< the call to start next
        bool in_call = false; ///< the call before it has not returned yet
        task_id task;
    };
    void start_ready();
    void check_call(const scenario::concurrent_step::branch_call& done, call_end end, std::int64_t value,
                    step_report& report);
    void finish_calls(step_report& report);
    std::vector<task_id> candidates();
    step take_step(task_id who);
    void follow(const scenario::schedule_entry& entry, step_report& report);
    void run_rest(bool by_chance, step_report& report);
    void check_rest();
    std::vector<std::string> schedule_text() const;
    task_id scheduled_task(const scenario::schedule_entry& entry) const;
    std::uint64_t random();

    run& r_;
    kernel& k_;
    const scenario::concurrent_step& block_;
    std::uint64_t random_state_;
    std::vector<branch> branches_;
    std::vector<pass> taken_;
};

} // namespace seccomp_sim::replay

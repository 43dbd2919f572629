// One schedule of a scenario's first concurrently block on a kernel with points: either the choices of a list
// and then the first of each further one, or what a schedule in the file says. What the kernel does in the
// block is not modelled; the model only takes the steps before it.
#pragma once

#include "sim/live/kernel_log.hpp"
#include "sim/live/points/kernel_invariants.hpp"
#include "sim/live/points/points_device.hpp"
#include "sim/live/points/scheduled_tasks.hpp"
#include "sim/replay/run.hpp"
#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace seccomp_sim::live {

/// Which of the possible steps is taken, step by step.
using choice_list = std::vector<std::uint8_t>;

/// What there was to choose from at one step.
struct choice_point {
    std::uint8_t among = 1;     ///< the task that ran last comes first, if it can go on
    bool could_go_on = false;   ///< it can: taking another one is a switch
    std::uint16_t switches = 0; ///< before this step
    std::uint8_t taken = 0;
};

/// One schedule that was run.
struct schedule_run {
    std::vector<scenario::schedule_entry> entries; ///< each point that was passed in its turn
    std::string outcome;                           ///< what can be seen at the end, in one line
    std::vector<kernel_violation> broken;          ///< one for each invariant
    std::vector<std::size_t> broken_after;         ///< so many entries, of each of them
    std::vector<choice_point> choices;
    std::string parted; ///< of a given schedule: where the kernel would not follow; empty: nowhere
};

/// What any number of schedules of one scenario use, one after the other.
struct schedule_tools {
    points_device& points;
    white_box& memory;
    pacer clock{};
    kernel_log log{};
    std::shared_ptr<stage> place{}; ///< once there was one
};

class schedule_runner {
  public:
    /// Throws cannot_run.
    schedule_runner(const scenario::scenario& s, const scenario::chosen_kernel& on, schedule_tools& tools);

    /// Follows the choices as far as they go, takes the first of each further one. The invariants are looked
    /// at from the last given choice on: the steps before it are those of an earlier run. The kernel's log is
    /// read at the end, which tells whether it warned and not where, or after each of these steps.
    schedule_run run(const choice_list& choices, bool reads_log_each_step = false);
    /// Follows a schedule; then everybody runs on.
    schedule_run follow(const std::vector<scenario::schedule_entry>& schedule);

  private:
    struct branch {
        const std::vector<scenario::concurrent_step::branch_call>* calls = nullptr;
        std::size_t next = 0;
        bool begun = false; ///< the call before `next` is under way
        std::vector<std::string> returned;
    };
    /// Something that may come next: a held task goes on, or a branch begins its next call.
    struct option {
        std::size_t branch = 0; ///< whose call begins, when no task is named
        name_id who;
    };

    void begin_block();
    void note_notifications();
    void take_call(const scenario::call_step& call);
    std::vector<option> options();
    bool may_begin(const branch& b);
    name_id task_of(const option& o) const;
    void begin(branch& b, schedule_run& result);
    void step(name_id who, schedule_run& result);
    std::string follow_entry(const scenario::schedule_entry& entry, schedule_run& result);
    void note_returns(schedule_run& result);
    kernel_look check(schedule_run& result, bool reads_log);
    void finish(schedule_run& result);
    std::string outcome(const kernel_look& last);

    const scenario::scenario& s_;
    std::size_t at_; ///< the block's index in the steps
    const scenario::concurrent_step& block_;
    scenario::applicability applies_;
    schedule_tools& tools_;
    std::size_t warned_before_;
    replay::run model_;
    scheduled_tasks real_;
    real_view real_view_;
    invariant_watch watch_;
    std::vector<branch> branches_;
    std::vector<const puppet*> gone_before_;
    name_id last_;
};

} // namespace seccomp_sim::live

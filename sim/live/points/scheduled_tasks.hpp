// A scenario's real tasks under the schedule of a kernel with points: each runs from one point to the next,
// and everybody else stands still meanwhile.
#pragma once

#include "sim/live/points/kernel_invariants.hpp"
#include "sim/live/points/points_device.hpp"
#include "sim/live/real_tasks.hpp"
#include "sim/live/view.hpp"
#include "sim/live/white_box/white_box.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::live {

/// Counters of one filter.
struct filter_counters {
    std::uint32_t usage = 0;
    std::optional<std::uint32_t> live;
    bool operator==(const filter_counters&) const = default;
};
using counters_by_name = std::map<std::string, filter_counters>;

class scheduled_tasks {
  public:
    scheduled_tasks(const scenario::scenario& s, pacer& clock, points_device& points, white_box& memory,
                    std::shared_ptr<stage> place);

    real_tasks& tasks() { return tasks_; }
    /// What can be seen of the tasks; listeners are polled by way of the points.
    real_view view_beside(const kernel& model);
    points_device& points() { return points_; }

    /// Gives a task a call and waits until everybody stands still. `asked` was prepared before.
    void begin(const kernel& model, name_id who, const raw_call& call, const request& asked);
    /// Whether the last step ended with a look at all tasks: it does where one may have got another pid.
    bool has_just_looked() const { return looked_; }
    /// Lets a held task run to its next point, its sleep, its return or its end. False: it is not held.
    bool step(name_id who);
    /// The label at which the task is held; empty: it is not.
    std::string held_at(name_id who) const;
    bool is_dead(name_id who) const;
    bool in_call(name_id who);
    /// It neither stands nor sleeps: it wants a spinlock that somebody has who is held.
    bool waits_for_spinlock(name_id who) const;
    /// Gives each of these tasks a CPU of its own, and us the first one. Throws cannot_run when there are too
    /// few.
    void spread(const std::vector<name_id>& tasks);
    /// Points that were passed since the last time; those of a task that is nobody's are left out.
    std::vector<std::pair<name_id, passed_point>> passed();
    /// Everybody goes on until nobody is held any more. False: it does not come to an end.
    bool run_out();
    /// Whether held tasks may keep us from polling a listener: one of them has its lock.
    bool polls_would_block() const;

    /// Looks at the kernel's memory and its listeners. At rest, what is done after a grace period is done
    /// first, if that is asked for: it takes a while on some kernels.
    kernel_look look(const kernel& model, real_view& seen, bool after_grace_period = true);
    /// Learns which filter is which, from tasks that have as many in the model as on the kernel.
    void learn_names(const kernel& model, const seccomp_state& state);
    const std::map<std::uint64_t, std::string>& names() const { return names_; }
    counters_by_name counters(const seccomp_state& state) const;

  private:
    bool tag_everybody(); ///< whether there was anybody new
    std::map<name_id, std::uint64_t> add_polls(const kernel& model, real_view& seen, kernel_look& now) const;
    void add_sleepers(const kernel& model, const std::map<name_id, std::uint64_t>& listened,
                      kernel_look& now) const;
    std::uint64_t address_of(name_id filter) const; ///< 0: not known
    std::optional<std::size_t> slot_of(name_id who) const;
    void settle();
    void take_in(bool settled); ///< learns where everybody is
    bool somebody_spins() const;

    const scenario::scenario& s_;
    points_device& points_;
    white_box& memory_;
    real_tasks tasks_;
    std::map<pid_t, std::size_t> slots_; ///< by the pid that it was born with
    std::vector<name_id> tagged_;        ///< by slot
    std::vector<task_place> places_;
    bool looked_ = false;
    bool was_readable_ = false;
    std::map<std::uint64_t, std::string> names_;
};

} // namespace seccomp_sim::live

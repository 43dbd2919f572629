// Lets a kernel follow the steps that the model takes in a concurrently block: after each step of a modelled
// task, its real task runs to the next point.
#pragma once

#include "sim/live/points/confirmation.hpp"
#include "sim/live/points/scheduled_tasks.hpp"
#include "sim/replay/run.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace seccomp_sim::live {

class schedule_follower {
  public:
    /// `coming` are the steps that the model will take. Points in `locked` cannot be waited at: a stretch of
    /// them is run when the model has passed the last, instead of when it comes to the first.
    schedule_follower(const scenario::scenario& s, scheduled_tasks& real, real_view& seen,
                      invariant_watch& watch, const std::set<std::string>& labels,
                      std::vector<replay::pass> coming, std::set<std::string> locked)
        : s_(s), real_(real), seen_(seen), watch_(watch), labels_(labels), coming_(std::move(coming)),
          locked_(std::move(locked)) {}

    /// The model has taken a step.
    void after(const kernel& model, const replay::pass& step);

    const std::vector<story_row>& rows() const { return rows_; }
    const std::vector<kernel_violation>& broken() const { return broken_; }
    /// The first place at which the kernel would not go the model's way; empty: none.
    const std::string& parted() const { return parted_; }
    /// Why the kernel's order of steps is not quite the model's; empty: it is.
    const std::string& crossed() const { return crossed_; }
    /// The points that a task went past under a spinlock.
    const std::set<std::string>& met_locked() const { return met_locked_; }

  private:
    /// What is known of a real task on its way.
    struct progress {
        std::deque<std::string> unheld; ///< points it passed without stopping, and the model has not yet
        std::size_t ran_at = 0;         ///< the kernel's step in which it ran last
    };

    void begin_call(const kernel& model, name_id who);
    void make_call(const kernel& model, name_id who);
    void pass_point(name_id who, const std::string& label);
    void pass_unheld(name_id who, const std::string& label);
    bool step(name_id who, const std::string& label);
    bool put_off(name_id who, const std::string& label);
    bool locked_comes(name_id who) const;
    bool still_comes(name_id who, const std::string& label) const;
    bool is_aligned(const kernel& model) const;
    void take_passes();
    void compare(const kernel& model, const replay::pass& step, const std::string& what);
    void part(name_id who, const std::string& why);
    std::string name(name_id who) const { return std::string(s_.name_of(who)); }

    const scenario::scenario& s_;
    scheduled_tasks& real_;
    real_view& seen_;
    invariant_watch& watch_;
    const std::set<std::string>& labels_;
    std::vector<replay::pass> coming_;
    std::set<std::string> locked_, met_locked_;
    std::set<name_id> waiting_; ///< before a stretch under a spinlock, while the model is in it
    std::size_t done_ = 0;      ///< of coming_
    std::size_t kernel_steps_ = 0;
    std::map<name_id, progress> progress_;
    std::map<name_id, std::pair<raw_call, request>> waiting_calls_;
    std::set<name_id> lost_;  ///< tasks whose stories have parted
    std::string kernel_text_; ///< of the present row
    counters_by_name model_before_, kernel_before_;
    std::vector<story_row> rows_;
    std::vector<kernel_violation> broken_;
    std::string parted_, crossed_;
};

/// The counters of the model's filters that are not freed.
counters_by_name model_counters(const scenario::scenario& s, const kernel& model);
/// "watch: usage 2, live 1 -> 0": what changed from one to the other.
std::string changes_text(const counters_by_name& before, const counters_by_name& now);

} // namespace seccomp_sim::live

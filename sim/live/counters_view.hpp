// The filter tree and its counters, as the model has them and as the kernel really does, in the words of a
// view. The kernel's filters have addresses; which filter of the scenario an address is follows from its
// place on a task's path, and stays so until it is freed.
#pragma once

#include "sim/live/real_tasks.hpp"
#include "sim/live/view.hpp"
#include "sim/live/white_box/white_box.hpp"

#include <map>
#include <set>
#include <string>

namespace seccomp_sim::live {

class counters_view {
  public:
    counters_view(const scenario::scenario& s, const real_tasks& tasks, const seccomp_sim::kernel& model,
                  white_box& box)
        : s_(s), tasks_(tasks), k_(model), box_(box) {}

    /// Adds each filter's counters and each task's path. `unseen` gets what the kernel has no way to show: a
    /// filter that only an fd in flight holds.
    void add(view& v, std::set<std::string>& unseen);
    /// After a step whose counters are not compared: learns the addresses of the filters that tasks attached
    /// with a listener. By the next comparison a task may have gone, and the listener alone hold its filter.
    void meet_new_filters();

  private:
    seccomp_state read(const std::vector<pid_t>& groups);
    void bind_path(const puppet& p, const seccomp_state& state);
    std::string path_text(const puppet& p, const seccomp_state& state) const;
    std::set<name_id> filters_in_reach() const;

    const scenario::scenario& s_;
    const real_tasks& tasks_;
    const seccomp_sim::kernel& k_;
    white_box& box_;
    std::map<std::uint64_t, name_id> names_; ///< of filters, by address
    std::map<name_id, filter_id> met_;       ///< filters that have an address
};

/// The model's side: "filter watch" is "usage 2, live 1", "worker: path" is "upper, lower".
void add_model_counters(const scenario::scenario& s, const seccomp_sim::kernel& model, view& v);

} // namespace seccomp_sim::live

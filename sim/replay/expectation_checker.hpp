// Compares what a scenario expects with what a run shows.
#pragma once

#include "sim/replay/run.hpp"

#include <string>

namespace seccomp_sim::replay {

class expectation_checker {
  public:
    expectation_checker(run& r, step_report& report) : r_(r), k_(r.k_), s_(r.s_), report_(report) {}

    void check(const scenario::expect_step& expected);
    /// A call's "returns" and its events, against how `report` says that it ended.
    void check_call(const scenario::call_step& call, scenario::source_ref where,
                    const std::vector<event>& events);

  private:
    void fail(scenario::source_ref where, const std::string& expected, const std::string& seen);
    std::string name(name_id n) const { return std::string(s_.name_of(n)); }
    std::string names(const std::vector<name_id>& list) const;
    bool matches(const scenario::outcome& o, call_end end, std::int64_t value, task_id caller) const;
    std::string outcome_text(const scenario::outcome& o) const;
    scenario::task_condition condition_of(name_id which) const;

    void look(const scenario::expect_poll& e, scenario::source_ref where);
    void look(const scenario::expect_counters& e, scenario::source_ref where);
    void look(const scenario::expect_task& e, scenario::source_ref where);
    void look(const scenario::expect_returned& e, scenario::source_ref where);
    void look(const scenario::expect_blocked& e, scenario::source_ref where);
    void look(const scenario::expect_woken& e, scenario::source_ref where);
    void look(const scenario::expect_parent& e, scenario::source_ref where);
    void look(const scenario::expect_seccomp& e, scenario::source_ref where);
    void look(const scenario::expect_fds& e, scenario::source_ref where);
    void look(const scenario::expect_fd_count& e, scenario::source_ref where);
    void look(const scenario::expect_notifications& e, scenario::source_ref where);
    void look(const scenario::expect_received& e, scenario::source_ref where);
    void look(const scenario::expect_exit_code& e, scenario::source_ref where);
    void look(const scenario::expect_warnings& e, scenario::source_ref where);
    void look(const scenario::expect_leaked& e, scenario::source_ref where);

    run& r_;
    kernel& k_;
    const scenario::scenario& s_;
    step_report& report_;
};

} // namespace seccomp_sim::replay

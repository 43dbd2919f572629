// Runs a scenario on a modelled kernel, step by step, and checks what it expects.
#pragma once

#include "sim/replay/trace.hpp"
#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::replay {

/// An expectation that did not hold.
struct failure {
    place where;
    std::string message; ///< what was expected, and what was seen
};

/// A filter whose counters a step changed.
struct counter_change {
    name_id filter;
    std::int32_t usage_before = 0, usage_after = 0;
    std::int32_t live_before = 0, live_after = 0;
    bool is_new = false;
    bool freed = false;
};

/// What a listener or epoll fd would report to poll after a step.
struct poll_state {
    name_id fd;
    std::uint32_t events = 0;
    friend bool operator==(const poll_state&, const poll_state&) = default;
};

enum class call_end : std::uint8_t { no_call, returned, blocks, died, not_started };

/// One step as it went.
struct step_report {
    std::size_t number = 0; ///< from 1, with repeats written out
    const scenario::step* step = nullptr;
    bool skipped = false; ///< not for this kernel
    call_end end = call_end::no_call;
    std::int64_t value = 0;
    std::vector<event> events;
    std::vector<counter_change> counters;
    std::vector<poll_state> polls;     ///< of those that changed
    std::vector<std::string> schedule; ///< of a concurrently block: the one that was taken
    std::vector<failure> failures;
    std::vector<violation> violations;
};

/// One atomic step of a task in a concurrently block.
struct pass {
    name_id who;        ///< `rcu` for the worker that runs RCU callbacks
    label_id label = 0; ///< the one it passed; 0: it began its call
};

struct run_options {
    std::optional<std::uint64_t> seed; ///< of concurrently blocks, instead of the scenario's own
    bool invariants = true;
    std::size_t stop_after = ~std::size_t{0}; ///< the last step to run, from 1
    bool watch_polls = true;                  ///< work out what each listener reports after each step
    /// Called after each atomic step in a concurrently block.
    std::function<void(const kernel&, const pass&)> after_pass;
};

/// A scenario in the middle of being run. The scenario outlives it.
class run {
  public:
    run(const scenario::scenario& s, const scenario::chosen_kernel& on, const run_options& options = {});
    run(const run&) = delete;
    run& operator=(const run&) = delete;

    /// Runs the next step; nothing when there is none left. A diagnostic for a step that cannot be asked for
    /// (a dead task, a closed fd).
    std::optional<result<step_report>> next();

    /// After the last step: what the scenario as a whole expects ("violates").
    std::vector<failure> finish() const;

    const scenario::scenario& script() const { return s_; }
    const scenario::chosen_kernel& on() const { return on_; }
    kernel& model() { return k_; }
    const kernel& model() const { return k_; }
    const trace& heard() const { return trace_; }
    /// Violations so far, those that the scenario expects included.
    const std::vector<violation>& violations() const { return k_.violations; }
    /// The open file of that name: whoever has it, or a message in flight; nothing when it is closed
    /// everywhere.
    file_id find_file(name_id fd) const;

  private:
    struct filter_state {
        std::int32_t usage = 0, live = 0;
        bool freed = false;
        friend bool operator==(const filter_state&, const filter_state&) = default;
    };

    void run_call(const scenario::call_step& call, const scenario::step_info& info, step_report& report);
    void run_event_loop(const scenario::call_step& call, step_report& report);
    std::int64_t call_now(task_id who, request asked);
    void run_concurrently(const scenario::concurrent_step& block, step_report& report);
    void check_expectations(const scenario::expect_step& expected, step_report& report);
    void check_outcome(const scenario::call_step& call, scenario::source_ref where, step_report& report);
    void collect_changes(step_report& report);
    void collect_polls(step_report& report);
    void require_possible(const scenario::call_step& call, scenario::source_ref where) const;
    request_id add_request(const request& asked);
    void note_pid(name_id child);

    const scenario::scenario& s_;
    scenario::chosen_kernel on_;
    scenario::applicability applies_;
    run_options options_;
    kernel k_;
    trace trace_;
    std::size_t next_ = 0;
    std::map<name_id, filter_state> shown_filters_;
    std::map<filter_id, std::uint32_t> shown_polls_;
    std::vector<name_id> woken_before_; ///< by the last step that was no expectation
    std::map<name_id, std::pair<index_type, index_type>>
        pids_; ///< in the first and in their own namespace, at birth

    friend class block_runner;
    friend class expectation_checker;
};

} // namespace seccomp_sim::replay

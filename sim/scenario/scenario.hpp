// A scenario as it was read: what tasks do, in which order, and what is expected. It is plain data: names are
// numbers, filters are compiled, and repeats are written out, so that running it is walking over `steps`.
#pragma once

#include "seccomp_sim/bpf.hpp"
#include "seccomp_sim/labels.hpp"
#include "seccomp_sim/request.hpp"
#include "seccomp_sim/violation.hpp"
#include "sim/scenario/constraint.hpp"
#include "sim/scenario/expectation.hpp"
#include "sim/scenario/json_value.hpp"
#include "sim/scenario/name_table.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace seccomp_sim::scenario {

/// A note, or a step's name: an index into scenario::texts.
using text_id = id<struct text_tag>;

/// What is known of every step.
struct step_info {
    source_ref where; ///< the step's object; the same for all steps of a repeat
    constraint_id on; ///< nothing: the step happens on every kernel
    text_id note;
    text_id at; ///< the name given to the step
};

/// What a task is asked for that is no single system call.
enum class macro : std::uint8_t {
    none,
    /// A supervisor's turn: epoll_wait with timeout 0 on asked.fd; for each event HUP: EPOLL_CTL_DEL and
    /// close; IN: RECV and SEND, with CONTINUE, or with the value asked.value if asked.flags is 1.
    event_loop,
};

/// A task makes a system call.
struct call_step {
    request asked; ///< names are of scenario::names, the program of scenario::filters, polls of poll_list
    name_id task;
    table_run returns; ///< in scenario::outcomes; empty: not checked
    std::optional<table_run>
        reports; ///< in scenario::reports: exactly what poll or epoll_wait reports, by fd
    macro special = macro::none;
};

/// Something is looked at.
struct expect_step {
    std::vector<observation> observations; ///< in the order of the file; never empty
};

/// `task` runs until it has passed `label`; everybody else stands still.
struct schedule_entry {
    name_id task;
    label_id label = 0;
    source_ref where;
};

/// Tasks make calls at the same time.
struct concurrent_step {
    struct branch_call {
        step_info info;
        call_step call;
    };
    std::vector<std::vector<branch_call>> branches;      ///< a task is in one branch only
    std::optional<std::vector<schedule_entry>> schedule; ///< without one, a seeded choice is made
    std::optional<std::uint64_t> seed;
};

struct step {
    step_info info;
    std::variant<call_step, expect_step, concurrent_step> what;
};

/// A filter that steps install.
struct named_filter {
    name_id name;
    bpf_program program;
    std::uint32_t flags = 0;       ///< install_flag bits of its profile: taken where a step gives no flags
    std::vector<diagnostic> notes; ///< what was accepted but has no effect, or was left out
    std::string file;              ///< where it was read from; empty when it stands in the scenario
};

/// An invariant that the run is expected to break, on the kernels for which `on` holds.
struct expected_violation {
    constraint_id on;
    invariant which = invariant::usage_exact;
};

struct scenario {
    std::string name;
    std::string summary;
    std::string source; ///< what it was made after
    std::string note;
    constraint_id on;                         ///< the kernels it is for; nothing: all
    std::vector<choice_setting> set;          ///< on top of the chosen preset
    std::optional<std::uint64_t> seed;        ///< of blocks that have none
    std::vector<expected_violation> violates; ///< the first that holds counts; empty: nothing breaks
    std::string live_skip;                    ///< why it is not compared with a real kernel; empty: it is

    std::vector<named_filter> filters; ///< by program_id
    std::vector<step> steps;           ///< with repeats written out

    name_table names; ///< `init` and `rcu` come first
    std::vector<std::string> texts;
    std::vector<constraint> constraints; ///< by constraint_id
    std::vector<outcome_case> outcomes;
    std::vector<fd_events> reports;
    std::vector<poll_request> poll_list;  ///< what request::first_poll counts in
    std::shared_ptr<const document> text; ///< what it was read from

    /// The task that exists from the start.
    static constexpr name_id init() { return {0}; }
    /// What schedules call the worker that runs RCU callbacks. No step's task.
    static constexpr name_id rcu() { return {1}; }
    std::string_view name_of(name_id n) const { return n ? std::string_view(names[n]) : std::string_view(); }
    std::string_view text_of(text_id t) const {
        return t ? std::string_view(texts[t.value]) : std::string_view();
    }
    std::span<const outcome_case> outcomes_of(table_run run) const {
        return std::span(outcomes).subspan(run.first, run.count);
    }
    std::span<const fd_events> reports_of(table_run run) const {
        return std::span(reports).subspan(run.first, run.count);
    }
    place place_of(source_ref where) const { return text->place_of(where); }
    place place_of(const step& s) const { return text->place_of(s.info.where); }
    /// "do" of a call as the file has it ("vfork", "epoll_wait"), or "expect" or "concurrently".
    std::string_view verb_of(const step_info& s) const;
    /// The step that "--at" means: its name, or its number from 1. Failing, it names the nearest name.
    result<std::size_t> find_step(std::string_view at) const;
};

/// Which of a scenario's constraints hold on one kernel, worked out once.
class applicability {
  public:
    applicability(const scenario& s, const chosen_kernel& kernel);

    bool operator()(constraint_id on) const { return !on || holds_[on.value]; }
    /// The outcome that counts, or nullptr.
    const outcome_case* choose(std::span<const outcome_case> cases) const;
    /// The invariant that should break, if one should.
    std::optional<invariant> violation_of(const scenario& s) const;

  private:
    std::vector<bool> holds_;
};

} // namespace seccomp_sim::scenario

// Depth first, without remembering states: a schedule is a list of choices, and the next one changes the last
// choice that has an alternative left. Each schedule has tasks of its own.
#include "sim/live/points/every_schedule.hpp"

#include "sim/live/cannot_run.hpp"
#include "sim/live/kernel_log.hpp"
#include "sim/live/points/scheduled_tasks.hpp"
#include "sim/replay/possible.hpp"
#include "sim/replay/run.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>

namespace seccomp_sim::live {
namespace {

using scenario::value_or_throw;

/// What was chosen at one point of a schedule, and out of how many.
struct choice {
    std::size_t taken = 0;
    std::size_t among = 1;
};

class schedule_runner {
  public:
    schedule_runner(const scenario::scenario& s, const scenario::chosen_kernel& on, points_device& points,
                    white_box& memory, const exploration_limits& limits)
        : s_(s), limits_(limits), applies_(s, on), model_(s, on, quick()), real_(s, clock_, points, memory),
          real_view_(s, real_.tasks(), model_.model()), watch_(real_.names()) {}

    /// Follows the choices as far as they go, takes the first of each further one, and writes all down.
    schedule_run run(std::vector<choice>& choices);

  private:
    struct branch {
        const std::vector<scenario::concurrent_step::branch_call>* calls = nullptr;
        std::size_t next = 0;
        bool begun = false; ///< the call before `next` is under way
        std::vector<std::string> returned;
    };
    /// Something that may come next.
    struct option {
        std::size_t branch = 0; ///< whose call begins, when no task is named
        name_id who;
    };

    static replay::run_options quick() {
        replay::run_options o;
        o.invariants = false;
        o.watch_polls = false;
        return o;
    }
    const scenario::concurrent_step* reach_block();
    void take_call(const scenario::call_step& call);
    std::vector<option> options();
    void take(const option& o, schedule_run& result);
    void note_returns();
    void check(schedule_run& result);
    std::string outcome();

    const scenario::scenario& s_;
    const exploration_limits& limits_;
    scenario::applicability applies_;
    pacer clock_;
    replay::run model_;
    scheduled_tasks real_;
    real_view real_view_;
    invariant_watch watch_;
    kernel_log log_;
    std::vector<branch> branches_;
    name_id last_;
    std::size_t switches_ = 0;
};

void schedule_runner::take_call(const scenario::call_step& call) {
    const kernel& k = model_.model();
    const bool possible = replay::why_impossible(model_, k, call).empty();
    raw_call prepared;
    if (possible)
        prepared = real_.tasks().prepare(k, call.task, call.asked);
    value_or_throw(std::move(*model_.next()));
    if (!possible)
        return;
    real_.begin(k, call.task, prepared, call.asked);
    real_.tasks().deliver(k);
}

/// Takes the steps before the block.
const scenario::concurrent_step* schedule_runner::reach_block() {
    for (const scenario::step& step : s_.steps) {
        const auto* call = std::get_if<scenario::call_step>(&step.what);
        const auto* block = std::get_if<scenario::concurrent_step>(&step.what);
        if (!applies_(step.info.on) || (call == nullptr && block == nullptr))
            value_or_throw(std::move(*model_.next()));
        else if (call != nullptr)
            take_call(*call);
        else
            return block;
    }
    return nullptr;
}

/// The task that ran last comes first, so that the first schedules have few switches.
std::vector<schedule_runner::option> schedule_runner::options() {
    std::vector<option> result;
    for (const auto& p : real_.tasks().everybody().all())
        if (p->name && !real_.held_at(p->name).empty())
            result.push_back({0, p->name});
    for (std::size_t i = 0; i < branches_.size(); ++i) {
        const branch& b = branches_[i];
        if (b.begun || b.next == b.calls->size())
            continue;
        const name_id who = (*b.calls)[b.next].call.task;
        const puppet* p = real_.tasks().everybody().find(who);
        if (p != nullptr && !p->gone && !p->in_call && !real_.is_dead(who))
            result.push_back({i, {}});
    }
    const auto of = [&](const option& o) {
        return o.who ? o.who : (*branches_[o.branch].calls)[branches_[o.branch].next].call.task;
    };
    std::stable_sort(result.begin(), result.end(),
                     [&](const option& a, const option& b) { return (of(a) == last_) > (of(b) == last_); });
    const bool could_go_on = !result.empty() && of(result.front()) == last_;
    if (could_go_on && limits_.switches && switches_ >= *limits_.switches)
        result.resize(1);
    return result;
}

void schedule_runner::take(const option& o, schedule_run& result) {
    name_id who = o.who;
    if (who) {
        result.entries.push_back({who, find_label(real_.held_at(who)), {}});
        real_.step(who);
    } else {
        branch& b = branches_[o.branch];
        const scenario::call_step& call = (*b.calls)[b.next].call;
        who = call.task;
        ++b.next;
        b.begun = true;
        real_.begin(model_.model(), who, real_.tasks().prepare(model_.model(), who, call.asked), call.asked);
    }
    last_ = who;
    note_returns();
}

void schedule_runner::note_returns() {
    for (branch& b : branches_) {
        if (!b.begun)
            continue;
        const name_id who = (*b.calls)[b.next - 1].call.task;
        puppet* p = real_.tasks().everybody().find(who);
        if (p == nullptr || p->gone || real_.is_dead(who) || !p->returned)
            continue;
        view seen;
        real_view_.add_tasks(seen);
        b.returned.push_back(seen[std::string(s_.name_of(who)) + ": returned"]);
        p->returned.reset();
        b.begun = false;
    }
}

void schedule_runner::check(schedule_run& result) {
    kernel_look look = real_.look(model_.model(), real_view_);
    look.warnings = log_.warnings();
    for (kernel_violation& v : watch_.check(look)) {
        const bool known = std::any_of(result.broken.begin(), result.broken.end(),
                                       [&](const kernel_violation& old) { return old.which == v.which; });
        if (!known)
            result.broken.push_back(std::move(v));
    }
}

std::string schedule_runner::outcome() {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    for (const branch& b : branches_)
        for (std::size_t i = 0; i < b.calls->size(); ++i) {
            const name_id who = (*b.calls)[i].call.task;
            const puppet* p = real_.tasks().everybody().find(who);
            const bool dead = p == nullptr || p->gone || real_.is_dead(who);
            add(std::string(s_.name_of(who)) + " " + std::string(s_.verb_of((*b.calls)[i].info)) + " = " +
                (i < b.returned.size() ? b.returned[i]
                 : dead                ? "dies"
                 : i < b.next          ? "blocks"
                                       : "not begun"));
        }
    view polls;
    std::set<std::string> unseen;
    real_view_.add_polls(polls, unseen);
    for (const auto& [what, events] : polls)
        add(what + " " + events);
    return text;
}

schedule_run schedule_runner::run(std::vector<choice>& choices) {
    const scenario::concurrent_step* block = reach_block();
    if (block == nullptr)
        throw scenario::input_error({s_.text ? place{s_.text->file(), 1, 1, ""} : place{},
                                     "nothing happens at the same time in this scenario",
                                     "a concurrently block"});
    for (const auto& calls : block->branches)
        branches_.push_back({&calls, 0, false, {}});
    schedule_run result;
    real_.tasks().begin_step();
    real_.look(model_.model(), real_view_);
    real_.points().hold(true);
    for (std::size_t depth = 0;; ++depth) {
        const std::vector<option> possible = options();
        if (possible.empty())
            break;
        if (depth == choices.size())
            choices.push_back({0, possible.size()});
        choices[depth].among = possible.size();
        // What was possible once must be again: the kernel is deterministic but for the timer tick.
        const std::size_t taken = std::min(choices[depth].taken, possible.size() - 1);
        switches_ += taken != 0 ? 1U : 0U;
        take(possible[taken], result);
        check(result);
    }
    real_.points().hold(false);
    check(result);
    result.outcome = outcome();
    return result;
}

/// The next list of choices; false when there is none.
bool advance(std::vector<choice>& choices) {
    while (!choices.empty() && choices.back().taken + 1 >= choices.back().among)
        choices.pop_back();
    if (choices.empty())
        return false;
    ++choices.back().taken;
    return true;
}

} // namespace

exploration explore_here(const scenario::scenario& s, const scenario::chosen_kernel& on,
                         points_device& points, white_box& memory, const exploration_limits& limits) {
    exploration all;
    const auto start = std::chrono::steady_clock::now();
    std::vector<choice> choices;
    do {
        const schedule_run one = schedule_runner(s, on, points, memory, limits).run(choices);
        ++all.schedules;
        ++all.outcomes[one.outcome];
        for (const kernel_violation& v : one.broken) {
            const bool known = std::any_of(all.broken.begin(), all.broken.end(), [&](const schedule_run& r) {
                return r.broken.front().which == v.which;
            });
            if (!known)
                all.broken.push_back({one.entries, one.outcome, {v}});
        }
        all.exhausted = !advance(choices);
    } while (!all.exhausted && all.schedules < limits.schedules &&
             !(limits.stop_at_first && !all.broken.empty()));
    all.time = std::chrono::steady_clock::now() - start;
    return all;
}

} // namespace seccomp_sim::live

// One schedule. A step is a held task that runs to its next point, or a call that begins; whoever returns
// says so in the shared memory.
#include "sim/live/points/schedule_runner.hpp"

#include "sim/live/cannot_run.hpp"
#include "sim/live/points/outcome_text.hpp"
#include "sim/replay/possible.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>
#include <string_view>

namespace seccomp_sim::live {
namespace {

using scenario::value_or_throw;

/// More steps than any call has.
constexpr std::size_t most_steps = 5000;

replay::run_options quick() {
    replay::run_options o;
    o.invariants = false;
    o.watch_polls = false;
    return o;
}

std::size_t block_of(const scenario::scenario& s, const scenario::chosen_kernel& on) {
    const auto found = first_block(s, on);
    if (!found)
        throw scenario::input_error({s.text ? place{s.text->file(), 1, 1, ""} : place{},
                                     "nothing happens at the same time in this scenario",
                                     "a concurrently block"});
    return *found;
}

/// A call that, once it returns, has ended or stopped nobody.
bool changes_nobody(operation op) {
    switch (op) {
    case operation::fork:
    case operation::set_no_new_privs:
    case operation::seccomp:
    case operation::prctl_seccomp:
    case operation::dup:
    case operation::close:
    case operation::send_fd:
        return true;
    default:
        return false;
    }
}

/// The same one for all schedules.
std::shared_ptr<stage> fresh_stage(const scenario::scenario& s, schedule_tools& tools) {
    if (tools.place)
        tools.place->begin_anew();
    else
        tools.place = make_stage(s, stage::use::again);
    return tools.place;
}

/// The labels that stand in a schedule for what a kernel has no point for.
constexpr std::string_view call_begins = "entry/secure-computing";
constexpr std::string_view call_ends = "exit_to_user_mode/before-signals";

} // namespace

schedule_runner::schedule_runner(const scenario::scenario& s, const scenario::chosen_kernel& on,
                                 schedule_tools& tools)
    : s_(s), at_(block_of(s, on)), block_(std::get<scenario::concurrent_step>(s.steps[at_].what)),
      applies_(s, on), tools_(tools), warned_before_(tools.log.warnings()), model_(s, on, quick()),
      real_(s, tools.clock, tools.points, tools.memory, fresh_stage(s, tools)),
      real_view_(real_.view_beside(model_.model())), watch_(real_.names()) {}

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
    const bool nobody_changed = changes_nobody(call.asked.op) && !real_.in_call(call.task);
    if (!real_.has_just_looked() && !nobody_changed)
        real_.tasks().look();
    note_notifications();
    real_.tasks().deliver(k);
}

/// A RECV that has returned: later calls may mean its notification.
void schedule_runner::note_notifications() {
    view seen;
    real_view_.add_tasks(seen);
}

/// Takes the steps before the block.
void schedule_runner::begin_block() {
    for (std::size_t i = 0; i < at_; ++i) {
        const scenario::step& step = s_.steps[i];
        const auto* call = std::get_if<scenario::call_step>(&step.what);
        if (call != nullptr && applies_(step.info.on))
            take_call(*call);
        else
            value_or_throw(std::move(*model_.next()));
    }
    for (const auto& calls : block_.branches)
        branches_.push_back({&calls, 0, false, {}});
    for (branch& b : branches_)
        b.returned.resize(b.calls->size());
    real_.tasks().begin_step();
    real_.look(model_.model(), real_view_, false);
    for (const auto& p : real_.tasks().everybody().all())
        if (p->gone)
            gone_before_.push_back(p.get());
    if (real_.points().holds_under_locks()) {
        std::vector<name_id> tasks;
        for (const branch& b : branches_)
            tasks.push_back(b.calls->front().call.task);
        real_.spread(tasks);
    }
    real_.points().hold(true);
}

bool schedule_runner::may_begin(const branch& b) {
    if (b.begun || b.next == b.calls->size())
        return false;
    const name_id who = (*b.calls)[b.next].call.task;
    const puppet* p = real_.tasks().everybody().find(who);
    return p != nullptr && !p->gone && !p->in_call && !real_.is_dead(who);
}

name_id schedule_runner::task_of(const option& o) const {
    const branch& b = branches_[o.branch];
    return o.who ? o.who : (*b.calls)[b.next].call.task;
}

/// The task that ran last comes first, so that the first schedules have few switches.
std::vector<schedule_runner::option> schedule_runner::options() {
    std::vector<option> result;
    for (const auto& p : real_.tasks().everybody().all())
        if (p->name && !real_.held_at(p->name).empty())
            result.push_back({0, p->name});
    for (std::size_t i = 0; i < branches_.size(); ++i)
        if (may_begin(branches_[i]))
            result.push_back({i, {}});
    std::stable_sort(result.begin(), result.end(), [&](const option& a, const option& b) {
        return (task_of(a) == last_) > (task_of(b) == last_);
    });
    return result;
}

void schedule_runner::begin(branch& b, schedule_run& result) {
    const scenario::call_step& call = (*b.calls)[b.next].call;
    ++b.next;
    b.begun = true;
    last_ = call.task;
    result.entries.push_back({call.task, find_label(call_begins), {}});
    real_.begin(model_.model(), call.task, real_.tasks().prepare(model_.model(), call.task, call.asked),
                call.asked);
    note_returns(result);
}

void schedule_runner::step(name_id who, schedule_run& result) {
    result.entries.push_back({who, find_label(real_.held_at(who)), {}});
    last_ = who;
    if (!real_.step(who))
        throw cannot_run(std::string(s_.name_of(who)) + " does not come to rest after " +
                         std::string(label_name(result.entries.back().label)));
    note_returns(result);
}

void schedule_runner::note_returns(schedule_run& result) {
    for (branch& b : branches_) {
        if (!b.begun)
            continue;
        const name_id who = (*b.calls)[b.next - 1].call.task;
        puppet* p = real_.tasks().everybody().find(who);
        if (p == nullptr || !p->returned)
            continue;
        b.returned[b.next - 1] = real_view_.returned_text(*p);
        const request& asked = (*b.calls)[b.next - 1].call.asked;
        if (asked.op == operation::receive)
            note_notifications();
        if (asked.op == operation::system_call && *p->returned >= 0 && !gives_pid(asked))
            b.returned[b.next - 1] = goes_through;
        p->returned.reset();
        b.begun = false;
        result.entries.push_back({who, find_label(call_ends), {}});
    }
}

/// What is done after a grace period may be all that is missing.
kernel_look schedule_runner::check(schedule_run& result, bool reads_log) {
    kernel_look look = real_.look(model_.model(), real_view_, false);
    if (look.at_rest && !watch_.check(look).empty())
        look = real_.look(model_.model(), real_view_, true);
    if (reads_log)
        look.warnings = tools_.log.warnings() - warned_before_;
    for (kernel_violation& v : watch_.check(look)) {
        const bool known = std::any_of(result.broken.begin(), result.broken.end(),
                                       [&](const kernel_violation& old) { return old.which == v.which; });
        if (known)
            continue;
        result.broken.push_back(std::move(v));
        result.broken_after.push_back(result.entries.size());
    }
    return look;
}

std::string schedule_runner::outcome(const kernel_look& last) {
    block_ending seen;
    for (const branch& b : branches_) {
        seen.calls.emplace_back();
        for (std::size_t i = 0; i < b.calls->size(); ++i) {
            const name_id who = (*b.calls)[i].call.task;
            const puppet* p = real_.tasks().everybody().find(who);
            const bool dead = p == nullptr || p->gone || real_.is_dead(who);
            seen.calls.back().push_back({!b.returned[i].empty() ? call_ending::how::returned
                                         : dead                 ? call_ending::how::dies
                                         : i < b.next           ? call_ending::how::blocks
                                                                : call_ending::how::not_begun,
                                         b.returned[i]});
        }
    }
    for (const auto& p : real_.tasks().everybody().all()) {
        if (!p->name || std::find(gone_before_.begin(), gone_before_.end(), p.get()) != gone_before_.end())
            continue;
        if (p->gone || p->seen->state == 'X')
            seen.dead[std::string(s_.name_of(p->name))] = "gone";
        else if (p->seen->state == 'Z')
            seen.dead[std::string(s_.name_of(p->name))] = "zombie";
    }
    constexpr std::string_view end = ": poll";
    for (const auto& [what, events] : last.shown)
        if (events != "closed")
            seen.polls[what.substr(0, what.size() - end.size())] = events;
    return outcome_text(s_, block_, seen);
}

void schedule_runner::finish(schedule_run& result) {
    real_.points().hold(false);
    real_.tasks().look();
    result.outcome = outcome(check(result, true));
}

schedule_run schedule_runner::run(const choice_list& choices, bool reads_log_each_step) {
    begin_block();
    schedule_run result;
    std::uint16_t switches = 0;
    for (std::size_t depth = 0;; ++depth) {
        const std::vector<option> possible = options();
        if (possible.empty())
            break;
        if (depth == most_steps)
            throw cannot_run("the block does not come to an end");
        const std::size_t wanted = depth < choices.size() ? choices[depth] : 0;
        // What was possible once must be again: the kernel is deterministic but for the timer tick.
        const std::size_t taken = std::min(wanted, possible.size() - 1);
        const bool could_go_on = task_of(possible.front()) == last_;
        result.choices.push_back({static_cast<std::uint8_t>(possible.size()), could_go_on, switches,
                                  static_cast<std::uint8_t>(taken)});
        switches = static_cast<std::uint16_t>(switches + (taken != 0 && could_go_on ? 1 : 0));
        const option& o = possible[taken];
        if (o.who)
            step(o.who, result);
        else
            begin(branches_[o.branch], result);
        if (depth + 1 >= choices.size())
            check(result, reads_log_each_step);
    }
    finish(result);
    return result;
}

/// Why it does not come to the entry's label; empty: it has passed it.
std::string schedule_runner::follow_entry(const scenario::schedule_entry& entry, schedule_run& result) {
    const std::string label(label_name(entry.label));
    const bool to_the_end = label.starts_with("exit_to_user_mode/");
    for (branch& b : branches_)
        if (may_begin(b) && (*b.calls)[b.next].call.task == entry.task &&
            (!to_the_end || real_.held_at(entry.task).empty())) {
            const bool ended_before =
                to_the_end && b.next > 0 && !b.returned[b.next - 1].empty() && last_ == entry.task;
            if (ended_before)
                return {};
            begin(b, result);
            check(result, true);
            break;
        }
    if (label.starts_with("entry/"))
        return {};
    for (std::size_t n = 0; n < most_steps; ++n) {
        const std::string at = real_.held_at(entry.task);
        if (at.empty() && to_the_end)
            return {};
        if (at.empty() && real_.waits_for_spinlock(entry.task))
            return std::string(s_.name_of(entry.task)) + " cannot go on to " + label +
                   ": it spins for a spinlock that a held task has";
        if (at.empty())
            return std::string(s_.name_of(entry.task)) + " is " +
                   (real_.is_dead(entry.task)   ? "dead"
                    : real_.in_call(entry.task) ? "asleep"
                                                : "done") +
                   " and does not reach " + label;
        step(entry.task, result);
        check(result, true);
        if (at == label)
            return {};
    }
    return std::string(s_.name_of(entry.task)) + " never reaches " + label;
}

schedule_run schedule_runner::follow(const std::vector<scenario::schedule_entry>& schedule) {
    begin_block();
    schedule_run result;
    check(result, true);
    for (const scenario::schedule_entry& entry : schedule) {
        result.parted = follow_entry(entry, result);
        if (!result.parted.empty())
            break;
    }
    // The rest, each as far as it goes.
    for (std::size_t n = 0; n < most_steps; ++n) {
        const std::vector<option> possible = options();
        if (possible.empty())
            break;
        if (possible.front().who)
            step(possible.front().who, result);
        else
            begin(branches_[possible.front().branch], result);
        check(result, true);
    }
    finish(result);
    return result;
}

} // namespace seccomp_sim::live

// In lockstep with the model. Where the kernel has no point for a label, its task has already gone on; that
// matters only when somebody else ran in between, and is remembered then.
#include "sim/live/points/schedule_follower.hpp"

#include "kernel-model/task_table.hpp"

#include <algorithm>

namespace seccomp_sim::live {
namespace {

std::string count_text(std::uint32_t value) {
    return value >= 0x80000000U ? "saturated" : std::to_string(value);
}

void add_change(std::string& text, const char* what, std::uint32_t before, std::uint32_t now) {
    if (before == now)
        return;
    text += (text.empty() || text.ends_with(": ") ? "" : ", ") + std::string(what) + " " +
            count_text(before) + " -> " + count_text(now);
}

const request& request_of(const kernel& model, task_id t) {
    return model.requests[model.w.stacks[model.w.tasks[t].call].request.value];
}

} // namespace

counters_by_name model_counters(const scenario::scenario& s, const kernel& model) {
    counters_by_name result;
    model.w.filters.for_each([&](filter_id, const filter& f) {
        if (!f.name || f.has(filter_flag::freed) || !f.has(filter_flag::attached))
            return;
        filter_counters& c = result[std::string(s.name_of(f.name))];
        c.usage = static_cast<std::uint32_t>(f.usage);
        if (model.rev.has_live())
            c.live = static_cast<std::uint32_t>(f.live);
    });
    return result;
}

std::string changes_text(const counters_by_name& before, const counters_by_name& now) {
    std::string all;
    for (const auto& [name, c] : now) {
        const auto old = before.find(name);
        const filter_counters was = old != before.end() ? old->second : filter_counters{};
        std::string text = name + ": ";
        add_change(text, "usage", was.usage, c.usage);
        add_change(text, "live", was.live.value_or(0), c.live.value_or(0));
        if (!text.ends_with(": "))
            all += (all.empty() ? "" : "; ") + text;
    }
    for (const auto& [name, c] : before)
        if (now.count(name) == 0)
            all += (all.empty() ? "" : "; ") + name + " is gone";
    return all;
}

void schedule_follower::part(name_id who, const std::string& why) {
    if (parted_.empty())
        parted_ = name(who) + " " + why;
    lost_.insert(who);
    kernel_text_ += (kernel_text_.empty() ? "" : "; ") + why;
}

void schedule_follower::take_passes() {
    for (const auto& [who, p] : real_.passed()) {
        if (p.in == passed_point::how::locked) {
            progress_[who].unheld.push_back(p.label);
            met_locked_.insert(p.label);
        }
        if (p.in == passed_point::how::expired)
            part(who, "was held at " + p.label + " longer than the limit");
        kernel_text_ += (kernel_text_.empty() ? "" : ", ") + p.label;
    }
}

bool schedule_follower::step(name_id who, const std::string& label) {
    progress_[who].ran_at = ++kernel_steps_;
    if (!real_.step(who)) {
        part(who, "does not come to rest after " + label);
        return false;
    }
    take_passes();
    return true;
}

/// The call is laid out while the model has just begun it, and made when the model leaves the entry code.
void schedule_follower::begin_call(const kernel& model, name_id who) {
    const task_id t = find_task(model, who);
    if (!t || !model.w.tasks[t].call)
        return;
    const request& asked = request_of(model, t);
    waiting_calls_[who] = {real_.tasks().prepare(model, who, asked), asked};
}

void schedule_follower::make_call(const kernel& model, name_id who) {
    const auto call = waiting_calls_.find(who);
    if (call == waiting_calls_.end())
        return;
    progress_[who].ran_at = ++kernel_steps_;
    progress_[who].unheld.clear();
    real_.begin(model, who, call->second.first, call->second.second);
    waiting_calls_.erase(call);
    take_passes();
}

bool schedule_follower::still_comes(name_id who, const std::string& label) const {
    return std::any_of(
        coming_.begin() + static_cast<std::ptrdiff_t>(done_), coming_.end(),
        [&](const replay::pass& p) { return p.who == who && p.label != 0 && label_name(p.label) == label; });
}

/// Whether the next step of that task is one that it cannot wait at.
bool schedule_follower::locked_comes(name_id who) const {
    for (std::size_t i = done_; i < coming_.size(); ++i)
        if (coming_[i].who == who && coming_[i].label != 0) {
            const std::string label(label_name(coming_[i].label));
            return locked_.count(label) != 0 || (waiting_.count(who) != 0 && labels_.count(label) == 0);
        }
    return false;
}

/// Whether the step is part of a stretch under a spinlock that is run later, or was run now.
bool schedule_follower::put_off(name_id who, const std::string& label) {
    if (waiting_.count(who) == 0) {
        if (real_.held_at(who) != label || !locked_comes(who))
            return false;
        waiting_.insert(who);
        return true;
    }
    if (locked_comes(who))
        return true;
    waiting_.erase(who);
    step(who, label);
    progress_[who].unheld.clear();
    return true;
}

void schedule_follower::pass_unheld(name_id who, const std::string& label) {
    progress& p = progress_[who];
    const auto found = std::find(p.unheld.begin(), p.unheld.end(), label);
    const bool passed = found != p.unheld.end();
    if (passed)
        p.unheld.erase(found);
    if (label.starts_with("entry/") || label.starts_with("exit_to_user_mode/"))
        return;
    if (crossed_.empty() && p.ran_at != kernel_steps_)
        crossed_ = name(who) + " cannot be held at " + label + ": " +
                   (passed ? "there it has a spinlock, and this kernel has one CPU"
                           : "this kernel has no point there");
}

void schedule_follower::pass_point(name_id who, const std::string& label) {
    const std::deque<std::string>& unheld = progress_[who].unheld;
    if (std::find(unheld.begin(), unheld.end(), label) != unheld.end()) {
        pass_unheld(who, label);
        return;
    }
    // Points that the model does not pass any more are none of its steps.
    constexpr int most = 100;
    for (int n = 0; n < most; ++n) {
        const std::string at = real_.held_at(who);
        if (at == label) {
            step(who, label);
            return;
        }
        if (at.empty() && real_.waits_for_spinlock(who)) {
            part(who, "spins for a spinlock that a held task has, and does not reach " + label);
            return;
        }
        if (at.empty()) {
            part(who, "is " +
                          std::string(real_.is_dead(who)   ? "dead"
                                      : real_.in_call(who) ? "asleep"
                                                           : "done") +
                          " and does not reach " + label);
            return;
        }
        if (still_comes(who, at)) {
            part(who, "is at " + at + " where the model passes " + label);
            return;
        }
        if (!step(who, at))
            return;
    }
}

void schedule_follower::after(const kernel& model, const replay::pass& step_taken) {
    const name_id who = step_taken.who;
    ++done_;
    kernel_text_.clear();
    std::string label(step_taken.label != 0 ? label_name(step_taken.label) : "begins its call");
    if (who == scenario::scenario::rcu()) {
        if (label == "rcu_do_batch/before-callback")
            real_.points().flush_rcu();
    } else if (lost_.count(who) == 0) {
        if (step_taken.label != 0 && label != "entry/secure-computing")
            make_call(model, who);
        if (step_taken.label == 0)
            begin_call(model, who);
        else if (!put_off(who, label))
            labels_.count(label) != 0 ? pass_point(who, label) : pass_unheld(who, label);
    }
    compare(model, step_taken, label);
}

/// Whether every real task stands where its modelled one does.
bool schedule_follower::is_aligned(const kernel& model) const {
    bool aligned = lost_.empty();
    model.w.tasks.for_each([&](task_id t, const task& record) {
        if (!record.name || record.has(task_flag::kernel_thread))
            return;
        const std::string held = real_.held_at(record.name);
        const label_id at = record.call ? model.waits_at(t) : label_id{0};
        const bool sleeps = record.call && record.state != task_state::running;
        if (held.empty())
            aligned = aligned && (!record.call || sleeps || record.state == task_state::dead);
        else
            aligned = aligned && at != 0 && label_name(at) == held;
    });
    return aligned;
}

void schedule_follower::compare(const kernel& model, const replay::pass& step_taken,
                                const std::string& what) {
    const kernel_look look = real_.look(model, seen_);
    for (kernel_violation& v : watch_.check(look))
        if (std::find(broken_.begin(), broken_.end(), v) == broken_.end())
            broken_.push_back(std::move(v));
    const counters_by_name modelled = model_counters(s_, model);
    const counters_by_name real = real_.counters(look.state);
    story_row row{name(step_taken.who), what, changes_text(model_before_, modelled), kernel_text_};
    const std::string changes = changes_text(kernel_before_, real);
    if (!changes.empty())
        row.kernel += (row.kernel.empty() ? "" : "; ") + changes;
    if (is_aligned(model))
        for (const auto& [filter, c] : real) {
            const auto there = modelled.find(filter);
            if (there == modelled.end() || there->second == c)
                continue;
            row.differs = true;
            if (parted_.empty())
                parted_ = "after " + row.task + ": " + what + ", filter " + filter + " is " +
                          changes_text({}, {{filter, there->second}}) + " in the model, but " +
                          changes_text({}, {{filter, c}}) + " on the kernel";
        }
    model_before_ = modelled;
    kernel_before_ = real;
    if (!row.model.empty() || !row.kernel.empty() || row.differs)
        rows_.push_back(std::move(row));
}

} // namespace seccomp_sim::live

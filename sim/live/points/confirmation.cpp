// One scenario, its schedule, and the verdict.
#include "sim/live/points/confirmation.hpp"

#include "sim/live/cannot_run.hpp"
#include "sim/live/kernel_log.hpp"
#include "sim/live/points/outcome_text.hpp"
#include "sim/live/points/schedule_follower.hpp"
#include "sim/live/points/schedule_runner.hpp"
#include "sim/live/points/scheduled_tasks.hpp"
#include "sim/replay/possible.hpp"
#include "sim/replay/words.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>

namespace seccomp_sim::live {
namespace {

using scenario::value_or_throw;

/// The steps that the model takes in each of the scenario's blocks, and what it finds broken.
struct rehearsal {
    std::vector<std::vector<replay::pass>> blocks;
    std::vector<violation> violations;
};

rehearsal rehearse(const scenario::scenario& s, const scenario::chosen_kernel& on) {
    rehearsal result;
    std::vector<replay::pass> steps;
    replay::run_options options;
    options.after_pass = [&](const kernel&, const replay::pass& p) { steps.push_back(p); };
    replay::run model(s, on, options);
    for (const scenario::step& step : s.steps) {
        value_or_throw(std::move(*model.next()));
        if (std::holds_alternative<scenario::concurrent_step>(step.what))
            result.blocks.push_back(std::exchange(steps, {}));
    }
    result.violations = model.violations();
    return result;
}

class confirmer {
  public:
    confirmer(const scenario::scenario& s, const scenario::chosen_kernel& on, points_device& points,
              white_box& memory, const std::set<std::string>& labels, std::set<std::string> locked)
        : s_(s), labels_(labels), locked_(std::move(locked)), applies_(s, on), rehearsal_(rehearse(s, on)),
          model_(s, on, options()), model_view_(model_),
          real_(s, clock_, points, memory, make_stage(s, stage::use::once)),
          real_view_(real_.view_beside(model_.model())), watch_(real_.names()) {}

    confirmation run();
    const std::set<std::string>& met_locked() const { return met_locked_; }

  private:
    replay::run_options options() {
        replay::run_options o;
        o.after_pass = [this](const kernel& k, const replay::pass& p) { follower_->after(k, p); };
        return o;
    }
    void take_call(const scenario::step& step, const scenario::call_step& call);
    void take_block(const scenario::step& step, const scenario::concurrent_step& block);
    void compare(const std::string& what, const replay::step_report& report);
    void judge();

    const scenario::scenario& s_;
    const std::set<std::string>& labels_;
    std::set<std::string> locked_, met_locked_;
    scenario::applicability applies_;
    rehearsal rehearsal_;
    pacer clock_;
    replay::run model_;
    model_view model_view_;
    scheduled_tasks real_;
    real_view real_view_;
    invariant_watch watch_;
    kernel_log log_;
    std::optional<schedule_follower> follower_;
    std::size_t block_ = 0;
    counters_by_name kernel_before_, model_before_;
    std::string parted_, crossed_;
    confirmation out_;
};

void confirmer::compare(const std::string& what, const replay::step_report& report) {
    const view expected = model_view_.after(report, false);
    real_.tasks().look();
    real_.tasks().deliver(model_.model());
    real_.tasks().drop_mail(model_.model());
    kernel_look look = real_.look(model_.model(), real_view_);
    look.warnings = log_.warnings();
    for (kernel_violation& v : watch_.check(look))
        if (std::find(out_.broken.begin(), out_.broken.end(), v) == out_.broken.end())
            out_.broken.push_back(std::move(v));
    view seen;
    std::set<std::string> unseen;
    real_view_.add_tasks(seen);
    real_view_.add_polls(seen, unseen);
    seen["kernel: warnings"] = expected.at("kernel: warnings");
    story_row row{"", what, "", ""};
    const counters_by_name modelled = model_counters(s_, model_.model());
    const counters_by_name real = real_.counters(look.state);
    row.model = changes_text(model_before_, modelled);
    row.kernel = changes_text(kernel_before_, real);
    for (const difference& d : differences(expected, seen, unseen)) {
        row.differs = true;
        row.model += (row.model.empty() ? "" : "; ") + d.what + " " + (d.model.empty() ? "nothing" : d.model);
        row.kernel +=
            (row.kernel.empty() ? "" : "; ") + d.what + " " + (d.kernel.empty() ? "nothing" : d.kernel);
    }
    for (const auto& [filter, c] : real)
        if (const auto there = modelled.find(filter); there != modelled.end() && there->second != c) {
            row.differs = true;
            row.model += (row.model.empty() ? "" : "; ") + changes_text({}, {{filter, there->second}});
            row.kernel += (row.kernel.empty() ? "" : "; ") + changes_text({}, {{filter, c}});
        }
    if (row.differs && parted_.empty())
        parted_ = what + ": the model has " + row.model + "; the kernel has " + row.kernel;
    model_before_ = modelled;
    kernel_before_ = real;
    out_.rows.push_back(std::move(row));
}

void confirmer::take_call(const scenario::step& step, const scenario::call_step& call) {
    const kernel& k = model_.model();
    if (call.special == scenario::macro::event_loop)
        throw cannot_run("an event_loop step is not taken under a schedule");
    real_.tasks().begin_step();
    const bool possible = replay::why_impossible(model_, k, call).empty();
    raw_call prepared;
    if (possible)
        prepared = real_.tasks().prepare(k, call.task, call.asked);
    model_view_.begin_call(call.task, call.asked);
    const replay::step_report report = value_or_throw(std::move(*model_.next()));
    if (possible)
        real_.begin(k, call.task, prepared, call.asked);
    compare(replay::step_text(s_, step), report);
}

void confirmer::take_block(const scenario::step& step, const scenario::concurrent_step& block) {
    for (const auto& branch : block.branches)
        for (const auto& call : branch)
            model_view_.begin_call(call.call.task, call.call.asked);
    real_.tasks().begin_step();
    if (real_.points().holds_under_locks()) {
        std::vector<name_id> tasks;
        for (const auto& branch : block.branches)
            tasks.push_back(branch.front().call.task);
        real_.spread(tasks);
    }
    real_.points().hold(true);
    follower_.emplace(s_, real_, real_view_, watch_, labels_, rehearsal_.blocks[block_++], locked_);
    const replay::step_report report = value_or_throw(std::move(*model_.next()));
    if (!real_.run_out() && parted_.empty())
        parted_ = "the kernel's tasks do not come to an end after the schedule";
    real_.points().hold(false);
    const auto& rows = follower_->rows();
    out_.rows.insert(out_.rows.end(), rows.begin(), rows.end());
    for (const kernel_violation& v : follower_->broken())
        if (std::find(out_.broken.begin(), out_.broken.end(), v) == out_.broken.end())
            out_.broken.push_back(v);
    if (parted_.empty())
        parted_ = follower_->parted();
    if (crossed_.empty())
        crossed_ = follower_->crossed();
    met_locked_.insert(follower_->met_locked().begin(), follower_->met_locked().end());
    real_.points().flush_rcu();
    compare(replay::step_text(s_, step), report);
}

void confirmer::judge() {
    const auto kernel_breaks = [&](invariant which) {
        return std::any_of(out_.broken.begin(), out_.broken.end(),
                           [&](const kernel_violation& v) { return v.which == which; });
    };
    const bool same = std::any_of(rehearsal_.violations.begin(), rehearsal_.violations.end(),
                                  [&](const violation& v) { return kernel_breaks(v.which); });
    if (!rehearsal_.violations.empty() && same) {
        out_.how = confirmation::verdict::reproduced;
        out_.why = parted_;
    } else if (parted_.empty() && rehearsal_.violations.empty()) {
        out_.how = out_.broken.empty() ? confirmation::verdict::held : confirmation::verdict::not_reproduced;
        out_.why = out_.broken.empty()
                       ? ""
                       : "the kernel breaks what the model keeps: " + out_.broken.front().message;
    } else if (!crossed_.empty()) {
        out_.how = confirmation::verdict::cannot_be_scheduled;
        out_.why = crossed_;
    } else {
        out_.how = confirmation::verdict::not_reproduced;
        out_.why = !parted_.empty()
                       ? parted_
                       : "the kernel goes the model's way, but nothing that can be seen of it breaks: " +
                             std::string(name_of(rehearsal_.violations.front().which)) + " is about " +
                             rehearsal_.violations.front().message;
    }
}

confirmation confirmer::run() {
    for (const scenario::step& step : s_.steps) {
        const auto* call = std::get_if<scenario::call_step>(&step.what);
        const auto* block = std::get_if<scenario::concurrent_step>(&step.what);
        if ((call == nullptr && block == nullptr) || !applies_(step.info.on))
            value_or_throw(std::move(*model_.next()));
        else if (call != nullptr)
            take_call(step, *call);
        else
            take_block(step, *block);
    }
    judge();
    return std::move(out_);
}

} // namespace

std::string_view verdict_text(confirmation::verdict v) {
    switch (v) {
    case confirmation::verdict::reproduced:
        return "reproduced";
    case confirmation::verdict::held:
        return "held on both sides";
    case confirmation::verdict::not_reproduced:
        return "not reproduced";
    case confirmation::verdict::cannot_be_scheduled:
        return "cannot be scheduled";
    }
    return "";
}

namespace {

/// What the file says that this kernel breaks, when the model on the same schedule does not, or will not even
/// go that way: such a schedule was found on a kernel.
std::optional<invariant> only_kernel_breaks(const scenario::scenario& s, const scenario::chosen_kernel& on) {
    const scenario::applicability applies(s, on);
    const auto expected = std::find_if(s.violates.begin(), s.violates.end(),
                                       [&](const scenario::expected_violation& v) { return applies(v.on); });
    if (expected == s.violates.end())
        return {};
    try {
        for (const violation& v : rehearse(s, on).violations)
            if (v.which == expected->which)
                return {};
    } catch (const scenario::input_error&) {
    }
    return expected->which;
}

/// Follows the schedule without a model beside it.
confirmation confirm_alone(const scenario::scenario& s, const scenario::chosen_kernel& on,
                           points_device& points, white_box& memory, invariant expected,
                           const std::vector<scenario::schedule_entry>& schedule) {
    schedule_tools tools{points, memory};
    const schedule_run run = schedule_runner(s, on, tools).follow(schedule);
    confirmation out;
    out.broken = run.broken;
    for (const scenario::schedule_entry& e : run.entries)
        out.rows.push_back(
            {"", "", "", std::string(s.name_of(e.task)) + ": " + std::string(label_name(e.label)), false});
    const bool breaks = std::any_of(run.broken.begin(), run.broken.end(),
                                    [&](const kernel_violation& v) { return v.which == expected; });
    out.how = breaks ? confirmation::verdict::reproduced : confirmation::verdict::not_reproduced;
    if (!breaks)
        out.why = !run.parted.empty() ? run.parted
                                      : "the kernel keeps " + std::string(name_of(expected)) +
                                            " on this schedule, and so does the model";
    return out;
}

} // namespace

confirmation confirm_here(const scenario::scenario& s, const scenario::chosen_kernel& on,
                          points_device& points, white_box& memory, const std::set<std::string>& labels) {
    try {
        if (const auto block = first_block(s, on)) {
            const auto& step = std::get<scenario::concurrent_step>(s.steps[*block].what);
            if (const auto expected = step.schedule ? only_kernel_breaks(s, on) : std::nullopt)
                return confirm_alone(s, on, points, memory, *expected, *step.schedule);
        }
        confirmer first(s, on, points, memory, labels, {});
        confirmation early = first.run();
        if (early.how != confirmation::verdict::cannot_be_scheduled || first.met_locked().empty())
            return early;
        // Others ran while this task should have waited under a spinlock. They may as well run before it.
        confirmation late = confirmer(s, on, points, memory, labels, first.met_locked()).run();
        return late.how == confirmation::verdict::reproduced || late.how == confirmation::verdict::held
                   ? late
                   : early;
    } catch (const cannot_run& e) {
        confirmation out;
        out.how = confirmation::verdict::cannot_be_scheduled;
        out.why = e.why;
        return out;
    }
}

} // namespace seccomp_sim::live

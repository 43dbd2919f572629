// One scenario, both sides.
#include "sim/live/comparison.hpp"

#include "sim/live/borrowed_pidfd.hpp"
#include "sim/live/cannot_run.hpp"
#include "sim/live/counters_view.hpp"
#include "sim/live/event_loop.hpp"
#include "sim/live/kernel_log.hpp"
#include "sim/replay/possible.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>

namespace seccomp_sim::live {
namespace {

using moment = pacer::clock::time_point;

/// Thousands of filters are read at some steps only: reading them all after each costs more than it finds.
bool is_counted(const seccomp_sim::kernel& k, std::size_t step) {
    constexpr std::size_t many = 100;
    constexpr std::size_t every = 64;
    return k.w.named_filters.size() < many || step % every == 0;
}

class comparer {
  public:
    comparer(const scenario::scenario& s, const scenario::chosen_kernel& on,
             const comparison_options& options)
        : s_(s), options_(options), model_(s, on), applies_(s, on), model_view_(model_), tasks_(s, clock_),
          real_view_(s, tasks_, model_.model()) {
        if (options.box != nullptr)
            counters_.emplace(s, tasks_, model_.model(), *options.box);
    }

    /// Steps into `out`, which is whole at any time: the caller keeps it when a step cannot be taken.
    void run(outcome& out);

  private:
    void take_step(const scenario::call_step& call, outcome& out);
    view look(std::set<std::string>& unseen, bool& rest);
    std::vector<difference> settle(const view& expected, seen_step& seen);

    const scenario::scenario& s_;
    comparison_options options_;
    pacer clock_;
    kernel_log log_;
    replay::run model_;
    scenario::applicability applies_;
    model_view model_view_;
    real_tasks tasks_;
    real_view real_view_;
    std::optional<counters_view> counters_;
    bool counted_ = false; ///< whether this step's counters are compared
    view extra_;           ///< what the driver itself saw in this step
};

/// Takes what the real tasks show; polls and counters only when nobody runs.
view comparer::look(std::set<std::string>& unseen, bool& rest) {
    rest = tasks_.look();
    view seen = extra_;
    if (!rest)
        return seen;
    tasks_.deliver(model_.model());
    tasks_.drop_mail(model_.model());
    real_view_.add_tasks(seen);
    real_view_.add_polls(seen, unseen);
    if (counted_)
        counters_->add(seen, unseen);
    if (log_.readable())
        seen["kernel: warnings"] = std::to_string(log_.warnings());
    else
        unseen.insert("kernel: warnings");
    return seen;
}

std::vector<difference> comparer::settle(const view& expected, seen_step& seen) {
    const moment end = pacer::clock::now() + options_.timeout;
    std::optional<moment> rest_since;
    for (;;) {
        seen.unseen.clear();
        bool rest = false;
        seen.kernel = look(seen.unseen, rest);
        const moment now = pacer::clock::now();
        if (rest) {
            std::vector<difference> found = differences(expected, seen.kernel, seen.unseen);
            rest_since = rest_since.value_or(now);
            if (found.empty() || now - *rest_since > options_.patience)
                return found;
        }
        if (now > end)
            throw cannot_run("a step takes longer than " + std::to_string(options_.timeout.count() / 1000) +
                             " s (see --timeout)");
        clock_.moment();
    }
}

void comparer::take_step(const scenario::call_step& call, outcome& out) {
    const seccomp_sim::kernel& k = model_.model();
    extra_.clear();
    tasks_.begin_step();
    raw_call prepared;
    std::optional<event_loop> loop;
    std::optional<borrowed_pidfd> pidfd;
    if (replay::why_impossible(model_, k, call).empty()) {
        if (call.special == scenario::macro::event_loop)
            loop.emplace(s_, tasks_, k, call);
        else if (call.asked.op == operation::pidfd_getfd)
            prepared = pidfd.emplace(tasks_, k, call.task).prepare(call.asked);
        else
            prepared = tasks_.prepare(k, call.task, call.asked);
    }
    model_view_.begin_call(call.task, call.asked);
    const replay::step_report report = scenario::value_or_throw(std::move(*model_.next()));
    tasks_.choose_parks(k);
    if (loop) {
        loop->run(k, extra_);
    } else {
        if (call.asked.op == operation::receive_fd)
            tasks_.give_mail(call.task);
        tasks_.issue(call.task, prepared, call.asked);
    }
    seen_step& seen = out.seen.emplace_back();
    seen.number = out.failing_step;
    counted_ = counters_ && is_counted(k, out.failing_step);
    out.differences = settle(model_view_.after(report, counted_), seen);
    seen.counted = counted_;
    if (pidfd)
        pidfd->close();
}

void comparer::run(outcome& out) {
    for (std::size_t i = 0; i < s_.steps.size(); ++i) {
        const scenario::step& step = s_.steps[i];
        const auto* call = std::get_if<scenario::call_step>(&step.what);
        if (call == nullptr || !applies_(step.info.on)) {
            scenario::value_or_throw(std::move(*model_.next()));
            continue;
        }
        out.failing_step = i + 1;
        take_step(*call, out);
        ++out.steps;
        if (!out.differences.empty()) {
            out.how = verdict::differs;
            return;
        }
    }
    out.failing_step = 0;
    out.how = verdict::agrees;
}

} // namespace

std::string why_never_live(const scenario::scenario& s, const scenario::chosen_kernel& on) {
    if (!s.live_skip.empty())
        return s.live_skip;
    if (!scenario::applicability(s, on)(s.on))
        return "it is for " + s.constraints[s.on.value].text;
    if (!s.set.empty())
        return "it is for a kernel whose choices were set by hand";
    for (const scenario::step& step : s.steps)
        if (std::holds_alternative<scenario::concurrent_step>(step.what))
            return "it has calls at the same time, and a real kernel follows no schedule";
    return {};
}

outcome compare(const scenario::scenario& s, const scenario::chosen_kernel& on,
                const comparison_options& options) {
    outcome out;
    out.how = verdict::cannot_run;
    out.why = why_never_live(s, on);
    if (!out.why.empty())
        return out;
    try {
        comparer(s, on, options).run(out);
    } catch (const cannot_run& e) {
        out.why = e.why;
    } catch (const scenario::input_error& e) {
        out.why = "the model cannot take the step: " + e.what_is_wrong.message;
    }
    return out;
}

bool model_shows(const scenario::scenario& s, const scenario::chosen_kernel& on,
                 const std::vector<seen_step>& seen) {
    const result<bool> shows = scenario::as_result([&] {
        replay::run_options options;
        options.invariants = false;
        options.watch_polls = false;
        replay::run model(s, on, options);
        model_view shown(model);
        auto next = seen.begin();
        for (const scenario::step& step : s.steps) {
            if (next == seen.end())
                return true;
            if (const auto* call = std::get_if<scenario::call_step>(&step.what))
                shown.begin_call(call->task, call->asked);
            const replay::step_report report = scenario::value_or_throw(std::move(*model.next()));
            if (report.number != next->number)
                continue;
            if (!differences(shown.after(report, next->counted), next->kernel, next->unseen).empty())
                return false;
            ++next;
        }
        return next == seen.end();
    });
    return shows && *shows;
}

std::vector<std::vector<scenario::choice_setting>>
choices_that_agree(const scenario::scenario& s, const scenario::chosen_kernel& on, const outcome& o) {
    std::vector<scenario::choice_setting> others;
    for (std::size_t i = 0; i < all_choices().size(); ++i)
        for (std::size_t value = 0; value < all_choices()[i].values.size(); ++value)
            if (all_choices()[i].name != "mutant" && all_choices()[i].get(on.choices) != value)
                others.push_back({static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(value)});
    const auto agrees = [&](const std::vector<scenario::choice_setting>& changed) {
        scenario::chosen_kernel candidate = on;
        for (const scenario::choice_setting& c : changed)
            all_choices()[c.choice].set(candidate.choices, c.value);
        return model_shows(s, candidate, o.seen);
    };
    std::vector<std::vector<scenario::choice_setting>> found;
    for (const scenario::choice_setting& one : others)
        if (agrees({one}))
            found.push_back({one});
    constexpr std::size_t longest_for_pairs = 200;
    if (!found.empty() || o.seen.size() > longest_for_pairs)
        return found;
    for (std::size_t i = 0; i < others.size(); ++i)
        for (std::size_t j = i + 1; j < others.size(); ++j)
            if (others[i].choice != others[j].choice && agrees({others[i], others[j]}))
                found.push_back({others[i], others[j]});
    return found;
}

} // namespace seccomp_sim::live

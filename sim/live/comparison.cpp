// One scenario, both sides.
#include "sim/live/comparison.hpp"

#include "sim/live/cannot_run.hpp"
#include "sim/live/event_loop.hpp"
#include "sim/replay/possible.hpp"
#include "sim/scenario/input_error.hpp"

#include <set>

namespace seccomp_sim::live {
namespace {

using moment = pacer::clock::time_point;

class comparer {
  public:
    comparer(const scenario::scenario& s, const scenario::chosen_kernel& on,
             const comparison_options& options)
        : s_(s), options_(options), model_(s, on), applies_(s, on), model_view_(model_), tasks_(s, clock_),
          real_view_(s, tasks_, model_.model()) {}

    outcome run();

  private:
    void take_step(const scenario::call_step& call);
    view look(const view& expected, std::set<std::string>& unseen, bool& rest);
    void settle(const view& expected);

    const scenario::scenario& s_;
    comparison_options options_;
    pacer clock_;
    replay::run model_;
    scenario::applicability applies_;
    model_view model_view_;
    real_tasks tasks_;
    real_view real_view_;
    view extra_; ///< what the driver itself saw in this step
    outcome out_;
};

/// Takes what the real tasks show; polls and counters only when nobody runs.
view comparer::look(const view& expected, std::set<std::string>& unseen, bool& rest) {
    rest = tasks_.look();
    view seen = extra_;
    if (!rest)
        return seen;
    tasks_.deliver(model_.model());
    tasks_.drop_mail(model_.model());
    real_view_.add_tasks(seen);
    real_view_.add_polls(seen, unseen);
    seen["kernel: warnings"] = expected.at("kernel: warnings");
    return seen;
}

void comparer::settle(const view& expected) {
    const moment end = pacer::clock::now() + options_.timeout;
    std::optional<moment> rest_since;
    for (;;) {
        std::set<std::string> unseen;
        bool rest = false;
        view seen = look(expected, unseen, rest);
        const moment now = pacer::clock::now();
        if (rest) {
            out_.differences = differences(expected, seen, unseen);
            out_.kernel = std::move(seen);
            if (out_.differences.empty())
                return;
            rest_since = rest_since.value_or(now);
            if (now - *rest_since > options_.patience)
                return;
        }
        if (now > end)
            throw cannot_run("a step takes longer than " + std::to_string(options_.timeout.count() / 1000) +
                             " s (see --timeout)");
        clock_.moment();
    }
}

void comparer::take_step(const scenario::call_step& call) {
    const seccomp_sim::kernel& k = model_.model();
    extra_.clear();
    tasks_.begin_step();
    raw_call prepared;
    std::optional<event_loop> loop;
    const bool possible = replay::why_impossible(model_, k, call).empty();
    if (possible && call.special == scenario::macro::event_loop)
        loop.emplace(s_, tasks_, k, call);
    else if (possible)
        prepared = tasks_.prepare(k, call.task, call.asked);
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
    settle(model_view_.after(report, false));
}

outcome comparer::run() {
    for (std::size_t i = 0; i < s_.steps.size(); ++i) {
        const scenario::step& step = s_.steps[i];
        const auto* call = std::get_if<scenario::call_step>(&step.what);
        if (call == nullptr || !applies_(step.info.on)) {
            scenario::value_or_throw(std::move(*model_.next()));
            continue;
        }
        out_.failing_step = i + 1;
        take_step(*call);
        ++out_.steps;
        if (!out_.differences.empty()) {
            out_.how = verdict::differs;
            return std::move(out_);
        }
    }
    out_.failing_step = 0;
    return std::move(out_);
}

} // namespace

std::string why_never_live(const scenario::scenario& s) {
    if (!s.live_skip.empty())
        return s.live_skip;
    for (const scenario::step& step : s.steps)
        if (std::holds_alternative<scenario::concurrent_step>(step.what))
            return "it has calls at the same time, and a real kernel follows no schedule";
    return {};
}

outcome compare(const scenario::scenario& s, const scenario::chosen_kernel& on,
                const comparison_options& options) {
    outcome out;
    out.how = verdict::cannot_run;
    out.why = why_never_live(s);
    if (!out.why.empty())
        return out;
    try {
        return comparer(s, on, options).run();
    } catch (const cannot_run& e) {
        out.why = e.why;
    } catch (const scenario::input_error& e) {
        out.why = "the model cannot take the step: " + e.what_is_wrong.message;
    }
    return out;
}

} // namespace seccomp_sim::live

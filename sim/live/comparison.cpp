// One scenario, both sides.
#include "sim/live/comparison.hpp"

#include "sim/live/block_orders.hpp"
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
    if (k.w.named_filters.size() < many || step % every == 0)
        return true;
    std::size_t living = 0;
    k.w.filters.for_each([&](filter_id, const filter& f) { living += f.has(filter_flag::freed) ? 0U : 1U; });
    return living < many;
}

/// What no real kernel can be asked for here. It changes nothing that lasts, so the model takes the step
/// alone and all but its value is compared.
bool only_the_model_can(const request& asked) {
    return asked.op == operation::read_seccomp_cache || asked.fails == fault::filter_memory ||
           asked.fails == fault::notification_memory || asked.fails == fault::file_memory;
}

class comparer {
  public:
    comparer(const scenario::scenario& s, const scenario::chosen_kernel& on,
             const comparison_options& options)
        : s_(s), script_(s), on_(on), options_(options), applies_(s, on),
          tasks_(s, clock_, make_stage(s, stage::use::once)), real_view_(s, tasks_, start_model()) {
        if (options.box != nullptr)
            counters_.emplace(s, tasks_, model_->model(), *options.box);
    }

    /// Steps into `out`, which is whole at any time: the caller keeps it when a step cannot be taken.
    void run(outcome& out);

  private:
    struct prepared_call {
        name_id task;
        raw_call call;
        request asked;
    };

    const seccomp_sim::kernel& start_model();
    view take_model_step(std::size_t index);
    view replay_model_to(std::size_t index);
    void take_step(const scenario::call_step& call, std::size_t index, outcome& out);
    void take_block(const scenario::concurrent_step& block, std::size_t index, outcome& out);
    std::vector<prepared_call> prepare_block(const scenario::concurrent_step& block);
    std::vector<scenario::concurrent_step> orders_that_differ(const scenario::concurrent_step& block,
                                                              std::size_t index);
    view look(std::set<std::string>& unseen, bool& rest);
    std::vector<difference> settle(const view& expected, seen_step& seen);
    void wait_until(const moment& end, const char* what);

    const scenario::scenario& s_;
    scenario::scenario script_; ///< the same, with the order that the kernel took where it had a choice
    scenario::chosen_kernel on_;
    comparison_options options_;
    pacer clock_;
    kernel_log log_;
    scenario::applicability applies_;
    /// Made anew in place when another order is tried: those who look at it keep their references.
    std::optional<replay::run> model_;
    std::optional<model_view> model_view_;
    real_tasks tasks_;
    real_view real_view_;
    std::optional<counters_view> counters_;
    bool counted_ = false;      ///< whether this step's counters are compared
    view extra_;                ///< what the driver itself saw in this step
    std::string always_unseen_; ///< in this step, as only the model takes it
};

const seccomp_sim::kernel& comparer::start_model() {
    model_view_.reset();
    replay::run_options options;
    options.invariants = false;
    options.watch_polls = false;
    model_.emplace(script_, on_, options);
    model_view_.emplace(*model_);
    return model_->model();
}

/// One step of the model, and what it shows then; nothing if the step does nothing here.
view comparer::take_model_step(std::size_t index) {
    const scenario::step& step = script_.steps[index];
    const bool acts = applies_(step.info.on);
    const auto* call = std::get_if<scenario::call_step>(&step.what);
    const auto* block = std::get_if<scenario::concurrent_step>(&step.what);
    if (acts && call != nullptr)
        model_view_->begin_call(call->task, call->asked);
    if (acts && block != nullptr)
        for (const auto& branch : block->branches)
            for (const auto& one : branch)
                if (applies_(one.info.on))
                    model_view_->begin_call(one.call.task, one.call.asked);
    const replay::step_report report = scenario::value_or_throw(std::move(*model_->next()));
    if (!acts || (call == nullptr && block == nullptr))
        return {};
    return model_view_->after(report, counted_);
}

view comparer::replay_model_to(std::size_t index) {
    start_model();
    view shown;
    for (std::size_t i = 0; i <= index; ++i)
        shown = take_model_step(i);
    return shown;
}

/// Takes what the real tasks show; polls and counters only when nobody runs.
view comparer::look(std::set<std::string>& unseen, bool& rest) {
    rest = tasks_.look();
    view seen = extra_;
    if (!rest)
        return seen;
    tasks_.deliver(model_->model());
    tasks_.drop_mail(model_->model());
    real_view_.add_tasks(seen);
    real_view_.add_polls(seen, unseen);
    if (counted_)
        counters_->add(seen, unseen);
    else if (counters_)
        counters_->meet_new_filters();
    if (log_.readable())
        seen["kernel: warnings"] = std::to_string(log_.warnings());
    else
        unseen.insert("kernel: warnings");
    return seen;
}

void comparer::wait_until(const moment& end, const char* what) {
    if (pacer::clock::now() > end)
        throw cannot_run(std::string(what) + " takes longer than " +
                         std::to_string(options_.timeout.count() / 1000) + " s (see --timeout)");
    clock_.moment();
}

std::vector<difference> comparer::settle(const view& expected, seen_step& seen) {
    const moment end = pacer::clock::now() + options_.timeout;
    std::optional<moment> rest_since;
    for (;;) {
        seen.unseen = {always_unseen_};
        bool rest = false;
        seen.kernel = look(seen.unseen, rest);
        if (rest) {
            std::vector<difference> found = differences(expected, seen.kernel, seen.unseen);
            const moment now = pacer::clock::now();
            rest_since = rest_since.value_or(now);
            if (found.empty() || now - *rest_since > options_.patience)
                return found;
        }
        wait_until(end, "a step");
    }
}

void comparer::take_step(const scenario::call_step& call, std::size_t index, outcome& out) {
    const seccomp_sim::kernel& k = model_->model();
    extra_.clear();
    tasks_.begin_step();
    raw_call prepared;
    std::optional<event_loop> loop;
    std::optional<borrowed_pidfd> pidfd;
    const bool alone = only_the_model_can(call.asked);
    if (!alone && replay::why_impossible(*model_, k, call).empty()) {
        if (call.special == scenario::macro::event_loop)
            loop.emplace(s_, tasks_, k, call);
        else if (call.asked.op == operation::pidfd_getfd)
            prepared = pidfd.emplace(tasks_, k, call.task).prepare(call.asked);
        else
            prepared = tasks_.prepare(k, call.task, call.asked);
    }
    counted_ = counters_ && is_counted(k, index + 1);
    const view expected = take_model_step(index);
    tasks_.foresee(k);
    if (loop) {
        loop->run(k, extra_);
    } else if (!alone) {
        if (call.asked.op == operation::receive_fd)
            tasks_.give_mail(call.task);
        tasks_.issue(call.task, prepared, call.asked);
        clock_.moment(); // the task runs; a look before it did would be for nothing
    }
    seen_step& seen = out.seen.emplace_back();
    seen.number = index + 1;
    if (alone)
        always_unseen_ = std::string(s_.name_of(call.task)) + ": returned";
    out.differences = settle(expected, seen);
    always_unseen_.clear();
    seen.counted = counted_;
    if (pidfd)
        pidfd->close();
}

std::vector<comparer::prepared_call> comparer::prepare_block(const scenario::concurrent_step& block) {
    std::vector<prepared_call> calls;
    for (const auto& branch : block.branches) {
        std::size_t applying = 0;
        for (const auto& one : branch) {
            if (!applies_(one.info.on))
                continue;
            const scenario::call_step& call = one.call;
            if (++applying > 1)
                throw cannot_run("one task makes several calls while others make theirs");
            if (call.special != scenario::macro::none || call.asked.op == operation::pidfd_getfd ||
                call.asked.op == operation::receive_fd)
                throw cannot_run("a call that the driver has a part in is made at the same time as others");
            if (const std::string why = replay::why_impossible(*model_, model_->model(), call); !why.empty())
                throw cannot_run(why);
            calls.push_back({call.task, tasks_.prepare(model_->model(), call.task, call.asked), call.asked});
        }
    }
    return calls;
}

/// The orders under which the model does not show the same; it is left after the first of them.
std::vector<scenario::concurrent_step> comparer::orders_that_differ(const scenario::concurrent_step& block,
                                                                    std::size_t index) {
    std::vector<scenario::concurrent_step> orders;
    std::set<view> shown;
    for (scenario::concurrent_step& order : orders_of(block)) {
        script_.steps[index].what = order;
        if (shown.insert(replay_model_to(index)).second)
            orders.push_back(std::move(order));
    }
    script_.steps[index].what = orders.front();
    replay_model_to(index);
    return orders;
}

void comparer::take_block(const scenario::concurrent_step& block, std::size_t index, outcome& out) {
    extra_.clear();
    tasks_.begin_step();
    const std::vector<prepared_call> calls = prepare_block(block);
    counted_ = counters_ && is_counted(model_->model(), index + 1);
    const std::vector<scenario::concurrent_step> orders = orders_that_differ(block, index);
    tasks_.foresee(model_->model());
    for (const prepared_call& c : calls)
        tasks_.issue(c.task, c.call, c.asked);
    clock_.moment();
    const moment end = pacer::clock::now() + options_.timeout;
    while (!tasks_.look())
        wait_until(end, "a step");
    const moment rest_since = pacer::clock::now();
    out.seen.emplace_back();
    for (bool last = false;; last = pacer::clock::now() - rest_since > options_.patience) {
        // Under no order the same: those are told by which the two are nearest.
        std::optional<std::vector<difference>> nearest;
        for (const scenario::concurrent_step& order : orders) {
            script_.steps[index].what = order;
            const view expected = replay_model_to(index);
            seen_step seen;
            seen.number = index + 1;
            seen.counted = counted_;
            bool rest = false;
            seen.kernel = look(seen.unseen, rest);
            if (!rest)
                break;
            std::vector<difference> found = differences(expected, seen.kernel, seen.unseen);
            if (!nearest || found.size() < nearest->size()) {
                nearest = std::move(found);
                out.seen.back() = std::move(seen);
            }
            if (nearest->empty())
                break;
        }
        if (nearest && (nearest->empty() || last)) {
            out.differences = std::move(*nearest);
            return;
        }
        wait_until(end, "a step");
    }
}

void comparer::run(outcome& out) {
    for (std::size_t i = 0; i < s_.steps.size(); ++i) {
        const scenario::step& step = s_.steps[i];
        const auto* call = std::get_if<scenario::call_step>(&step.what);
        const auto* block = std::get_if<scenario::concurrent_step>(&step.what);
        if ((call == nullptr && block == nullptr) || !applies_(step.info.on)) {
            take_model_step(i);
            continue;
        }
        out.failing_step = i + 1;
        if (call != nullptr)
            take_step(*call, i, out);
        else
            take_block(*block, i, out);
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
    for (const scenario::choice_setting& c : s.set)
        if (all_choices()[c.choice].get(on.choices) != c.value)
            return "it is for " + std::string(all_choices()[c.choice].name) + "=" +
                   std::string(all_choices()[c.choice].values[c.value].name);
    for (const scenario::step& step : s.steps)
        if (const auto* block = std::get_if<scenario::concurrent_step>(&step.what))
            if (block->schedule)
                return "its calls at the same time need one schedule (see confirm)";
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

} // namespace seccomp_sim::live

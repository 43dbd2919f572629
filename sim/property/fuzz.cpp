// Long random histories under random schedules. A history is a function of its seed, so it is not kept while
// it runs: when something breaks, it is made again and recorded up to there.
#include "sim/property/fuzz.hpp"

#include "sim/property/history_scenario.hpp"
#include "sim/property/known_defects.hpp"
#include "sim/property/shrink.hpp"
#include "sim/property/story.hpp"
#include "sim/replay/run.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/write_scenario.hpp"

#include <algorithm>

namespace seccomp_sim::property {

namespace {

struct recorded {
    history steps;
    scenario::name_table names;
};

/// The history of that seed, up to the step that breaks something.
recorded record(const revision& on, const fuzz_options& options, std::uint64_t seed) {
    story again(on, options, seed);
    recorded out;
    while (again.world.k.violations.empty() && again.go_on(true))
        if (again.last.branches.size() > 1)
            out.steps.push_back(again.last);
        else // a block that came to a single branch was run as single calls
            for (const planned_call& call : again.last.branches.front())
                out.steps.push_back({{{call}}, {}});
    out.names = again.names();
    return out;
}

std::optional<defect> first_defect(const kernel& k) {
    if (k.violations.empty())
        return std::nullopt;
    const violation& first = k.violations.front();
    // A message ends in "(task at label)" unless the violation was seen at rest.
    constexpr std::string_view before = " at ";
    const std::string_view message = first.message;
    const std::size_t at = message.rfind(before);
    if (at == std::string_view::npos || !message.ends_with(')'))
        return defect{first.which, 0};
    const std::size_t label = at + before.size();
    return defect{first.which, find_label(message.substr(label, message.size() - 1 - label))};
}

/// A step takes no part if none of its calls is possible when it comes.
bool run_if_possible(execution& world, const planned_step& step) {
    if (!step.is_block() && !world.is_possible(step.branches.front().front()))
        return false;
    world.run_step(step);
    return true;
}

/// Makes recorded histories smaller by leaving out steps, on the bare kernel: much faster than scenarios.
class history_shrinker {
  public:
    history_shrinker(const revision& on, const defect& wanted) : on_(on), wanted_(wanted) {}

    void shrink(history& steps) {
        leave_out_idle(steps);
        shrink_list(steps, [&](const history& rest) { return breaks(rest); });
        leave_out_idle(steps);
    }
    bool breaks(const history& steps) {
        constexpr std::uint64_t most_calls = 20'000'000;
        if (calls_ > most_calls)
            return false;
        execution world(on_);
        for (const planned_step& step : steps) {
            run_if_possible(world, step);
            if (!world.k.violations.empty())
                break;
        }
        calls_ += world.calls + 1;
        return first_defect(world.k) == wanted_;
    }

  private:
    void leave_out_idle(history& steps) const {
        execution world(on_);
        history kept;
        for (const planned_step& step : steps) {
            if (run_if_possible(world, step))
                kept.push_back(step);
            if (!world.k.violations.empty())
                break;
        }
        if (first_defect(world.k) == wanted_)
            steps = std::move(kept);
    }

    const revision& on_;
    defect wanted_;
    std::uint64_t calls_ = 0; ///< of all candidates
};

/// A short history that breaks the same, if one of a few thousand does: it is much quicker made small than a
/// long one.
std::optional<std::uint64_t> short_seed(const revision& on, const fuzz_options& options, std::uint64_t seed,
                                        const defect& wanted) {
    constexpr std::uint64_t tries = 3000;
    constexpr std::uint64_t most_calls = 60;
    for (std::uint64_t i = 0; i < tries; ++i) {
        const std::uint64_t own = seed_of(seed, i, 0);
        story now(on, options, own);
        while (now.world.k.violations.empty() && now.world.calls < most_calls && now.go_on(false)) {
        }
        if (first_defect(now.world.k) == wanted)
            return own;
    }
    return std::nullopt;
}

std::size_t calls_in(const scenario::scenario& s) {
    std::size_t count = 0;
    for (const scenario::step& step : s.steps)
        if (const auto* block = std::get_if<scenario::concurrent_step>(&step.what))
            for (const auto& branch : block->branches)
                count += branch.size();
        else
            ++count;
    return count;
}

void make_small(finding& f, const scenario::chosen_kernel& on, const std::string& kernel_name,
                const fuzz_options& options, std::uint64_t seed) {
    recorded story =
        record(on.choices, options, short_seed(on.choices, options, seed, f.what).value_or(seed));
    history_shrinker(on.choices, f.what).shrink(story.steps);
    drop_unsayable(story.steps);
    scenario_head head;
    head.name = "fuzz-" + std::string(name_of(f.what.which));
    head.summary = "Breaks " + to_text(f.what) + " on " + kernel_name + ".";
    head.source = "seccomp-sim fuzz --revision " + kernel_name + " --seed " + std::to_string(options.seed);
    head.violates = f.what.which;
    result<scenario::scenario> read = to_scenario(story.steps, story.names, head);
    if (!read)
        throw scenario::input_error(read.error());
    const auto judge = [&](const scenario::scenario& s) {
        replay::run_options quick;
        quick.watch_polls = false;
        replay::run r(s, on, quick);
        while (const auto step = r.next())
            if (!*step || !r.violations().empty())
                break;
        return first_defect(r.model()) == f.what;
    };
    shrink_options limits;
    limits.on = on;
    limits.most_candidates = 4000;
    const shrunk_scenario shrunk = shrink(*read, judge, limits);
    replay::run last(shrunk.smallest, on);
    while (const auto step = last.next())
        if (!*step || !last.violations().empty())
            break;
    if (!last.violations().empty())
        f.message = last.violations().front().message;
    f.calls = calls_in(shrunk.smallest);
    f.scenario = scenario::write_scenario(shrunk.smallest);
}

} // namespace

fuzz_options default_fuzz_options() {
    fuzz_options options;
    options.calls.endless = true;
    options.calls.block_percent = 60;
    return options;
}

std::string to_text(const defect& d) {
    return std::string(name_of(d.which)) + " at " + (d.at == 0 ? "rest" : std::string(label_name(d.at)));
}

run_result fuzz_run(const scenario::chosen_kernel& on, const std::string& kernel_name, std::uint64_t number,
                    const fuzz_options& options, bool shrinks) {
    run_result out;
    for (const choice& c : all_choices())
        ++out.reached.choices[std::string(c.name) + "=" + std::string(c.value_in(on.choices))];
    for (std::uint64_t worlds = 0; out.reached.steps < options.steps; ++worlds) {
        const std::uint64_t seed = seed_of(options.seed, number, worlds);
        story now(on.choices, options, seed);
        coverage_watch watch(out.reached, now.world.k);
        now.world.k.watch = &watch;
        bool goes_on = true;
        while (goes_on && out.reached.steps < options.steps && now.world.k.violations.empty()) {
            goes_on = now.go_on(false);
            out.reached.blocks += now.last.branches.size() > 1 ? 1U : 0U;
        }
        out.reached.started += now.world.calls;
        ++out.reached.worlds;
        const std::optional<defect> broken = first_defect(now.world.k);
        if (!broken)
            continue;
        ++out.reached.broken[static_cast<std::size_t>(broken->which)];
        // A known defect shows at many labels: once is enough.
        const bool is_known = !known_defect(on.choices, broken->which).empty();
        const auto known = std::find_if(out.findings.begin(), out.findings.end(), [&](const finding& f) {
            return f.what == *broken || (is_known && f.what.which == broken->which);
        });
        if (known != out.findings.end()) {
            ++known->times;
            continue;
        }
        finding f;
        f.what = *broken;
        f.message = now.world.k.violations.front().message;
        f.run = number;
        f.step = out.reached.steps;
        if (shrinks)
            make_small(f, on, kernel_name, options, seed);
        out.findings.push_back(std::move(f));
    }
    return out;
}

std::uint64_t runs_until(const scenario::chosen_kernel& on, const fuzz_options& options, std::uint64_t most,
                         const std::function<bool(const defect&)>& is_wanted) {
    for (std::uint64_t run = 1; run <= most; ++run) {
        const run_result r = fuzz_run(on, {}, run, options, false);
        if (std::any_of(r.findings.begin(), r.findings.end(),
                        [&](const finding& f) { return is_wanted(f.what); }))
            return run;
    }
    return 0;
}

} // namespace seccomp_sim::property

// Judging scenarios, made by hand or by chance, against a kernel.
#include "sim/live/judgement.hpp"

#include "sim/property/random_scenario.hpp"
#include "sim/property/shrink.hpp"
#include "sim/replay/words.hpp"
#include "sim/scenario/read_scenario.hpp"
#include "sim/scenario/write_scenario.hpp"

#include <algorithm>

namespace seccomp_sim::live {
namespace {

/// The kind of a difference, without names: a smaller scenario should still show the same kind.
std::string kind_of(const difference& d) {
    const std::size_t colon = d.what.find(": ");
    return colon == std::string::npos ? "filter" : d.what.substr(colon);
}

bool same_kind(const outcome& a, const outcome& b) {
    return std::any_of(a.differences.begin(), a.differences.end(), [&](const difference& one) {
        return std::any_of(b.differences.begin(), b.differences.end(),
                           [&](const difference& other) { return kind_of(one) == kind_of(other); });
    });
}

std::string smallest(const scenario::scenario& s, const scenario::chosen_kernel& on,
                     const comparison_options& options, const outcome& o) {
    comparison_options quick = options;
    quick.patience = std::min(options.patience, std::chrono::milliseconds(100));
    property::shrink_options limits;
    limits.on = on;
    limits.most_candidates = 400;
    scenario::scenario_changes until_here;
    until_here.steps = o.failing_step;
    const auto differs = [&](const scenario::scenario& candidate) {
        const outcome of_it = compare(candidate, on, quick);
        return of_it.how == verdict::differs && same_kind(o, of_it);
    };
    // What is large would take long to make smaller.
    constexpr std::size_t large = 400;
    if (o.failing_step > large)
        return scenario::write_scenario(s, until_here);
    const result<scenario::scenario> begin =
        scenario::read_scenario(scenario::write_scenario(s, until_here), s.name);
    const property::shrunk_scenario shrunk = property::shrink(begin ? *begin : s, differs, limits);
    return scenario::write_scenario(shrunk.smallest);
}

std::string choices_text(const std::vector<scenario::choice_setting>& settings) {
    std::string text;
    for (const scenario::choice_setting& c : settings) {
        const choice& which = all_choices()[c.choice];
        text += (text.empty() ? "" : " ") + std::string(which.name) + "=" +
                std::string(which.values[c.value].name);
    }
    return text;
}

} // namespace

judgement judge(const scenario::scenario& s, const scenario::chosen_kernel& on, const std::string& kernel,
                const comparison_options& options) {
    const pacer::clock::time_point begin = pacer::clock::now();
    const outcome o = compare(s, on, options);
    judgement j;
    j.seconds = std::chrono::duration<double>(pacer::clock::now() - begin).count();
    j.kernel = kernel;
    j.scenario = s.name;
    j.how = o.how;
    j.steps = o.steps;
    j.failing_step = o.failing_step;
    j.why = o.why;
    j.differences = o.differences;
    if (o.failing_step != 0)
        j.step = replay::step_text(s, s.steps[o.failing_step - 1]);
    if (o.how != verdict::differs)
        return j;
    for (const auto& settings : choices_that_agree(s, on, o))
        j.agreeing_choices.push_back(choices_text(settings));
    j.minimal = smallest(s, on, options, o);
    return j;
}

campaign run_campaign(const scenario::chosen_kernel& on, const std::string& kernel,
                      const comparison_options& options, std::size_t steps, std::uint64_t seed,
                      const std::function<void(const judgement&)>& differing) {
    constexpr std::size_t enough = 5;
    property::random_options wanted = property::replayable_on_a_kernel();
    wanted.steps = 40;
    campaign c;
    c.kernel = kernel;
    const pacer::clock::time_point begin = pacer::clock::now();
    while (c.steps < steps && c.differing < enough) {
        const scenario::scenario s = property::random_scenario(on, wanted, seed++);
        const outcome o = compare(s, on, options);
        ++c.scenarios;
        c.steps += o.steps;
        if (o.how == verdict::cannot_run)
            ++c.cut_short[o.why];
        if (o.how != verdict::differs)
            continue;
        const judgement again = judge(s, on, kernel, options);
        if (again.how != verdict::differs) {
            ++c.cut_short["it differed once and agreed when it was run again"];
            continue;
        }
        ++c.differing;
        differing(again);
    }
    c.seconds = std::chrono::duration<double>(pacer::clock::now() - begin).count();
    return c;
}

} // namespace seccomp_sim::live

// Under which other choices of the revision the model would have shown what a kernel showed.
#include "sim/live/comparison.hpp"
#include "sim/scenario/input_error.hpp"

namespace seccomp_sim::live {

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

// One line for one ending.
#include "sim/live/points/outcome_text.hpp"

namespace seccomp_sim::live {
namespace {

std::string ending_text(const call_ending& c) {
    switch (c.ended) {
    case call_ending::how::returned:
        return c.value;
    case call_ending::how::dies:
        return "dies";
    case call_ending::how::blocks:
        return "blocks";
    case call_ending::how::not_begun:
        return "not begun";
    }
    return "";
}

} // namespace

std::string outcome_text(const scenario::scenario& s, const scenario::concurrent_step& block,
                         const block_ending& seen) {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    for (std::size_t b = 0; b < block.branches.size(); ++b)
        for (std::size_t i = 0; i < block.branches[b].size(); ++i) {
            const scenario::concurrent_step::branch_call& call = block.branches[b][i];
            add(std::string(s.name_of(call.call.task)) + " " + std::string(s.verb_of(call.info)) + " = " +
                ending_text(seen.calls[b][i]));
        }
    for (const auto& [task, state] : seen.dead)
        add(task + " is " + state);
    for (const auto& [listener, events] : seen.polls)
        add("poll " + listener + ": " + events);
    return text;
}

std::optional<std::size_t> first_block(const scenario::scenario& s, const scenario::chosen_kernel& on) {
    const scenario::applicability applies(s, on);
    for (std::size_t i = 0; i < s.steps.size(); ++i)
        if (std::holds_alternative<scenario::concurrent_step>(s.steps[i].what) && applies(s.steps[i].info.on))
            return i;
    return {};
}

} // namespace seccomp_sim::live

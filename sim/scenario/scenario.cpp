// Questions that can be asked of a scenario.
#include "sim/scenario/scenario.hpp"

#include "sim/scenario/nearest_name.hpp"

#include <algorithm>
#include <charconv>

namespace seccomp_sim::scenario {

namespace {

std::optional<std::size_t> number_in(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

} // namespace

std::string_view scenario::verb_of(const step_info& s) const {
    if (const source_ref verb = text->find(s.where, "do"))
        return text->string(verb);
    return text->find(s.where, "expect") ? "expect" : "concurrently";
}

result<std::size_t> scenario::find_step(std::string_view at) const {
    if (const auto number = number_in(at)) {
        if (*number >= 1 && *number <= steps.size())
            return *number - 1;
        return diagnostic{{text->file(), 0, 0, {}},
                          "there is no step " + std::to_string(*number),
                          "expected 1 to " + std::to_string(steps.size())};
    }
    std::vector<std::string_view> valid;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::string_view given = text_of(steps[i].info.at);
        if (given == at && !given.empty())
            return i;
        if (!given.empty())
            valid.push_back(given);
    }
    return diagnostic{{text->file(), 0, 0, {}},
                      "no step is named " + quoted(at),
                      hint_text("a step's number, or the name that its \"at\" gives it",
                                nearest_name(at, valid).value_or(""))};
}

applicability::applicability(const scenario& s, const chosen_kernel& kernel) {
    for (const constraint& c : s.constraints)
        holds_.push_back(c.holds(kernel));
}

const outcome_case* applicability::choose(std::span<const outcome_case> cases) const {
    const auto found =
        std::find_if(cases.begin(), cases.end(), [&](const outcome_case& c) { return (*this)(c.on); });
    return found == cases.end() ? nullptr : &*found;
}

std::optional<invariant> applicability::violation_of(const scenario& s) const {
    for (const expected_violation& v : s.violates)
        if ((*this)(v.on))
            return v.which;
    return std::nullopt;
}

} // namespace seccomp_sim::scenario

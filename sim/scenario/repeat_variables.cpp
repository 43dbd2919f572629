// The variables of repeats.
#include "sim/scenario/repeat_variables.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace seccomp_sim::scenario {

bool repeat_variables::has(std::string_view name) const {
    return std::any_of(variables_.begin(), variables_.end(),
                       [&](const variable& v) { return v.name == name; });
}

std::vector<std::string_view> repeat_variables::names() const {
    std::vector<std::string_view> out;
    for (const variable& v : variables_)
        out.push_back(v.name);
    return out;
}

std::string_view repeat_variables::replace(std::string_view text) {
    if (variables_.empty() || text.find('{') == std::string_view::npos)
        return text;
    replaced_.clear();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t open = std::min(text.find('{', at), text.size());
        replaced_ += text.substr(at, open - at);
        at = open;
        if (open == text.size())
            break;
        const auto named = std::find_if(variables_.begin(), variables_.end(), [&](const variable& v) {
            return text.substr(open + 1).starts_with(v.name) &&
                   text.substr(open + 1 + v.name.size()).starts_with('}');
        });
        if (named == variables_.end()) {
            replaced_ += text[at++];
            continue;
        }
        std::array<char, 20> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), named->value).ptr;
        replaced_.append(digits.data(), end);
        at += named->name.size() + 2;
    }
    return replaced_;
}

} // namespace seccomp_sim::scenario

// Lays JSON out. Values come from parsed documents, whose depth is limited, so that recursion is too.
#include "sim/scenario/json_layout.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>

namespace seccomp_sim::scenario {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t line_width = 110;
constexpr std::size_t indent = 2;

// Appends the value on one line; false, with anything appended, once it is longer than `width`.
// NOLINTNEXTLINE(misc-no-recursion): the depth is limited
bool append_line(std::string& out, const json& value, std::size_t width) {
    if (out.size() > width)
        return false;
    if (!value.is_structured() || value.empty()) {
        out += value.dump();
        return out.size() <= width;
    }
    out += value.is_object() ? "{ " : "[";
    bool first = true;
    for (const auto& [key, child] : value.items()) {
        out += first ? "" : ", ";
        first = false;
        if (value.is_object())
            out += json(key).dump() + ": ";
        if (!append_line(out, child, width))
            return false;
    }
    out += value.is_object() ? " }" : "]";
    return out.size() <= width;
}

// `used` is how much of the line is taken already.
// NOLINTNEXTLINE(misc-no-recursion): the depth is limited
void append(std::string& out, const json& value, std::size_t depth, std::size_t used) {
    std::string line;
    const bool breaks_anyway = depth == 0 && value.is_object();
    if (!breaks_anyway && append_line(line, value, line_width - std::min(used, line_width))) {
        out += line;
        return;
    }
    if (!value.is_structured() || value.empty()) {
        out += value.dump();
        return;
    }
    out += value.is_object() ? "{" : "[";
    bool first = true;
    for (const auto& [key, child] : value.items()) {
        out += first ? "\n" : ",\n";
        first = false;
        std::string start((depth + 1) * indent, ' ');
        if (value.is_object())
            start += json(key).dump() + ": ";
        out += start;
        append(out, child, depth + 1, start.size() + 1); // 1 for the comma
    }
    out += '\n' + std::string(depth * indent, ' ') + (value.is_object() ? "}" : "]");
}

} // namespace

std::string laid_out(const json& value) {
    std::string out;
    append(out, value, 0, 0);
    return out + '\n';
}

} // namespace seccomp_sim::scenario

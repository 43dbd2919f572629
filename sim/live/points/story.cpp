// Two columns, each wrapped by words.
#include "sim/live/points/story.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

namespace seccomp_sim::live {
namespace {

constexpr std::size_t width = 62;

std::vector<std::string> wrapped(const std::string& text) {
    std::vector<std::string> lines(1);
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width)
            lines.emplace_back("  ");
        lines.back() += (lines.back().empty() || lines.back() == "  " ? "" : " ") + word;
    }
    return lines;
}

std::string row_text(const std::string& left, const std::string& right, const char* between) {
    std::vector<std::string> a = wrapped(left);
    std::vector<std::string> b = wrapped(right);
    a.resize(std::max(a.size(), b.size()));
    b.resize(a.size());
    std::string text;
    for (std::size_t i = 0; i < a.size(); ++i) {
        a[i].resize(std::max(a[i].size(), width), ' ');
        std::string line = "  " + a[i] + (i == 0 ? between : " | ") + b[i];
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::string left_side(const story_row& row) {
    std::string text = (row.task.empty() ? "" : row.task + ": ") + row.label;
    if (!row.model.empty())
        text += "  " + row.model;
    return text;
}

} // namespace

std::string story_text(const std::string& name, const std::string& kernel, const confirmation& c,
                       bool whole) {
    std::string text;
    if (whole && !c.rows.empty()) {
        text += row_text("MODEL", "KERNEL " + kernel, " | ");
        for (const story_row& row : c.rows)
            text += row_text(left_side(row), row.kernel, row.differs ? "<->" : " | ");
        for (const kernel_violation& v : c.broken)
            text += "  the kernel breaks " + std::string(name_of(v.which)) + ": " + v.message + "\n";
    }
    text += std::string(verdict_text(c.how)) + "  " + name + " on " + kernel;
    if (c.how == confirmation::verdict::reproduced && !c.broken.empty())
        text += ": " + c.broken.front().message;
    else if (!c.why.empty())
        text += ": " + c.why;
    return text + "\n";
}

} // namespace seccomp_sim::live

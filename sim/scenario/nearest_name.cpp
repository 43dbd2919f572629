// Finds the name that a user probably meant, by the restricted Damerau-Levenshtein distance (optimal
// string alignment): three rows of the table are enough, and names are short, so nothing is allocated.
#include "sim/scenario/nearest_name.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t most_candidates = 10'000;

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

struct exact {
    bool operator()(char a, char b) const { return a == b; }
};
struct without_case {
    bool operator()(char a, char b) const { return to_lower(a) == to_lower(b); }
};

template <class Equal>
std::size_t distance(std::string_view a, std::string_view b, Equal equal) {
    std::array<std::size_t, longest_name + 1> before_last{};
    std::array<std::size_t, longest_name + 1> last{};
    std::array<std::size_t, longest_name + 1> row{};
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;

    for (std::size_t i = 1; i <= a.size(); ++i) {
        before_last = last;
        last = row;
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (equal(a[i - 1], b[j - 1]) ? 0 : 1);
            row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && equal(a[i - 1], b[j - 2]) && equal(a[i - 2], b[j - 1]))
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

} // namespace

std::optional<std::string> nearest_name(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.empty() || word.size() > longest_name)
        return std::nullopt;

    std::optional<std::pair<std::size_t, std::size_t>> least; // without case, then exactly
    std::string_view best;
    for (std::string_view candidate : candidates.first(std::min(candidates.size(), most_candidates))) {
        if (candidate == word)
            return std::nullopt;
        const std::size_t longer = std::max(word.size(), candidate.size());
        const std::size_t shorter = std::min(word.size(), candidate.size());
        const std::size_t allowed = longer / 3;
        if (longer > longest_name || longer - shorter > allowed)
            continue;
        const std::size_t changes = distance(word, candidate, without_case{});
        if (changes > allowed || (least && changes > least->first))
            continue;
        const std::pair found = {changes, distance(word, candidate, exact{})};
        if (!least || found < *least) {
            least = found;
            best = candidate;
        }
    }
    if (!least)
        return std::nullopt;
    return std::string(best);
}

} // namespace seccomp_sim::scenario

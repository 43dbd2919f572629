// Finds the name that a user probably meant: the nearest by Damerau-Levenshtein distance (insert, delete,
// replace, swap two neighbours).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace seccomp_sim::scenario {

/// The candidate that differs least from `word`, upper and lower case counting as equal; between equals
/// the one nearer in case too, then the first. Nothing when more than a third of the name would have to
/// change, when `word` is a candidate itself, or when it is longer than any name (64 bytes). Looks at the
/// first 10,000 candidates at most.
std::optional<std::string> nearest_name(std::string_view word, std::span<const std::string_view> candidates);

} // namespace seccomp_sim::scenario

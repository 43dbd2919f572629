// Which kernels something in a scenario is meant for: the strings of "on", such as ">=v5.9 <v6.11",
// "release=exit", or an array of them, of which any will do.
#pragma once

#include "seccomp_sim/ids.hpp"
#include "seccomp_sim/result.hpp"
#include "seccomp_sim/revision.hpp"
#include "sim/scenario/source_ref.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::scenario {

class document;

/// One choice set by hand, on top of a preset ("release=exit").
struct choice_setting {
    std::uint8_t choice = 0; ///< index in all_choices()
    std::uint8_t value = 0;

    bool operator==(const choice_setting&) const = default;
};

/// A kernel to run a scenario on: a preset, and what was changed about it by hand.
struct chosen_kernel {
    std::uint8_t preset = 0; ///< index in all_presets(); what `<` and `>=` compare, whatever was changed
    revision choices;

    bool operator==(const chosen_kernel&) const = default;
};

/// The preset with these choices set, in order: the last one for a choice wins.
chosen_kernel choose(std::uint8_t preset, std::span<const choice_setting> settings = {});

/// One comparison.
struct constraint_term {
    enum class relation : std::uint8_t { less, less_equal, greater, greater_equal, equal, not_equal };

    relation how = relation::equal;
    bool is_choice = false;
    std::uint8_t subject = 0; ///< the preset, or the choice
    std::uint8_t value = 0;   ///< the value of the choice

    bool holds(const chosen_kernel& kernel) const;
};

struct constraint {
    using all_of = std::vector<constraint_term>; ///< one string
    using any_of = std::vector<all_of>;          ///< an array of strings, or a single one

    std::vector<any_of> clauses; ///< each must hold: a step's own, and those of the repeats around it
    std::string text;            ///< as it was written, for "skipped: not for this kernel"

    bool holds(const chosen_kernel& kernel) const;
};

/// The constraint that a string says. The failure has no place.
result<constraint> parse_constraint(std::string_view text);
/// The constraint that a string or an array of strings says. Throws input_error.
constraint read_constraint(const document& doc, source_ref value);
/// What both together say.
constraint both(const constraint& a, const constraint& b);

/// The presets on which it holds, as bits by index, each with these choices set.
std::uint32_t presets_of(const constraint& what, std::span<const choice_setting> settings);

/// "release=exit", as on the command line. The failure has no place.
result<choice_setting> parse_choice_setting(std::string_view text);
/// The index of the preset of that name. The failure names the nearest one and has no place.
result<std::uint8_t> parse_preset(std::string_view name);

} // namespace seccomp_sim::scenario

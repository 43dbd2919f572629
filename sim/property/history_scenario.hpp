// A history as a scenario file: the way from what a generator made to what `run` replays.
#pragma once

#include "sim/property/history.hpp"
#include "sim/scenario/scenario.hpp"

#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::property {

/// What a scenario says of itself.
struct scenario_head {
    std::string name;
    std::string summary;
    std::string source;
    std::string on; ///< a constraint; empty: every kernel
    std::optional<invariant> violates;
};

/// Leaves out what a scenario could not say: calls that name what no call before them has made.
void drop_unsayable(history& steps);

/// The text of the scenario. Names that a long history gave to several tasks in turn become different names.
/// Filters that nobody installs are left out.
std::string scenario_text(const history& steps, const scenario::name_table& names, const scenario_head& head);

/// The same, read.
result<scenario::scenario> to_scenario(const history& steps, const scenario::name_table& names,
                                       const scenario_head& head);

} // namespace seccomp_sim::property

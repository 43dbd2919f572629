// Small scenarios by which a kernel shows its choices: under each value of the choice the model shows
// something else.
#pragma once

#include <span>
#include <string_view>

namespace seccomp_sim::live {

struct probe_scenario {
    std::string_view choice; ///< by its name in revision.cpp
    std::string_view steps;  ///< of the scenario, in JSON
};

/// In the order in which they are tried: what others rest on comes first.
std::span<const probe_scenario> probe_scenarios();
/// The whole scenario of one of them, as JSON text.
std::string_view probe_filters();

} // namespace seccomp_sim::live

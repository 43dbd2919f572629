// How the entries of a schedule are written: "worker: do_exit/before-live-dec", or "worker: start" for the
// first step of a call, which has no label.
#pragma once

#include "sim/scenario/scenario.hpp"

#include <string>
#include <string_view>

namespace seccomp_sim::scenario {

inline constexpr std::string_view start_of_call = "start";

constexpr std::string_view schedule_label_text(label_id label) {
    return label == 0 ? start_of_call : label_name(label);
}

inline std::string schedule_entry_text(const scenario& s, name_id task, label_id label) {
    return std::string(s.name_of(task)) + ": " + std::string(schedule_label_text(label));
}

} // namespace seccomp_sim::scenario

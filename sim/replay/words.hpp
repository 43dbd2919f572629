// How values, events and states are written for people; the same words in every output.
#pragma once

#include "sim/replay/run.hpp"

#include <string>

namespace seccomp_sim::replay {

/// "IN|HUP", without RDNORM and WRNORM; "nothing" for none.
std::string event_names(std::uint32_t events);
/// A call's value as its step should show it: "EBUSY", "0", a task's name for a pid, "L (fd 3)".
std::string value_text(const run& r, const scenario::call_step& call, std::int64_t value);
/// "exited with 3", "killed by SIGKILL".
std::string status_text(std::int32_t status);
/// One event of a step: "monitor is woken (HUP)".
std::string event_text(const run& r, const event& e);
/// "watch: usage 1 -> 2, live 1 -> 1".
std::string counter_text(const run& r, const counter_change& c);
/// What the step is, in short: "worker seccomp watch".
std::string step_text(const scenario::scenario& s, const scenario::step& step);
/// How its call ended: "= 0", "= EBUSY", "blocks", "dies".
std::string end_text(const run& r, const step_report& report);

} // namespace seccomp_sim::replay

// Which of a scenario's plain system calls a real task may make: it runs on somebody's machine, perhaps as
// root.
#pragma once

#include "seccomp_sim/kernel.hpp"
#include "seccomp_sim/request.hpp"
#include "sim/scenario/scenario.hpp"

#include <string>

namespace seccomp_sim::live {

/// Whether a supervisor or a tracer lets calls go on that a filter handed to it.
bool lets_calls_go_on(const scenario::scenario& s);

/// Why the call must not be made for real, as a clause; empty if it may. A call that the caller's filters
/// stop may be any; one that they, or with `handed_calls_go_on` somebody else, could let through must be one
/// that changes nothing but the caller.
std::string why_not_to_be_made(const kernel& model, name_id caller, const request& asked,
                               bool handed_calls_go_on);

} // namespace seccomp_sim::live

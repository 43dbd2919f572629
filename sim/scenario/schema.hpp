// The JSON Schema (draft 2020-12) of scenarios, for editors that complete and check while one writes.
#pragma once

#include <string>

namespace seccomp_sim::scenario {

/// The schema as JSON text with a line end. Made from the tables that the reader follows.
std::string scenario_schema();

} // namespace seccomp_sim::scenario

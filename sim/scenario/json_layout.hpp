// JSON text as a person would lay it out: what fits into a line stands in one.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace seccomp_sim::scenario {

/// The value as text with a line end. Arrays and objects that are longer than a line have a line for each
/// child.
std::string laid_out(const nlohmann::ordered_json& value);

} // namespace seccomp_sim::scenario

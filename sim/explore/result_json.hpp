// A search's result as JSON, and back: for certificates, checkpoints and --format json.
#pragma once

#include "sim/explore/search.hpp"

#include <nlohmann/json_fwd.hpp>

namespace seccomp_sim::explore {

nlohmann::ordered_json to_json(const search_result& r);
/// Throws nlohmann::json::exception if it is none.
void from_json(const nlohmann::ordered_json& from, search_result& r);

std::string_view name_of(stop_reason why);

} // namespace seccomp_sim::explore

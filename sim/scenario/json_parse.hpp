// Reads a JSON text (RFC 8259) into a `document`, by nlohmann's SAX parser, which does not recurse.
// Everything is bounded, and each mistake gives one message in our words.
#pragma once

#include "seccomp_sim/result.hpp"
#include "sim/scenario/json_value.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace seccomp_sim::scenario {

/// What is refused as absurd. No scenario comes near any of these.
struct json_limits {
    std::size_t bytes = std::size_t{64} << 20;       ///< of the whole text
    std::size_t depth = 64;                          ///< of arrays and objects in one another
    std::size_t values = 4'000'000;                  ///< of all kinds together
    std::size_t string_bytes = std::size_t{1} << 20; ///< of one string or key, decoded
};

/// Parses the whole of `text`. `file_name` is what messages call it. Refuses duplicate keys, byte order
/// marks, numbers that neither 64 bits nor a double can hold, and whatever RFC 8259 refuses.
result<document> parse_json(std::string_view text, std::string file_name, const json_limits& limits = {});

} // namespace seccomp_sim::scenario

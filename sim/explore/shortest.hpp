// The shortest way to a broken invariant, or to one of some endings, breadth first: as many atomic steps as
// need be and not one more; among those of that length one with the fewest context switches, and then with
// few tasks.
//
// Steps are single atomic steps here, without reductions, so that a layer is what so many steps
// reach. Of each layer only the next one's worlds are kept, packed; of those before only who led to whom.
#pragma once

#include "sim/explore/search.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace seccomp_sim::explore {

struct shortest_options {
    std::optional<invariant> which; ///< nothing: any
    /// Not empty: the shortest way to one of these endings (describe_ending) instead; what is found is named
    /// by its message.
    std::set<std::string> endings;
    std::size_t most_steps = 0;   ///< atomic steps of the shortest way that is known; 0: none is
    std::uint64_t max_states = 0; ///< 0: no limit, as for the others
    std::uint64_t max_memory = 0; ///< bytes
    double max_seconds = 0;
    unsigned workers = 1;
};

struct shortest_result {
    std::optional<finding> found; ///< its way is one for a position without partial order reduction
    std::size_t steps = 0;        ///< atomic steps of the way found
    std::size_t switches = 0;     ///< context switches in it
    std::size_t layers = 0;       ///< that were looked at whole: no way has fewer steps than this
    std::uint64_t states = 0;
    std::uint64_t bytes = 0; ///< at most, at one time
    /// `violation` when found, `exhausted` when there is none (of at most `most_steps`), or the limit.
    stop_reason why = stop_reason::exhausted;
};

/// The position_options that the ways found are for.
inline constexpr position_options single_steps{
    .partial_order = false, .symmetric = false, .observations = false};
/// With endings.
inline constexpr position_options single_steps_seen{
    .partial_order = false, .symmetric = false, .observations = true};

/// Throws scenario::input_error if the scenario cannot be explored.
shortest_result find_shortest(const scenario::scenario& s, const scenario::chosen_kernel& on,
                              const shortest_options& options);

} // namespace seccomp_sim::explore

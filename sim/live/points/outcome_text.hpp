// What can be seen when a scenario's first concurrently block is over, in one line: the same words for what a
// kernel showed and for what the model allows, so that the two can be compared.
#pragma once

#include "sim/scenario/scenario.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::live {

/// How one call of the block ended.
struct call_ending {
    enum class how : std::uint8_t { returned, dies, blocks, not_begun };
    how ended = how::not_begun;
    std::string value; ///< of one that returned: names instead of pids
};

/// All of it. Open listeners that were there before the block are polled; the others cannot be looked at from
/// outside.
struct block_ending {
    std::vector<std::vector<call_ending>> calls; ///< by branch
    std::map<std::string, std::string> dead;     ///< "zombie" or "gone", by task
    std::map<std::string, std::string> polls;    ///< what each listener reports
};

/// A plain system call that no filter stops gives what the real kernel gives: not modelled.
inline constexpr const char* goes_through = "goes through";

std::string outcome_text(const scenario::scenario& s, const scenario::concurrent_step& block,
                         const block_ending& seen);

/// The scenario's first block that is for this kernel, as an index in its steps; nothing: there is none.
std::optional<std::size_t> first_block(const scenario::scenario& s, const scenario::chosen_kernel& on);

} // namespace seccomp_sim::live

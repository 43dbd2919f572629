// Walks through a run forwards and backwards. A move is an atomic step inside of a concurrently block, and a
// whole step outside.
#pragma once

#include "sim/replay/run.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::replay {

/// The last move that was made.
struct stepper_move {
    std::size_t number = 0; ///< of the step of the scenario, from 1; 0: nothing was done yet
    const scenario::step* step = nullptr;
    std::optional<pass> taken; ///< inside of a block
    std::string end;           ///< how a whole step ended
    std::vector<std::string> changes;
    std::vector<violation> violations; ///< that it caused
    std::vector<failure> failures;     ///< expectations that did not hold
};

/// Going back is running again from the start up to the move before: nothing is kept but the scenario, and
/// the same moves always lead to the same place.
class stepper {
  public:
    using look_at = std::function<void(const run&, const stepper_move&)>;

    stepper(const scenario::scenario& s, const scenario::chosen_kernel& on,
            std::optional<std::uint64_t> seed = {});

    /// How many moves there are. Throws scenario::input_error if a step cannot be asked for.
    std::size_t moves() const { return moves_; }
    /// Shows the run after so many moves to `look`.
    void visit(std::size_t moves, const look_at& look) const;

  private:
    /// Makes at most so many moves; says how many there were.
    std::size_t make(std::size_t most, const look_at& look) const;

    const scenario::scenario& s_;
    scenario::chosen_kernel on_;
    std::optional<std::uint64_t> seed_;
    std::size_t moves_ = 0;
};

} // namespace seccomp_sim::replay

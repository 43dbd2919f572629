// The states that a worker came upon last. A depth-first search comes back to most states soon, by steps in
// another order; what is found here need not be looked for in the visited set, whose memory is far away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace seccomp_sim::explore {

class recent_states {
  public:
    bool has(std::uint64_t fingerprint) const { return slots_[place_of(fingerprint)] == fingerprint; }
    void add(std::uint64_t fingerprint) { slots_[place_of(fingerprint)] = fingerprint; }

  private:
    /// As much as a core has for itself.
    static constexpr unsigned bits = 15;
    static std::size_t place_of(std::uint64_t fingerprint) { return fingerprint >> (64 - bits); }

    std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(std::size_t{1} << bits);
};

} // namespace seccomp_sim::explore

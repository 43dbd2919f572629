// Mutants: small wrong changes to the modelled kernel functions, chosen like a revision's choices. Each shows
// that an invariant, or a scenario's expectation, would notice such a mistake.
#pragma once

#include "seccomp_sim/violation.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace seccomp_sim {

/// Which change is made; `nothing` is the kernel as it is.
enum class mutant : std::uint8_t {
    nothing,
#define MUTANT(enumerator, ...) enumerator,
#define EQUIVALENT(enumerator, ...) enumerator,
#include "seccomp_sim/mutants.inc"
#undef MUTANT
#undef EQUIVALENT
};

/// What is known of a mutant.
struct mutant_info {
    mutant which = mutant::nothing;
    std::string_view name;              ///< the value of the choice `mutant`
    std::string_view function;          ///< the kernel function it changes
    std::string_view what;              ///< in one line
    std::optional<invariant> killed_by; ///< nothing: no invariant, but what scenarios expect; or equivalent
    std::string_view first_preset;      ///< the kernels that it makes a difference on, from this one
    std::string_view last_preset;       ///< to this one
    std::string_view equivalent; ///< why nothing can tell it from the kernel as it is; empty: something can

    bool is_equivalent() const { return !equivalent.empty(); }
    /// Whether it makes a difference on the preset of that number in all_presets().
    bool applies_to(std::size_t preset) const;
};

/// All mutants but `nothing`, in the order of the enumerators.
std::span<const mutant_info> all_mutants();

} // namespace seccomp_sim

// The table of mutants: which function each changes, what it gets wrong, and who is to notice.
#include "seccomp_sim/mutant.hpp"

#include "seccomp_sim/revision.hpp"

#include <array>

namespace seccomp_sim {
namespace {

constexpr std::optional<invariant> by_expectation;

#define by(invariant_name) invariant::invariant_name
#define MUTANT(enumerator, name, function, what, killed_by, first, last)                                     \
    mutant_info{mutant::enumerator, name, function, what, killed_by, first, last, ""},
#define EQUIVALENT(enumerator, name, function, what, why)                                                    \
    mutant_info{mutant::enumerator, name, function, what, std::nullopt, "v5.0", "v6.15", why},
constexpr std::array mutants = {
#include "seccomp_sim/mutants.inc"
};
#undef MUTANT
#undef EQUIVALENT
#undef by

std::size_t preset_number(std::string_view name) {
    return static_cast<std::size_t>(find_preset(name) - all_presets().data());
}

} // namespace

bool mutant_info::applies_to(std::size_t preset) const {
    return preset >= preset_number(first_preset) && preset <= preset_number(last_preset);
}

std::span<const mutant_info> all_mutants() {
    return mutants;
}

} // namespace seccomp_sim

// Which preset a mutant is shown on.
#include "sim/scenario/mutated_kernel.hpp"

namespace seccomp_sim::scenario {

chosen_kernel with_mutant(const mutant_info& m) {
    auto preset = static_cast<std::uint8_t>(all_presets().size() - 1);
    while (preset > 0 && !m.applies_to(preset))
        --preset;
    chosen_kernel kernel = choose(preset);
    kernel.choices.mutant = m.which;
    return kernel;
}

} // namespace seccomp_sim::scenario

// The hash of a world: every live record and the order of what waits, as bytes.
#include "seccomp_sim/world.hpp"

namespace seccomp_sim {

std::uint64_t hash_of(const world& w) {
    mixer mix;
    w.for_each_table([&](const auto& table) { table.hash(mix); });
    const world_globals& globals = w;
    mix(&globals, sizeof globals);
    return mix.value();
}

} // namespace seccomp_sim

// The orders in which the model takes calls that are made at the same time. A real kernel takes one that
// nobody chooses; it agrees with the model if the model shows the same under one of these.
#pragma once

#include "sim/scenario/scenario.hpp"

#include <vector>

namespace seccomp_sim::live {

/// `block` under each order that is tried: one branch after another in every sequence, then seeded mixtures.
std::vector<scenario::concurrent_step> orders_of(const scenario::concurrent_step& block);

} // namespace seccomp_sim::live

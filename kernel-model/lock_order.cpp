// What breaks the order in which a task may take the kernel's locks.
#include "kernel-model/lock_order.hpp"

namespace seccomp_sim {

void breaks_lock_order(kernel& k, std::string_view name, std::string_view held) {
    k.violate(invariant::no_deadlock, k.describe(k.self) + " takes " + std::string(name) +
                                          " while it holds " + std::string(held) +
                                          ": the other way round, another task would wait for it for ever");
}

} // namespace seccomp_sim

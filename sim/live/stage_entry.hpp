// The first steps of a scenario's init, or zygote, between clone and the puppet's program.
#pragma once

#include <cstddef>
#include <cstdint>

namespace seccomp_sim::live {

/// What the new task takes over from the driver.
struct stage_entry {
    int memory = -1, socket = -1, image = -1; ///< fds of the driver, above the standard streams
    int driver_socket = -1;                   ///< to be closed: it is the driver's
    std::size_t memory_size = 0;
    std::size_t slot = 0;      ///< its own
    std::uint64_t ignored = 0; ///< signal s, by bit s - 1: by the driver
    bool keeps_dropped_capabilities = false;
};

/// Runs in the child: makes it a clean task with three fds and becomes the puppet. Ends the task when
/// something fails; the driver then finds it dead.
[[noreturn]] void become_puppet(const stage_entry& entry);

} // namespace seccomp_sim::live

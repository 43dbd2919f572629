// The memory of the kernel that this program runs under, without a system call for each look: most of what a
// user-mode kernel allocates can be mapped. The rest is read through the points.
#pragma once

#include "sim/live/lab/kernel_store.hpp"
#include "sim/live/points/points_device.hpp"

#include <cstddef>
#include <cstdint>

namespace seccomp_sim::live {

class own_memory {
  public:
    /// Maps what can be mapped; where nothing can, all is read through `points`, which must live longer.
    own_memory(const lab_kernel& what, points_device& points);
    own_memory(const own_memory&) = delete;
    own_memory& operator=(const own_memory&) = delete;
    ~own_memory();

    /// False: there is nothing at that address.
    bool read(std::uint64_t address, void* into, std::size_t size);

  private:
    points_device& points_;
    const std::byte* mapped_ = nullptr;
    std::uint64_t first_ = 0; ///< the address in the kernel of the first mapped byte
    std::size_t size_ = 0;
};

} // namespace seccomp_sim::live

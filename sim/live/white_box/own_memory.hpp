// The memory of the user-mode kernel that this program runs under, without a system call for each look: most
// of what the kernel allocates lies in one file, which a process can map as the kernel does.
#pragma once

#include "sim/live/lab/kernel_store.hpp"
#include "sim/live/white_box/guest_memory.hpp"

#include <cstddef>
#include <cstdint>

namespace seccomp_sim::live {

class own_memory {
  public:
    /// Maps what can be mapped. `unmapped` reads the rest: the kernel's image, and all where nothing can be
    /// mapped.
    own_memory(const lab_kernel& what, memory_reader unmapped);
    own_memory(const own_memory&) = delete;
    own_memory& operator=(const own_memory&) = delete;
    ~own_memory();

    /// False: there is nothing at that address.
    bool read(std::uint64_t address, void* into, std::size_t size) const;

  private:
    memory_reader unmapped_;
    const std::byte* mapped_ = nullptr;
    std::uint64_t first_ = 0; ///< the address in the kernel of the first mapped byte
    std::size_t size_ = 0;
};

} // namespace seccomp_sim::live

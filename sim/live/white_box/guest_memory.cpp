// Copies from the process that a guest's kernel is.
#include "sim/live/white_box/guest_memory.hpp"

#include <sys/uio.h>

namespace seccomp_sim::live {

guest_memory::guest_memory(pid_t pid)
    : read_([pid](std::uint64_t address, void* into, std::size_t size) {
          const iovec ours = {into, size};
          // An address in another process. NOLINTNEXTLINE(performance-no-int-to-ptr)
          const iovec theirs = {reinterpret_cast<void*>(address), size};
          return ::process_vm_readv(pid, &ours, 1, &theirs, 1, 0) == static_cast<ssize_t>(size);
      }) {}

std::optional<structure_copy> guest_memory::structure(std::uint64_t address, std::size_t size) const {
    structure_copy copy(size);
    if (!read(address, copy.data(), size))
        return std::nullopt;
    return copy;
}

} // namespace seccomp_sim::live

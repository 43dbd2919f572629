// /dev/mem from behind the kernel's own image on: that is the file that a user-mode kernel has as its memory.
#include "sim/live/white_box/own_memory.hpp"

#include "sim/live/white_box/kernel_types.hpp"
#include "sim/scenario/system_file.hpp"

#include <cstring>
#include <fcntl.h>
#include <map>
#include <string>
#include <sys/mman.h>

namespace seccomp_sim::live {

own_memory::own_memory(const lab_kernel& what, memory_reader unmapped) : unmapped_(std::move(unmapped)) {
    const auto symbols = read_symbols(what.symbols(), {"uml_physmem", "uml_reserved", "high_physmem"});
    const auto value = [&](const std::string& name) {
        std::uint64_t v = 0;
        if (symbols && symbols->contains(name))
            unmapped_(symbols->at(name), &v, sizeof v);
        return v;
    };
    const std::uint64_t start = value("uml_physmem");
    const std::uint64_t reserved = value("uml_reserved");
    const std::uint64_t end = value("high_physmem");
    if (start == 0 || reserved <= start || end <= reserved)
        return;
    const scenario::file_descriptor file = scenario::open_file("/dev/mem", O_RDONLY);
    if (!file)
        return;
    size_ = end - reserved;
    void* memory =
        ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.get(), static_cast<off_t>(reserved - start));
    if (memory == MAP_FAILED)
        return;
    // A child of ours needs none of it, and copying the table of so many pages takes long.
    ::madvise(memory, size_, MADV_DONTFORK);
    mapped_ = static_cast<const std::byte*>(memory);
    first_ = reserved;
}

own_memory::~own_memory() {
    if (mapped_ != nullptr)
        ::munmap(const_cast<std::byte*>(mapped_), size_);
}

bool own_memory::read(std::uint64_t address, void* into, std::size_t size) const {
    if (mapped_ != nullptr && address >= first_ && address - first_ <= size_ &&
        size <= size_ - (address - first_)) {
        std::memcpy(into, mapped_ + (address - first_), size);
        return true;
    }
    return unmapped_(address, into, size);
}

} // namespace seccomp_sim::live

// /dev/mem from behind the kernel's own image on: that is one file, which a process can map as the kernel
// does.
#include "sim/live/points/own_memory.hpp"

#include "sim/scenario/system_file.hpp"

#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <string>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

/// Where these variables lie; 0 for one that this kernel does not have.
std::map<std::string, std::uint64_t> addresses_of(const lab_kernel& what,
                                                  std::map<std::string, std::uint64_t> names) {
    std::ifstream symbols(what.symbols());
    std::string address;
    std::string type;
    std::string name;
    while (symbols >> address >> type >> name)
        if (const auto found = names.find(name); found != names.end())
            found->second = std::stoull(address, nullptr, 16);
    return names;
}

} // namespace

own_memory::own_memory(const lab_kernel& what, points_device& points) : points_(points) {
    auto at = addresses_of(what, {{"uml_physmem", 0}, {"uml_reserved", 0}, {"high_physmem", 0}});
    const auto value = [&](const char* name) {
        std::uint64_t v = 0;
        if (at[name] != 0)
            points_.read_memory(at[name], std::as_writable_bytes(std::span(&v, 1)));
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

bool own_memory::read(std::uint64_t address, void* into, std::size_t size) {
    if (mapped_ != nullptr && address >= first_ && address - first_ <= size_ &&
        size <= size_ - (address - first_)) {
        std::memcpy(into, mapped_ + (address - first_), size);
        return true;
    }
    return points_.read_memory(address, {static_cast<std::byte*>(into), size});
}

} // namespace seccomp_sim::live

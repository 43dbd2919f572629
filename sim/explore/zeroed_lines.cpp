// Growing by mremap.
#include "sim/explore/zeroed_lines.hpp"

#include "sim/explore/large_pages.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include <sys/mman.h>

namespace seccomp_sim::explore {
namespace {

constexpr std::size_t line = 64;

std::size_t rounded(std::size_t bytes, std::size_t to) {
    return (bytes + to - 1) / to * to;
}

/// A mapping that begins where a large page can.
void* map_aligned(std::size_t bytes) {
    const std::size_t all = bytes + large_page;
    void* const at = ::mmap(nullptr, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        throw std::bad_alloc();
    auto* const begin = static_cast<std::byte*>(at);
    const auto address = reinterpret_cast<std::uintptr_t>(at);
    const std::size_t before = rounded(address, large_page) - address;
    if (before > 0)
        ::munmap(begin, before);
    ::munmap(begin + before + bytes, large_page - before);
    ::madvise(begin + before, bytes, MADV_HUGEPAGE); // if it is refused, small ones do
    return begin + before;
}

} // namespace

zeroed_memory::~zeroed_memory() {
    if (mapped_ != 0)
        ::munmap(data_, mapped_);
    else
        std::free(data_);
}

void zeroed_memory::grow(std::size_t bytes) {
    if (bytes < large_page / 2) {
        void* const at = std::aligned_alloc(line, rounded(bytes, line));
        if (at == nullptr)
            throw std::bad_alloc();
        if (bytes_ > 0)
            std::memcpy(at, data_, bytes_);
        std::memset(static_cast<std::byte*>(at) + bytes_, 0, bytes - bytes_);
        std::free(data_);
        data_ = at;
    } else if (const std::size_t wanted = rounded(bytes, large_page); wanted != mapped_) {
        void* const at = map_aligned(wanted);
        if (mapped_ == 0) {
            if (bytes_ > 0)
                std::memcpy(at, data_, bytes_);
            std::free(data_);
        } else if (::mremap(data_, mapped_, mapped_, MREMAP_MAYMOVE | MREMAP_FIXED, at) == MAP_FAILED) {
            ::munmap(at, wanted);
            throw std::bad_alloc();
        }
        data_ = at;
        mapped_ = wanted;
    }
    bytes_ = bytes;
}

} // namespace seccomp_sim::explore

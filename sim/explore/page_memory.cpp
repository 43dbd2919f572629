// Pages of zeroes, huge ones where they fit.
#include "sim/explore/page_memory.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/mman.h>

namespace seccomp_sim::explore {
namespace {

constexpr std::size_t cache_line = 64;
constexpr std::size_t huge_page = std::size_t{2} << 20;

} // namespace

void* take_pages(std::size_t bytes) {
    const bool large = bytes >= huge_page;
    void* room = nullptr;
    if (::posix_memalign(&room, large ? huge_page : cache_line, bytes) != 0)
        throw std::bad_alloc();
    if (large)
        ::madvise(room, bytes, MADV_HUGEPAGE); // a kernel without them does without
    std::memset(room, 0, bytes);
    return room;
}

void give_pages_back(void* room) {
    std::free(room);
}

} // namespace seccomp_sim::explore

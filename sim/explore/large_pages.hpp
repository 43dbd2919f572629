// Memory for large tables that are read here and there: where the system has large pages, it is asked for
// them, since such a table has more small ones than a core remembers the places of.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include <sys/mman.h>

namespace seccomp_sim::explore {

inline constexpr std::size_t large_page = std::size_t{2} << 20;

template <class T>
struct large_page_allocator {
    using value_type = T;

    large_page_allocator() = default;
    template <class U>
    large_page_allocator(const large_page_allocator<U>&) {} // NOLINT(google-explicit-constructor): as std's

    T* allocate(std::size_t count) {
        if (!is_large(count))
            return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{alignof(T)}));
        const std::size_t bytes = (count * sizeof(T) + large_page - 1) / large_page * large_page;
        void* const at = ::operator new (bytes, std::align_val_t{large_page});
        ::madvise(at, bytes, MADV_HUGEPAGE); // if it is refused, small ones do
        return static_cast<T*>(at);
    }
    void deallocate(T* at, std::size_t count) {
        ::operator delete (at, std::align_val_t{is_large(count) ? large_page : alignof(T)});
    }
    bool operator==(const large_page_allocator&) const { return true; }

  private:
    static bool is_large(std::size_t count) { return count * sizeof(T) >= large_page / 2; }
};

template <class T>
using large_vector = std::vector<T, large_page_allocator<T>>;

} // namespace seccomp_sim::explore

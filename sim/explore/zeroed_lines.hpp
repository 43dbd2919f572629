// Zeroed memory that grows without being copied: what is large moves by its page tables, and only what is new
// is cleared. It has large pages where it can, as large_pages.hpp.
#pragma once

#include <cstddef>
#include <type_traits>

namespace seccomp_sim::explore {

class zeroed_memory {
  public:
    zeroed_memory() = default;
    zeroed_memory(const zeroed_memory&) = delete;
    zeroed_memory& operator=(const zeroed_memory&) = delete;
    ~zeroed_memory();

    void* data() const { return data_; }
    /// What is there stays; what is new is zero. Throws std::bad_alloc.
    void grow(std::size_t bytes);

  private:
    void* data_ = nullptr;
    std::size_t bytes_ = 0;  ///< as asked for
    std::size_t mapped_ = 0; ///< 0: not a mapping of its own
};

/// An array of such memory. T is a line of the cache, or several.
template <class T>
class zeroed_lines {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 64);

  public:
    std::size_t size() const { return size_; }
    T* begin() const { return static_cast<T*>(memory_.data()); }
    T* end() const { return begin() + size_; }
    T& operator[](std::size_t i) const { return begin()[i]; }
    void grow(std::size_t size) {
        memory_.grow(size * sizeof(T));
        size_ = size;
    }

  private:
    zeroed_memory memory_;
    std::size_t size_ = 0;
};

} // namespace seccomp_sim::explore

// Memory of zeroes for a table that is read all over: in huge pages where it is large, since then most of
// what an access costs is to find its page.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

namespace seccomp_sim::explore {

/// What page_memory lies in. Throws std::bad_alloc.
void* take_pages(std::size_t bytes);
void give_pages_back(void* room);

/// `size` objects whose bytes are zero. Throws std::bad_alloc.
template <class T>
class page_memory {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    page_memory() = default;
    explicit page_memory(std::size_t size)
        : room_(static_cast<T*>(take_pages(size * sizeof(T)))), size_(size) {}

    std::size_t size() const { return size_; }
    T* begin() { return room_.get(); }
    T* end() { return room_.get() + size_; }
    const T* begin() const { return room_.get(); }
    const T* end() const { return room_.get() + size_; }
    T& operator[](std::size_t i) { return room_[i]; }

  private:
    struct release {
        void operator()(T* room) const { give_pages_back(room); }
    };
    std::unique_ptr<T[], release> room_;
    std::size_t size_ = 0;
};

} // namespace seccomp_sim::explore

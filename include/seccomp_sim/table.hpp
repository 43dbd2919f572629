// A table of the world: objects of one kind, named by index. Freed objects keep their bytes, so that touching
// one is seen for what it is, and rest in a quarantine before their index is used again.
#pragma once

#include "seccomp_sim/ids.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace seccomp_sim {

/// Objects live in chunks, so that references stay valid while the table grows and growth never copies.
/// An index is used again only when more than `Quarantine` others were freed after it.
/// An object is compared and hashed as bytes, or, where it owns memory, by its `==` and `hash_fields`.
template <class T, std::size_t Quarantine = 256>
class table {
  public:
    static constexpr bool flat = std::is_trivially_copyable_v<T>;
    static_assert(!flat || std::has_unique_object_representations_v<T>, "hashed as bytes: no padding");
    static constexpr std::size_t chunk_bits = 10;
    static constexpr std::size_t chunk_size = std::size_t{1} << chunk_bits;
    static constexpr std::size_t quarantine = Quarantine;

    table() = default;
    /// Copies the objects that were ever used, not whole chunks: small worlds are copied often.
    table(const table& other)
        : live_(other.live_), freed_(other.freed_), next_freed_(other.next_freed_), count_(other.count_) {
        std::size_t left = other.live_.size();
        for (const chunk& from : other.chunks_) {
            const std::size_t used = std::min(left, chunk_size);
            std::uninitialized_copy_n(from.get(), used, add_chunk());
            left -= used;
        }
    }
    table(table&& other) noexcept { swap(other); }
    table& operator=(table other) noexcept {
        swap(other);
        return *this;
    }
    ~table() {
        if constexpr (!flat)
            for (index_type index = 0; index < end_index(); ++index)
                std::destroy_at(&at(index));
    }

    /// A new object, default-initialised. Its index is the oldest one free, by the order of frees.
    id<T> allocate() {
        ++count_;
        if (freed_.size() - next_freed_ > quarantine) {
            const index_type index = freed_[next_freed_++];
            forget_used_entries();
            if constexpr (requires(T & used) { used.reset(); })
                at(index).reset();
            else
                at(index) = T{};
            live_[index] = true;
            return {index};
        }
        const auto index = static_cast<index_type>(live_.size());
        if (index >> chunk_bits == chunks_.size())
            add_chunk();
        live_.push_back(true);
        new (&at(index)) T;
        return {index};
    }

    /// The object stays readable as freed.
    void free(id<T> object) {
        live_[object.value] = false;
        freed_.push_back(object.value);
        --count_;
    }

    bool is_live(id<T> object) const { return object.value < live_.size() && live_[object.value]; }

    T& operator[](id<T> object) { return at(object.value); }
    const T& operator[](id<T> object) const { return at(object.value); }

    /// One past the greatest index ever used.
    index_type end_index() const { return static_cast<index_type>(live_.size()); }
    /// How many objects are live.
    std::size_t count() const { return count_; }

    /// Calls `use(id, object)` for each live object, by index.
    template <class Use>
    void for_each(Use&& use) const {
        for (index_type index = 0; index < end_index(); ++index)
            if (live_[index])
                use(id<T>{index}, at(index));
    }

    /// Feeds the bytes of every live object, with its index, to `mix(pointer, size)`.
    template <class Mix>
    void hash(Mix&& mix) const {
        for_each([&](id<T> name, const T& object) {
            mix(&name, sizeof name);
            if constexpr (flat)
                mix(&object, sizeof object);
            else
                hash_fields(object, mix);
        });
    }

    friend bool operator==(const table& a, const table& b) {
        if (a.live_ != b.live_)
            return false;
        for (index_type index = 0; index < a.end_index(); ++index)
            if (a.live_[index] && !same(a.at(index), b.at(index)))
                return false;
        return true;
    }

  private:
    static bool same(const T& a, const T& b) {
        if constexpr (flat)
            return std::memcmp(&a, &b, sizeof(T)) == 0;
        else
            return a == b;
    }

    T& at(index_type index) { return chunks_[index >> chunk_bits][index & (chunk_size - 1)]; }
    const T& at(index_type index) const { return chunks_[index >> chunk_bits][index & (chunk_size - 1)]; }

    /// Room for objects that are made one by one.
    struct release_room {
        void operator()(T* room) const { std::allocator<T>().deallocate(room, chunk_size); }
    };
    using chunk = std::unique_ptr<T[], release_room>;

    T* add_chunk() { return chunks_.emplace_back(std::allocator<T>().allocate(chunk_size)).get(); }

    void swap(table& other) noexcept {
        std::swap(chunks_, other.chunks_);
        std::swap(live_, other.live_);
        std::swap(freed_, other.freed_);
        std::swap(next_freed_, other.next_freed_);
        std::swap(count_, other.count_);
    }

    void forget_used_entries() {
        if (next_freed_ < 4 * quarantine || next_freed_ * 2 < freed_.size())
            return;
        freed_.erase(freed_.begin(), freed_.begin() + static_cast<std::ptrdiff_t>(next_freed_));
        next_freed_ = 0;
    }

    std::vector<chunk> chunks_;
    std::vector<bool> live_;
    std::vector<index_type> freed_;
    std::size_t next_freed_ = 0;
    std::size_t count_ = 0;
};

} // namespace seccomp_sim

// The memory of a table: objects lie in chunks, so that references stay valid while a table grows and growth
// never copies.
#pragma once

#include "seccomp_sim/ids.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace seccomp_sim {

/// Room for objects, found by their ids. Whoever owns it makes and destroys the objects.
template <class T>
class chunks {
  public:
    /// Small worlds are copied often: a chunk has not much more room than they use.
    static constexpr std::size_t chunk_bits = 8;
    static constexpr std::size_t chunk_size = std::size_t{1} << chunk_bits;
    static constexpr index_type tag = id_bits::tag_of_kind(id_bits::kind<T>);

    chunks() = default;
    /// Copies the first objects, which must be there, not whole chunks.
    chunks(const chunks& other, std::size_t objects) {
        for (const room& from : other.rooms_) {
            const std::size_t used = std::min(objects, chunk_size);
            std::uninitialized_copy_n(from.get(), used, add_room());
            objects -= used;
        }
    }

    /// A quarter of what a step costs is spent here. So the tag stays on the id, and is reckoned with where
    /// that is free: in the distance to the first origin, and in the origin.
    T& operator[](id<T> object) const {
        assert((object.value & ~id_bits::index_mask) == tag && object.index() < rooms_.size() * chunk_size);
        const std::uintptr_t* const first = origins_.data() - std::ptrdiff_t{tag >> chunk_bits};
        const std::uintptr_t origin = first[object.value >> chunk_bits];
        // NOLINTNEXTLINE(performance-no-int-to-ptr): an origin is outside of the room that it leads to
        return *reinterpret_cast<T*>(origin + std::uintptr_t{object.value} * sizeof(T));
    }

    /// Where the object of this index is to be made; all before it have their room.
    T* room_at(index_type index) {
        if (index >> chunk_bits == rooms_.size())
            add_room();
        return &rooms_[index >> chunk_bits].get()[index & (chunk_size - 1)];
    }

  private:
    struct release_room {
        void operator()(T* objects) const { std::allocator<T>().deallocate(objects, chunk_size); }
    };
    using room = std::unique_ptr<T[], release_room>;

    T* add_room() {
        const std::uintptr_t first_id = tag + rooms_.size() * chunk_size;
        T* const objects = rooms_.emplace_back(std::allocator<T>().allocate(chunk_size)).get();
        origins_.push_back(reinterpret_cast<std::uintptr_t>(objects) - first_id * sizeof(T));
        return objects;
    }

    std::vector<room> rooms_;
    /// Of each room, the address that an object of id 0 would have in it.
    std::vector<std::uintptr_t> origins_;
};

} // namespace seccomp_sim

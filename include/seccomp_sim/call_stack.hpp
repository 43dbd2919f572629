// The calls in flight of one task, as bytes of the world.
#pragma once

#include "seccomp_sim/frame.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>

namespace seccomp_sim {

/// The kernel functions that a task is in the middle of: a small stack of frames (see frame.hpp).
struct call_stack {
    static constexpr std::size_t capacity = 432;
    static constexpr std::size_t max_depth = 14;

    std::int64_t result = 0;     ///< what the last function returned to its caller
    std::int64_t skip_value = 0; ///< the value of a call that seccomp did not let run
    std::array<std::uint16_t, max_depth> offsets{};
    std::uint16_t depth = 0;
    std::uint16_t used = 0;
    request_id request;        ///< the system call asked for; nothing when the task only handles signals
    std::uint16_t asleep = 0;  ///< the last step was schedule()
    std::uint16_t blocked = 0; ///< the last step only found a lock taken
    alignas(8) std::array<std::byte, capacity> bytes{}; ///< zero behind what is used

    /// What a stack without frames takes, and what this one takes.
    static constexpr std::size_t head_size = 56;
    std::size_t stored_size() const { return head_size + used; }

    /// The frames by number, from the first call on.
    frame& frame_at(std::size_t i) { return *reinterpret_cast<frame*>(&bytes[offsets[i]]); }
    const frame& frame_at(std::size_t i) const { return *reinterpret_cast<const frame*>(&bytes[offsets[i]]); }
    /// The frame that runs; there must be one.
    frame& top() { return frame_at(depth - 1U); }
    const frame& top() const { return frame_at(depth - 1U); }
    /// The frame of the function that called the one that runs; there must be one.
    frame& caller() { return frame_at(depth - 2U); }

    template <class Frame>
    Frame& push(const Frame& f) {
        static_assert(std::has_unique_object_representations_v<Frame>,
                      "frames are hashed as bytes: no padding");
        constexpr std::size_t size = padded(sizeof(Frame));
        if (depth == max_depth || used + size > capacity) [[unlikely]]
            overflow();
        auto* const callee = new (&bytes[used]) Frame(f);
        callee->function = function_number<Frame>();
        offsets[depth++] = used;
        used = static_cast<std::uint16_t>(used + size);
        return *callee;
    }
    /// Takes off the frame that runs, of so many bytes.
    void pop(std::size_t size) {
        used = static_cast<std::uint16_t>(used - padded(size));
        std::memset(&bytes[used], 0, padded(size));
        offsets[--depth] = 0;
    }
    /// The same, of whatever size.
    void pop() { pop(static_cast<std::size_t>(used - offsets[depth - 1U])); }

    /// As new. A frame is zeroed when it returns, so only those of a task that died here are left.
    void reset() {
        if (used != 0) {
            std::memset(bytes.data(), 0, used);
            offsets.fill(0);
        }
        result = skip_value = 0;
        depth = used = asleep = blocked = 0;
        request = {};
    }

  private:
    static constexpr std::size_t padded(std::size_t size) { return (size + 7) & ~std::size_t{7}; }
    [[noreturn, gnu::cold]] static void overflow() {
        assert(false && "a call nests deeper than call_stack allows");
        std::abort();
    }
};
static_assert(sizeof(call_stack) == call_stack::head_size + call_stack::capacity);

} // namespace seccomp_sim

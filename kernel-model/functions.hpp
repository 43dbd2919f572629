// The numbers of the kernel functions that have a frame, so that a frame in the world can be resumed by
// number. A new function goes into functions.inc; order there gives the numbers.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

#define KERNEL_FUNCTION(name) struct name;
#include "kernel-model/functions.inc"
#undef KERNEL_FUNCTION

enum class function_index : std::uint32_t {
#define KERNEL_FUNCTION(name) name,
#include "kernel-model/functions.inc"
#undef KERNEL_FUNCTION
};

#define KERNEL_FUNCTION(name)                                                                                \
    template <>                                                                                              \
    inline std::uint32_t function_number<name>() {                                                           \
        return static_cast<std::uint32_t>(function_index::name);                                             \
    }
#include "kernel-model/functions.inc"
#undef KERNEL_FUNCTION

/// The function that a task is in the middle of, if it is that one.
template <class Frame>
const Frame* frame_of(const kernel& k, task_id who) {
    if (!k.w.tasks[who].call)
        return nullptr;
    const call_stack& s = k.w.stacks[k.w.tasks[who].call];
    const frame& top = s.top();
    return top.function == function_number<Frame>() ? static_cast<const Frame*>(&top) : nullptr;
}

} // namespace seccomp_sim

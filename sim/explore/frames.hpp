// Looks into the frames of a call in flight.
#pragma once

#include "kernel-model/functions.hpp"
#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim::explore {

/// The frame `below` calls under the top one of a task that is in a call.
inline const frame* frame_under(const kernel& k, task_id who, unsigned below) {
    const call_stack& s = k.w.stacks[k.w.tasks[who].call];
    if (s.depth <= below)
        return nullptr;
    return &s.frame_at(s.depth - 1U - below);
}

template <class Frame>
const Frame& top_frame(const kernel& k, task_id who) {
    return static_cast<const Frame&>(*frame_under(k, who, 0));
}

/// The frame there, if it is of that function.
template <class Frame>
const Frame* called_from(const kernel& k, task_id who, unsigned below) {
    const frame* f = frame_under(k, who, below);
    return f != nullptr && f->function == function_number<Frame>() ? static_cast<const Frame*>(f) : nullptr;
}

template <class Frame>
bool on_top(const kernel& k, task_id who) {
    return called_from<Frame>(k, who, 0) != nullptr;
}

/// Whether a task is in a call of that function, however deep.
template <class Frame>
bool is_in(const kernel& k, task_id who) {
    for (unsigned below = 0; below < k.w.stacks[k.w.tasks[who].call].depth; ++below)
        if (called_from<Frame>(k, who, below) != nullptr)
            return true;
    return false;
}

} // namespace seccomp_sim::explore

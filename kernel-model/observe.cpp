// Looking at a file from outside, with the modelled poll.
#include "kernel-model/observe.hpp"

#include "kernel-model/functions.hpp"
#include "kernel-model/select.hpp"

#include <cassert>

namespace seccomp_sim {

step observe_poll::run(kernel& k) {
    kernel_function {
        call_at("observe/poll",
                vfs_poll{
                    {}, f, static_cast<std::uint32_t>(wake_function::poll), id<void>::nothing, 0, {}, {}, 0});
        k.observed_events = static_cast<std::uint32_t>(k.result());
    }
    return step::returned;
}

std::uint32_t kernel::poll_now(file_id f) {
    task& worker = w.tasks[w.rcu_worker];
    assert(!worker.call && !preemptive);
    worker.call = w.stacks.allocate();
    w.stacks[worker.call].push(observe_poll{{}, f, 0});
    observer* const watcher = watch;
    watch = nullptr;
    resume(w.rcu_worker);
    watch = watcher;
    return observed_events;
}

} // namespace seccomp_sim

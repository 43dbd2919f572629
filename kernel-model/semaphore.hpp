// The semaphore that RECV slept on before 6.6: kernel/locking/semaphore.c. An `up` hands its count to the
// first sleeper instead of raising it, so nobody overtakes who slept first.
#pragma once

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

/// up(&filter->notif->request), in one step under the semaphore's own lock.
void up(kernel& k, filter_id f);

/// One more trapped call to receive: up, or what replaced the semaphore in 6.6, a count.
void raise_request(kernel& k, filter_id f);

/// down_interruptible(&filter->notif->request): 0 or -EINTR.
struct down_interruptible : frame {
    filter_id filter;
    wait_entry_id waiter = {};
    step run(kernel& k);
};

} // namespace seccomp_sim

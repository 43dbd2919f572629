// Resumes a frame by the number of its function.
#include "kernel-model/functions.hpp"

#include "kernel-model/entry.hpp"
#include "kernel-model/eventpoll.hpp"
#include "kernel-model/exec.hpp"
#include "kernel-model/exit.hpp"
#include "kernel-model/file_calls.hpp"
#include "kernel-model/file_table.hpp"
#include "kernel-model/fork.hpp"
#include "kernel-model/observe.hpp"
#include "kernel-model/pidfd.hpp"
#include "kernel-model/process_calls.hpp"
#include "kernel-model/ptrace.hpp"
#include "kernel-model/reparent.hpp"
#include "kernel-model/scm.hpp"
#include "kernel-model/seccomp_attach.hpp"
#include "kernel-model/seccomp_filter.hpp"
#include "kernel-model/seccomp_listener.hpp"
#include "kernel-model/seccomp_notify.hpp"
#include "kernel-model/seccomp_user_notification.hpp"
#include "kernel-model/secure_computing.hpp"
#include "kernel-model/select.hpp"
#include "kernel-model/semaphore.hpp"
#include "kernel-model/signal.hpp"
#include "kernel-model/wait.hpp"

namespace seccomp_sim {

step resume_frame(kernel& k, std::uint32_t function, void* frame) {
    switch (static_cast<function_index>(function)) {
#define KERNEL_FUNCTION(name)                                                                                \
    case function_index::name:                                                                               \
        return static_cast<name*>(frame)->run(k);
#include "kernel-model/functions.inc"
#undef KERNEL_FUNCTION
    }
    return step::returned;
}

} // namespace seccomp_sim

// Attaching filters to the calling thread, without a library between: what is measured is the kernel.
#include "bench/kernel/notifying_filter.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

namespace seccomp_sim::bench {
namespace {

template <unsigned short Length>
int attach(sock_filter (&program)[Length], unsigned flags) {
    const sock_fprog described{Length, program};
    return static_cast<int>(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &described));
}

} // namespace

bool allow_filters() {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool attach_filter() {
    sock_filter program[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    return attach(program, 0) == 0;
}

int attach_listener() {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_acct, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    return attach(program, SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

} // namespace seccomp_sim::bench

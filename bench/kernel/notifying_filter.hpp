// Attaching filters to the calling thread of the running kernel, by the bare system call.
#pragma once

namespace seccomp_sim::bench {

/// Lets an unprivileged task attach filters. False, with errno set, when the kernel refuses.
bool allow_filters();
/// Attaches a filter of one instruction that allows everything.
bool attach_filter();
/// Attaches a filter that traps acct(2), which nobody here calls, and gives its listener's fd; -1, with errno
/// set, when the kernel refuses.
int attach_listener();

} // namespace seccomp_sim::bench

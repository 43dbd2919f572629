// What the first process of a guest does, whatever it is there for.
#pragma once

#include "seccomp_sim/result.hpp"
#include "sim/scenario/system_file.hpp"

namespace seccomp_sim::live {

/// Mounts /proc, /sys, /dev, /dev/shm and brings the loopback interface up. To be called once, by a process
/// with pid 1. What this kernel does not have is left out.
void set_up_guest();
/// Opens the guest's end of guest::channel(), raw. Fails outside of a guest.
result<scenario::file_descriptor> open_channel();
/// Ends the guest. What was written to the channel and to the console before arrives.
[[noreturn]] void power_off();

} // namespace seccomp_sim::live

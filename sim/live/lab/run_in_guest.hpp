// One command under a lab kernel, as if it ran here: same folder, environment, standard input and outputs.
#pragma once

#include "seccomp_sim/result.hpp"
#include "sim/live/lab/kernel_store.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::live {

struct guest_command {
    std::vector<std::string> argv;
    unsigned memory_mib = 256;
    bool one_cpu = false;   ///< of a kernel that may have several, only one is there
    bool read_only = false; ///< the command may write to no file of this machine
    std::chrono::seconds limit = std::chrono::minutes(10);
    /// How long it may print nothing at all; one that is silent for longer hangs.
    std::chrono::seconds silence = std::chrono::hours(24);
    bool takes_input = true; ///< our standard input is its
    /// Takes what it prints as it comes, instead of our standard output.
    std::function<void(std::string_view)> take_output = {};
};

/// Boots the kernel, runs the command, and gives its exit status (128 + signal when a signal ended it, 127
/// when it could not be started). The kernel's own messages go to standard error. Fails when the kernel does
/// not come up, dies, is silent for too long, or takes longer than the limit.
result<int> run_in_guest(const lab_kernel& what, const guest_command& command);

/// The guest's side of it: the first process there. Ends the guest.
int guest_init();

} // namespace seccomp_sim::live

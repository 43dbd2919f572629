// What `confirm` was asked for, and the part of it that runs inside of a guest.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::cli {

struct confirm_settings {
    std::vector<std::string> paths;
    std::string kernel = "all";
    std::vector<std::string> revisions, settings;
    bool quiet = false;
    bool outcomes = false, invariants = false;
    bool under_locks = false; ///< tasks may be held under a spinlock, spinning
    std::size_t schedules = 1000;
    std::optional<std::size_t> switches;
    std::string write;
    unsigned seconds = 600;
};

/// All scenarios, one after the other, under the kernel that this process runs under; gives the exit code.
int confirm_inside(const confirm_settings& asked);
/// The exit code of both: a failure weighs more than what could not be done.
int worse_code(int a, int b);

} // namespace seccomp_sim::cli

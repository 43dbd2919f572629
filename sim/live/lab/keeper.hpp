// The process between us and a program that must not outlive us.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace seccomp_sim::live {

/// What the keeper tells about its program, over a pipe.
struct keeper_news {
    enum class what { started, failed, ended };
    what kind;
    int value; ///< the pid, the errno, or the wait status
};

/// What a keeper needs, made before the fork: it allocates nothing.
struct keeper_plan {
    std::vector<char*> argv;
    std::vector<char*> environment;
    const char* folder = nullptr;
    std::vector<std::pair<int, int>> descriptors; ///< ours, the program's
    std::optional<unsigned> cpu;                  ///< the one that the program stays on
    std::vector<int> kept;                        ///< stay open in the keeper, in ascending order
    int life = -1;                                ///< a byte: over; end of file: abandoned
    int news = -1;
    std::vector<char*> remove; ///< the command that removes the scratch folder; empty: none
    bool remove_only_if_abandoned = false;
};

/// Runs in a fresh child of ours.
[[noreturn]] void keep(const keeper_plan& plan);

} // namespace seccomp_sim::live

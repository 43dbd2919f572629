// The files that a kernel gets when it is built with points, and its semantic patches: part of the program,
// so that there is one file to copy to another machine.
#pragma once

#include <span>
#include <string_view>

namespace seccomp_sim::live {

/// One file of sim/live/points, by its path there ("labels/release_task/tasklist-lock.cocci").
struct embedded_file {
    std::string_view path;
    std::string_view text;
};

/// All of them, sorted by path.
std::span<const embedded_file> embedded_files();

} // namespace seccomp_sim::live

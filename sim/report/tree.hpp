// The filter tree at one point of a run: which filter stands on which, with counters, tasks and fds.
#pragma once

#include "sim/replay/run.hpp"

#include <string>

namespace seccomp_sim::report {

std::string tree_text(const replay::run& r);
/// The same for graphviz.
std::string tree_dot(const replay::run& r);
/// Its nodes and edges alone, to stand in a graph with others: names of nodes begin with `prefix`.
std::string tree_dot_body(const replay::run& r, const std::string& prefix);

/// "worker (zombie)": a task and what is special about it.
std::string task_text(const replay::run& r, task_id t);
/// Who has a file open: "fd L of monitor", "a message to init", "a call in progress".
std::vector<std::string> file_holders(const replay::run& r, file_id f);

} // namespace seccomp_sim::report

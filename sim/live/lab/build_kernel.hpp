// Builds a user-mode kernel into the store: once for all that goes into it, atomically, and one builder at a
// time.
#pragma once

#include "sim/live/lab/kernel_store.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace seccomp_sim::live {

/// What to build.
struct build_request {
    std::string source;               ///< a tree, an archive, or a Debian source package
    std::vector<std::string> patches; ///< files that `patch -p1` takes, or spatch (.cocci), in their order
    std::string name;                 ///< empty: made of the source's and the patches' names
    std::vector<std::string> config;  ///< further lines of the configuration
    unsigned cpus = 1;
    bool points = false; ///< with points at which tasks can be held (sim/live/points)
    /// Semantic patches: for each one more kernel is made of the same tree, named after it. With points only.
    std::vector<std::string> variants;
    unsigned jobs = 0; ///< compilers at once; 0: one for each CPU
    std::chrono::seconds limit = std::chrono::minutes(60);
};

/// How a build goes, for whoever waits for it.
struct build_observer {
    std::function<void(const std::string&)> phase = [](const std::string&) {}; ///< "compiling"
    /// The lines of a failed patch or compile that matter; called before the build fails.
    std::function<void(const std::vector<std::string>&)> failed_output = [](const std::vector<std::string>&) {
    };
};

/// A kernel, and whether it was there already.
struct built_kernel {
    lab_kernel what;
    bool was_there = false;
    std::vector<lab_kernel> variants;
};

/// Builds, or finds what was built before of the same source, patches, configuration and compiler, and names
/// it. Waits while another process builds the same. An interrupted or failed build leaves nothing in the
/// store.
result<built_kernel> build_kernel(const build_request& asked, const build_observer& observer = {});

/// The first program that a build needs and that is not in PATH; empty when all are there.
std::string missing_build_program();

} // namespace seccomp_sim::live

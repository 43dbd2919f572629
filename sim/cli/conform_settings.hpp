// What `conform` was asked for, and where its results go.
#pragma once

#include "sim/live/judgement.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace seccomp_sim::cli {

struct conform_settings {
    std::vector<std::string> paths;
    std::vector<std::string> kernels = {"running"};
    std::string white_box = "auto";
    std::string format = "text";
    std::string table;
    double timeout = 10;
    std::size_t random = 0;
    std::uint64_t seed = 1;
    bool verbose = false;
    std::vector<std::string> revisions; ///< the model's, if it is not to be the one that the kernel shows
    std::vector<std::string> settings;
    std::string lab_kernel; ///< inside of a guest: the name of its kernel
};

/// Takes each result as soon as it is there.
using judgement_sink = std::function<void(const live::judgement&)>;
using campaign_sink = std::function<void(const live::campaign&)>;

/// Everything that is asked for, under a lab kernel. One boot, unless the kernel ends before its work does:
/// then the scenario at which it ended differs, and another boot goes on behind it. Throws live::cannot_run.
void conform_in_lab(const conform_settings& asked, const std::string& name, const judgement_sink& judged,
                    const campaign_sink& finished);

} // namespace seccomp_sim::cli

// What `explore` does beside exploring one scenario, and what it was asked for.
#pragma once

#include "sim/cli/options.hpp"
#include "sim/explore/search.hpp"

#include <string>
#include <vector>

namespace seccomp_sim::cli {

struct explore_settings {
    std::string path;
    std::vector<std::string> revisions;
    std::vector<std::string> settings;
    explore::search_options options;
    std::vector<std::string> overlap;
    std::vector<std::string> diff;
    std::string counterexample, dot, certificate, checkpoint, resume;
    std::string output;
    std::vector<std::string> without; ///< parts of partial order reduction
    std::string format = "text";
    unsigned campaign = 0;
    bool mutants = false;
    bool shortest = false;
    bool fair = false;
    bool no_por = false;
    bool no_symmetry = false;
    bool no_known_steps = false;
    bool check_reduction = false;
};

/// --diff: what can be seen on one kernel and not on the other, with the shortest schedule of each.
int diff_outcomes(const scenario::scenario& s, const explore_settings& asked);
/// --mutants.
int hunt_mutants_mode(const explore_settings& asked);
/// --campaign.
int run_campaign_mode(const explore_settings& asked);
void write_file(const std::string& path, std::string_view text);
/// A counterexample for what was found: told, and written to the files that were asked for.
void tell_findings(const scenario::scenario& s, const named_kernel& kernel, const explore_settings& asked,
                   const explore::search_result& r);

} // namespace seccomp_sim::cli

// What `explore` tells of what it found, and the files that it writes of it.
#include "sim/cli/explore_modes.hpp"

#include "sim/explore/campaign.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/output_file.hpp"

#include <algorithm>
#include <iostream>
#include <unistd.h>

namespace seccomp_sim::cli {

void tell_findings(const scenario::scenario&, const named_kernel&, const explore_settings&,
                   const explore::search_result&) {}

int run_campaign_mode(const explore_settings& asked) {
    std::vector<std::uint8_t> presets;
    const bool all = asked.revisions.empty() || asked.revisions.front() == "all";
    check_revision_options(asked.revisions, asked.settings);
    for (std::size_t i = 0; i < all_presets().size(); ++i)
        if (all || std::find(asked.revisions.begin(), asked.revisions.end(), all_presets()[i].name) !=
                       asked.revisions.end())
            presets.push_back(static_cast<std::uint8_t>(i));
    explore::campaign_options options;
    options.size = asked.campaign;
    options.max_states = asked.options.max_states;
    options.workers = asked.options.workers;
    explore::campaign_progress shown;
    if (::isatty(STDERR_FILENO) != 0)
        shown = [](std::size_t done, std::size_t of) {
            std::cerr << "\r" << done << " of " << of << " scenarios \033[K" << std::flush;
        };
    const explore::campaign_result r = explore::run_campaign(presets, options, shown);
    std::cout << r.scenarios << " scenarios, " << r.explorations << " explorations, " << r.states
              << " states, " << r.cut_off << " stopped by a limit\n"
              << explore::campaign_table(r);
    return r.defects.empty() ? all_held : something_failed;
}

} // namespace seccomp_sim::cli

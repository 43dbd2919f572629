// What `explore` tells of what it found, and the files that it writes of it.
#include "sim/cli/explore_modes.hpp"

#include "sim/explore/campaign.hpp"
#include "sim/explore/counterexample.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/output_file.hpp"
#include "sim/scenario/output_folder.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <unistd.h>

namespace seccomp_sim::cli {
namespace {

explore::counterexample_options options_for(const explore_settings& asked) {
    explore::counterexample_options options;
    options.in_position = asked.options.in_position;
    options.shortest = asked.shortest;
    options.max_memory = asked.options.max_memory == 0 ? options.max_memory : asked.options.max_memory;
    options.max_seconds = asked.options.max_seconds;
    options.workers = asked.options.workers;
    options.story.colour = ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
    return options;
}

} // namespace

void write_file(const std::string& path, std::string_view text) {
    scenario::output_file file = scenario::value_or_throw(scenario::output_file::open(path));
    file.write(text);
    scenario::value_or_throw(file.commit());
}

void tell_findings(const scenario::scenario& s, const named_kernel& kernel, const explore_settings& asked,
                   const explore::search_result& r) {
    if (asked.format == "json" && asked.counterexample.empty() && asked.dot.empty())
        return;
    explore::written_counterexample example;
    try {
        example = explore::make_counterexample(s, kernel.kernel, r.findings.front(), options_for(asked));
    } catch (const std::runtime_error& why) {
        std::cerr << "no counterexample could be written: " << why.what() << "\n";
        return;
    }
    if (asked.format != "json")
        std::cout << "\n"
                  << name_of(example.what.which) << " is broken in " << example.length << " steps with "
                  << example.switches << (example.switches == 1 ? " context switch; " : " context switches; ")
                  << example.how_short << "\n"
                  << example.story;
    if (!asked.counterexample.empty())
        write_file(asked.counterexample, example.text);
    if (!asked.dot.empty())
        write_file(asked.dot, example.dot);
}

int run_campaign_mode(const explore_settings& asked) {
    check_revision_options(asked.revisions, asked.settings);
    std::vector<std::uint8_t> presets;
    const auto is_asked = [&](std::string_view name) {
        return asked.revisions.empty() || asked.revisions.front() == "all" ||
               std::find(asked.revisions.begin(), asked.revisions.end(), name) != asked.revisions.end();
    };
    for (std::size_t i = 0; i < all_presets().size(); ++i)
        if (is_asked(all_presets()[i].name))
            presets.push_back(static_cast<std::uint8_t>(i));
    if (!asked.output.empty())
        scenario::value_or_throw(scenario::make_folder(asked.output));
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
              << " states, " << r.cut_off << " stopped by a limit\n\n"
              << explore::campaign_table(r);
    if (!asked.output.empty()) {
        for (const explore::defect& d : r.defects) {
            const scenario::scenario s =
                scenario::value_or_throw(scenario::read_scenario(d.scenario, "campaign"));
            const std::string file = asked.output + "/" + explore::defect_file_name(d);
            const auto preset = scenario::parse_preset(d.preset).value();
            explore::counterexample_options how = options_for(asked);
            how.shortest = true;
            write_file(file, explore::make_counterexample(s, scenario::choose(preset), d.shortest, how).text);
            std::cout << "wrote " << file << "\n";
        }
    }
    return r.defects.empty() ? all_held : something_failed;
}

} // namespace seccomp_sim::cli

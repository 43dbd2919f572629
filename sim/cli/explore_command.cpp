// `explore`: every interleaving of what a scenario does at the same time.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"

#include "sim/explore/reduction_check.hpp"
#include "sim/explore/search.hpp"
#include "sim/scenario/input_error.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace seccomp_sim::cli {
namespace {

struct explore_settings {
    std::string path;
    std::vector<std::string> revisions;
    std::vector<std::string> settings;
    explore::search_options options;
    bool no_por = false;
    bool no_symmetry = false;
    bool check_reduction = false;
};

int explore_all(const explore_settings& asked) {
    check_revision_options(asked.revisions, asked.settings);
    const scenario::scenario s = read_one(asked.path);
    int code = all_held;
    for (const named_kernel& kernel : kernels_for(s, asked.revisions, asked.settings)) {
        if (asked.check_reduction) {
            const explore::reduction_report r = explore::check_reduction(s, kernel.kernel, 50000);
            std::cout << kernel.name << ": " << r.states << " states, " << r.pairs << " pairs\n";
            for (const std::string& lie : r.lies)
                std::cout << "LIE " << lie << "\n";
            for (std::size_t i = 0; i < r.labels.size(); ++i)
                if (r.labels[i].met != 0)
                    std::cout << "L " << label_name(static_cast<label_id>(i)) << " " << r.labels[i].met << " "
                              << r.labels[i].blocked << " "
                              << (r.labels[i].conflicts_with ? label_name(r.labels[i].conflicts_with) : "-")
                              << "\n";
            continue;
        }
        explore::search_options o = asked.options;
        o.in_position.partial_order = !asked.no_por;
        o.in_position.symmetric = !asked.no_symmetry;
        explore::search search(s, kernel.kernel, o);
        const explore::search_result r = search.run();
        std::cout << kernel.name << ": " << r.states << " states, " << r.transitions << " transitions, "
                  << r.atomic_steps << " atomic steps, depth " << r.depth << ", " << r.seconds << " s, "
                  << static_cast<double>(r.transitions) / r.seconds / 1e6 << " M/s, "
                  << static_cast<double>(r.visited_bytes) / static_cast<double>(r.states)
                  << " bytes a state\n";
        for (const explore::finding& f : r.findings) {
            std::cout << "  " << name_of(f.what.which) << ": " << f.what.message << " (" << f.way.size()
                      << " steps, " << f.times << " times)\n";
            code = something_failed;
        }
        for (const auto& [text, e] : r.endings)
            std::cout << "  " << e.count << "  " << text << "\n";
    }
    return code;
}

} // namespace

void add_explore(CLI::App& program, action& chosen) {
    auto asked = std::make_shared<explore_settings>();
    CLI::App* app = program.add_subcommand("explore", "Check every invariant in every interleaving");
    app->add_option("path", asked->path, "A scenario with a concurrently step")
        ->required()
        ->type_name("FILE|-");
    add_revision_options(*app, asked->revisions, asked->settings,
                         "The kernel revision, or 'all' (default: the newest); may be given again");
    app->add_flag("--no-por", asked->no_por, "Without partial order reduction");
    app->add_flag("--no-symmetry", asked->no_symmetry, "Without symmetry of interchangeable threads");
    app->add_flag("--check-reduction", asked->check_reduction, "x");
    app->add_flag("--outcomes", asked->options.outcomes, "All observations that the scenario can end with");
    app->add_flag("--all", asked->options.all_findings, "Go on after the first broken invariant");
    app->add_option("--workers", asked->options.workers, "Threads")->capture_default_str();
    app->callback([asked, &chosen] { chosen = [asked] { return explore_all(*asked); }; });
}

} // namespace seccomp_sim::cli

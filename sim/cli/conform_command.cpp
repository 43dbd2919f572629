// `conform`: holds scenarios against a real kernel.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"

#include "sim/live/comparison.hpp"
#include "sim/replay/words.hpp"
#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/input_error.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace seccomp_sim::cli {
namespace {

struct conform_settings {
    std::vector<std::string> paths;
    double timeout = 10;
};

int conform(const conform_settings& asked) {
    const std::vector<std::string> files = scenario::value_or_throw(scenario::find_scenarios(asked.paths));
    const auto newest = static_cast<std::uint8_t>(all_presets().size() - 1);
    bool differs = false;
    bool compared = false;
    live::comparison_options options;
    options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(asked.timeout * 1000));
    for (const std::string& file : files) {
        const scenario::scenario s = read_one(file);
        const live::outcome o = live::compare(s, scenario::choose(newest, s.set), options);
        compared = compared || o.how != live::verdict::cannot_run;
        if (o.how == live::verdict::agrees)
            std::cout << "agrees  " << s.name << ", " << o.steps << " steps\n";
        if (o.how == live::verdict::cannot_run)
            std::cout << "cannot  " << s.name << ": " << o.why << "\n";
        if (o.how == live::verdict::differs) {
            differs = true;
            std::cout << "DIFFERS " << s.name << " after step " << o.failing_step << "  "
                      << replay::step_text(s, s.steps[o.failing_step - 1]) << "\n";
            for (const live::difference& d : o.differences)
                std::cout << "    " << d.what << ": model " << (d.model.empty() ? "nothing" : d.model)
                          << ", kernel " << (d.kernel.empty() ? "nothing" : d.kernel) << "\n";
        }
        std::cout.flush();
    }
    if (!compared)
        return cannot_be_done;
    return differs ? something_failed : all_held;
}

} // namespace

void add_conform(CLI::App& program, action& chosen) {
    auto asked = std::make_shared<conform_settings>();
    CLI::App* command = program.add_subcommand("conform", "Hold scenarios against a real kernel");
    command->add_option("paths", asked->paths, "Scenario files, or folders of them")
        ->required()
        ->type_name("FILE|DIR");
    command->add_option("--timeout", asked->timeout, "Seconds until all tasks are at rest after a step")
        ->capture_default_str();
    command->callback([asked, &chosen] { chosen = [asked] { return conform(*asked); }; });
}

} // namespace seccomp_sim::cli

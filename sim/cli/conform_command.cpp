// `conform`: holds scenarios, of files or made by chance, against real kernels.
#include "sim/cli/commands.hpp"
#include "sim/cli/conform_report.hpp"
#include "sim/cli/conform_settings.hpp"
#include "sim/cli/options.hpp"

#include "sim/live/cannot_run.hpp"
#include "sim/live/lab/kernel_store.hpp"
#include "sim/live/own_kernel.hpp"
#include "sim/live/probe.hpp"
#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/output_file.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace seccomp_sim::cli {
namespace {

live::comparison_options options_of(const conform_settings& asked) {
    live::comparison_options options;
    options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(asked.timeout * 1000));
    return options;
}

/// The revision that was asked for, or else the one that the kernel shows; with what is set on top.
scenario::chosen_kernel model_for(const conform_settings& asked, const live::comparison_options& options) {
    scenario::chosen_kernel on =
        asked.revisions.empty()
            ? live::probe(options).nearest
            : scenario::choose(scenario::value_or_throw(scenario::parse_preset(asked.revisions.back())));
    for (const std::string& text : asked.settings) {
        const scenario::choice_setting c = scenario::value_or_throw(scenario::parse_choice_setting(text));
        all_choices()[c.choice].set(on.choices, c.value);
    }
    return on;
}

/// Everything that is asked for, on the kernel that this process runs under. Throws live::cannot_run.
void run_here(const conform_settings& asked, const std::string& name, const judgement_sink& judged,
              const campaign_sink& finished) {
    std::vector<scenario::scenario> scripts;
    if (!asked.paths.empty())
        for (const std::string& file : scenario::value_or_throw(scenario::find_scenarios(asked.paths)))
            scripts.push_back(read_one(file));
    live::comparison_options options = options_of(asked);
    std::unique_ptr<live::white_box> box;
    if (asked.white_box != "off") {
        result<std::unique_ptr<live::white_box>> opened = live::open_box(asked.lab_kernel);
        if (opened)
            box = std::move(opened).value();
        else if (asked.white_box == "on")
            throw live::cannot_run(opened.error().message);
        else
            std::cerr << "counters are not compared on " << name << ": " << opened.error().message << "\n";
    }
    const scenario::chosen_kernel on = model_for(asked, options);
    options.box = box.get();
    for (const scenario::scenario& s : scripts)
        judged(live::judge(s, on, name, options));
    if (asked.random == 0)
        return;
    finished(live::run_campaign(on, name, options, asked.random, asked.seed, judged));
}

std::vector<std::string> kernel_names(const conform_settings& asked) {
    std::vector<std::string> names;
    for (const std::string& k : asked.kernels) {
        if (k != "all") {
            names.push_back(k);
            continue;
        }
        names.emplace_back("running");
        for (const live::lab_kernel& built : scenario::value_or_throw(live::all_kernels()))
            names.push_back(built.name);
    }
    return names;
}

/// Inside of a guest: each result is a line.
int conform_in_guest(const conform_settings& asked) {
    bool differs = false;
    run_here(
        asked, asked.lab_kernel,
        [&](const live::judgement& j) {
            differs = differs || j.how == live::verdict::differs;
            std::cout << live::to_json(j) << std::endl;
        },
        [&](const live::campaign& c) { std::cout << live::to_json(c) << std::endl; });
    return differs ? something_failed : all_held;
}

int conform(const conform_settings& asked) {
    if (asked.paths.empty() && asked.random == 0)
        throw scenario::input_error({{}, "there is nothing to compare", "scenario files, or --random N"});
    if (!asked.lab_kernel.empty())
        return conform_in_guest(asked);
    check_revision_options(asked.revisions, asked.settings);
    conform_report report(asked.format, asked.verbose);
    std::vector<live::judgement> all;
    bool ended_early = false;
    const judgement_sink judged = [&](const live::judgement& j) {
        report.add(j);
        all.push_back(j);
    };
    const campaign_sink finished = [&](const live::campaign& c) { report.add(c); };
    for (const std::string& name : kernel_names(asked)) {
        try {
            (name == "running" ? run_here : conform_in_lab)(asked, name, judged, finished);
        } catch (const live::cannot_run& e) {
            std::cerr << "seccomp-sim: nothing can be compared with the kernel " << name << ": " << e.why
                      << "\n";
            ended_early = true;
        }
    }
    report.finish();
    if (!asked.table.empty()) {
        scenario::output_file file = scenario::value_or_throw(scenario::output_file::open(asked.table));
        file.write(conform_table(all));
        scenario::value_or_throw(file.commit());
    }
    if (report.differing() != 0)
        return something_failed;
    return ended_early || report.compared() == 0 ? cannot_be_done : all_held;
}

} // namespace

void add_conform(CLI::App& program, action& chosen) {
    auto asked = std::make_shared<conform_settings>();
    CLI::App* command =
        program.add_subcommand("conform", "Hold scenarios against real kernels, step by step");
    command->add_option("paths", asked->paths, "Scenario files, or folders of them")->type_name("FILE|DIR");
    command
        ->add_option("--kernel", asked->kernels,
                     "The kernel: running, the name of one that was built, or all; may be given again")
        ->type_name("running|NAME|all")
        ->allow_extra_args(false);
    command->add_option("--white-box", asked->white_box, "Whether counters are compared")
        ->check(CLI::IsMember({"auto", "on", "off"}))
        ->capture_default_str();
    command->add_option("--timeout", asked->timeout, "Seconds until all tasks are at rest after a step")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    add_revision_options(*command, asked->revisions, asked->settings,
                         "The model's revision (default: the one that the kernel shows)");
    command->add_option("--random", asked->random, "Also compare so many steps of random scenarios");
    command->add_option("--seed", asked->seed, "Seed of the first random scenario")->capture_default_str();
    command->add_option("--format", asked->format, "How to report")
        ->check(CLI::IsMember({"text", "jsonl", "ktap"}))
        ->capture_default_str();
    command->add_option("--table", asked->table, "Write the table of scenarios and kernels, in Markdown")
        ->type_name("FILE");
    command->add_flag("-v,--verbose", asked->verbose, "Also tell what agrees");
    command->add_option("--lab-kernel", asked->lab_kernel)->group("");
    command->callback([asked, &chosen] {
        chosen = [asked] {
            try {
                return conform(*asked);
            } catch (const live::cannot_run& e) {
                std::cerr << "seccomp-sim: this cannot be done here: " << e.why << "\n";
                return cannot_be_done;
            }
        };
    });
}

} // namespace seccomp_sim::cli

// `run`: replays scenarios on modelled kernels and checks what they expect.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/step_through.hpp"

#include "sim/report/metrics.hpp"
#include "sim/report/report.hpp"
#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/output_file.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <unistd.h>

namespace seccomp_sim::cli {
namespace {

struct run_settings {
    std::vector<std::string> paths;
    std::vector<std::string> revisions;
    std::vector<std::string> settings;
    std::optional<std::uint64_t> seed;
    std::string format = "text";
    std::string output = "-";
    std::string metrics;
    bool no_invariants = false;
    bool verbose = false;
    bool step = false;
};

report::format format_of(const std::string& name) {
    const std::map<std::string, report::format> formats = {{"text", report::format::text},
                                                           {"jsonl", report::format::jsonl},
                                                           {"ktap", report::format::ktap},
                                                           {"junit", report::format::junit}};
    return formats.at(name);
}

/// Runs one scenario on one kernel, step by step, and says how it came out.
report::verdict run_one(replay::run& r, std::string_view name, report::reporter& out,
                        report::metrics* metrics, progress& shown) {
    report::verdict v;
    out.start_run(r, name);
    while (auto step = r.next()) {
        const replay::step_report report = scenario::value_or_throw(std::move(*step));
        v.steps += report.skipped ? 0U : 1U;
        v.failures.insert(v.failures.end(), report.failures.begin(), report.failures.end());
        out.step(r, report);
        if (metrics != nullptr)
            metrics->sample(r, name, report.number);
        shown.tick(report.number, r.script().steps.size());
    }
    const std::vector<replay::failure> rest = r.finish();
    v.failures.insert(v.failures.end(), rest.begin(), rest.end());
    return v;
}

/// `--step`: one scenario on one kernel.
int step_one(const run_settings& asked) {
    if (asked.paths.size() != 1 || asked.paths[0] == "-")
        throw scenario::input_error({{"", 0, 0, ""}, "--step takes one scenario file", "--step FILE"});
    const scenario::scenario s = read_one(asked.paths[0]);
    const std::vector<named_kernel> kernels = kernels_for(s, asked.revisions, asked.settings);
    const auto meant = std::find_if(kernels.begin(), kernels.end(), [&](const named_kernel& k) {
        return scenario::applicability(s, k.kernel)(s.on);
    });
    if (meant == kernels.end())
        throw scenario::input_error({{asked.paths[0], 0, 0, ""},
                                     "the scenario is for " + s.constraints[s.on.value].text,
                                     "--revision with one that it is for"});
    return step_through(s, meant->kernel, meant->name, asked.seed);
}

int run_all(const run_settings& asked) {
    check_revision_options(asked.revisions, asked.settings);
    if (asked.step)
        return step_one(asked);
    // All are read before any is run: bad input is told before there is output.
    struct planned_scenario {
        scenario::scenario script;
        std::vector<named_kernel> kernels;
    };
    std::vector<planned_scenario> planned;
    std::size_t runs = 0;
    for (auto& [path, script] : scenario::value_or_throw(scenario::read_scenarios(asked.paths))) {
        std::vector<named_kernel> kernels = kernels_for(script, asked.revisions, asked.settings);
        runs += kernels.size();
        planned.push_back({std::move(script), std::move(kernels)});
    }

    scenario::output_file file = scenario::value_or_throw(scenario::output_file::open(asked.output));
    std::optional<scenario::output_file> metrics_file;
    std::optional<report::metrics> metrics;
    if (!asked.metrics.empty()) {
        metrics_file = scenario::value_or_throw(scenario::output_file::open(asked.metrics));
        metrics.emplace([&](std::string_view text) { metrics_file->write(text); });
    }
    report::style style;
    style.colour = asked.output == "-" && ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
    style.brief = runs > 1 && !asked.verbose;
    const auto out = report::make_reporter(format_of(asked.format), style,
                                           [&](std::string_view text) { file.write(text); });
    progress shown;
    report::totals totals;
    out->start(runs);
    for (const auto& [s, kernels] : planned)
        for (const named_kernel& kernel : kernels) {
            replay::run_options options;
            options.seed = asked.seed;
            options.invariants = !asked.no_invariants;
            replay::run r(s, kernel.kernel, options);
            report::verdict v;
            shown.start(s.name + " on " + kernel.name);
            if (scenario::applicability(s, kernel.kernel)(s.on))
                v = run_one(r, kernel.name, *out, metrics ? &*metrics : nullptr, shown);
            else
                v.skipped = "it is for " + s.constraints[s.on.value].text;
            out->end_run(r, kernel.name, v);
            ++totals.runs;
            totals.failed += v.held() ? 0U : 1U;
            totals.skipped += v.skipped.empty() ? 0U : 1U;
        }
    shown.clear();
    out->finish(totals);
    scenario::value_or_throw(file.commit());
    if (metrics_file)
        scenario::value_or_throw(metrics_file->commit());
    return totals.failed == 0 ? all_held : something_failed;
}

} // namespace

void add_run(CLI::App& program, action& chosen) {
    auto asked = std::make_shared<run_settings>();
    CLI::App* run = program.add_subcommand("run", "Replay scenarios and check what they expect");
    run->add_option("paths", asked->paths, "Scenario files, folders of them, or - for standard input")
        ->required()
        ->type_name("FILE|DIR|-");
    add_revision_options(*run, asked->revisions, asked->settings,
                         "The kernel revision, or 'all' (default: the newest); may be given again");
    run->add_option("--seed", asked->seed, "Seed of the choices in concurrently blocks without a schedule")
        ->check(no_seed);
    run->add_option("--format", asked->format, "How to report")
        ->check(CLI::IsMember({"text", "jsonl", "ktap", "junit"}))
        ->capture_default_str();
    run->add_option("-o,--output", asked->output, "Write the report to a file instead of standard output")
        ->type_name("FILE");
    run->add_option("--metrics", asked->metrics, "Write what the event loops watch, step by step, as CSV")
        ->type_name("FILE");
    run->add_flag("--no-invariants", asked->no_invariants, "Do not check the model's invariants");
    run->add_flag(
        "--step", asked->step,
        "Walk through one scenario forwards and backwards, an atomic step at a time where it has a schedule");
    run->add_flag("-v,--verbose", asked->verbose, "Show every step, also of several runs that hold");
    run->callback([asked, &chosen] { chosen = [asked] { return run_all(*asked); }; });
}

} // namespace seccomp_sim::cli

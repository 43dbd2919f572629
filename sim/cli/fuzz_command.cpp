// `fuzz`: long random histories under random schedules; what breaks is made small and written as a scenario.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"

#include "sim/property/find_table.hpp"
#include "sim/property/fuzz.hpp"
#include "sim/property/known_defects.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/output_file.hpp"
#include "sim/scenario/output_folder.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <optional>
#include <thread>

namespace seccomp_sim::cli {
namespace {

struct fuzz_settings {
    std::vector<std::string> revisions;
    std::vector<std::string> settings;
    std::vector<std::string> weights;
    std::vector<std::string> known;
    std::uint64_t steps = 1'000'000;
    std::uint64_t runs = 2;
    std::uint64_t seconds = 0;
    std::uint64_t seed = 1;
    std::string schedules = "random";
    std::uint32_t depth = 3;
    std::uint32_t blocks = 60;
    std::uint32_t max_tasks = 8;
    std::uint32_t workers = 0;
    std::string output;
    bool no_invariants = false;
    bool no_coverage = false;
    bool table = false;
};

/// One run to make, and what came of it.
struct unit {
    std::size_t kernel = 0;
    std::uint64_t number = 0;
    property::run_result result;
    bool done = false;
};

property::fuzz_options options_of(const fuzz_settings& asked) {
    property::fuzz_options options = property::default_fuzz_options();
    options.steps = asked.steps;
    options.seed = asked.seed;
    options.depth = asked.depth;
    options.invariants = !asked.no_invariants;
    options.schedules =
        asked.schedules == "pct" ? property::schedule_kind::pct : property::schedule_kind::random;
    options.calls.block_percent = asked.blocks;
    options.calls.max_tasks = asked.max_tasks;
    for (const std::string& weight : asked.weights) {
        const result<void> set = property::set_weight(options.calls.weights, weight);
        if (!set)
            throw scenario::input_error({{}, "--weight: " + set.error().message, set.error().hint});
    }
    return options;
}

/// A defect that is expected: "usage-exact", wherever, or "usage-exact@copy_process/free-task".
bool is_known(const std::vector<std::string>& known, const property::defect& d) {
    const std::string name(name_of(d.which));
    const std::string at = name + "@" + (d.at == 0 ? "rest" : std::string(label_name(d.at)));
    return std::any_of(known.begin(), known.end(),
                       [&](const std::string& k) { return k == name || k == at; });
}

void check_known(const std::vector<std::string>& known) {
    for (const std::string& k : known) {
        const std::string name = k.substr(0, k.find('@'));
        const bool there = std::any_of(invariants.begin(), invariants.end(),
                                       [&](const invariant_info& i) { return i.name == name; });
        const std::string label = k.size() == name.size() ? "rest" : k.substr(name.size() + 1);
        if (!there)
            throw scenario::input_error({{},
                                         "--known: " + seccomp_sim::quoted(name) + " is no invariant",
                                         "expected INVARIANT or INVARIANT@LABEL, such as \"no-leak@rest\""});
        if (label != "rest" && find_label(label) == 0)
            throw scenario::input_error({{}, "--known: " + seccomp_sim::quoted(label) + " is no label", ""});
    }
}

/// Calls `work(i)` for each i below `count`, on all cores; `goes_on` says whether to begin another. Throws
/// the input_error of whichever failed.
template <class Work, class GoesOn>
void on_all_cores(std::size_t count, std::uint32_t workers, Work&& work, GoesOn&& goes_on) {
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> failed = false;
    std::optional<diagnostic> failure;
    const auto loop = [&] {
        for (std::size_t i = next++; i < count && !failed && goes_on(); i = next++) {
            const result<void> done = scenario::as_result([&] { work(i); });
            if (!done && !failed.exchange(true))
                failure = done.error();
        }
    };
    const std::uint32_t cores = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::thread> threads;
    for (std::uint32_t i = 1; i < (workers == 0 ? cores : workers); ++i)
        threads.emplace_back(loop);
    loop();
    for (std::thread& thread : threads)
        thread.join();
    if (failure)
        throw scenario::input_error(*failure);
}

/// Makes the runs on all cores. Each run depends on its number alone, so the order in which they end is no
/// matter.
void make_runs(std::vector<unit>& units, const std::vector<named_kernel>& kernels,
               const property::fuzz_options& options, const fuzz_settings& asked) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(asked.seconds);
    on_all_cores(
        units.size(), asked.workers,
        [&](std::size_t i) {
            const named_kernel& on = kernels[units[i].kernel];
            units[i].result = property::fuzz_run(on.kernel, on.name, units[i].number, options, true);
            units[i].done = true;
        },
        [&] { return asked.seconds == 0 || std::chrono::steady_clock::now() < end; });
}

/// How many runs each known defect and each mutant takes.
int tell_table(const fuzz_settings& asked) {
    property::find_options options = property::default_find_options();
    const std::vector<property::target> targets = property::all_targets();
    std::vector<property::find_result> found(targets.size());
    on_all_cores(
        targets.size(), asked.workers, [&](std::size_t i) { found[i] = property::find(targets[i], options); },
        [] { return true; });
    std::cout << "| what is wrong | runs until found: median | least | most | seeds that found it |\n"
                 "|---|---|---|---|---|\n";
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const property::find_result& r = found[i];
        const auto number = [&](std::uint64_t n) { return r.found == 0 ? "-" : std::to_string(n); };
        std::cout << "| " << targets[i].name << " | " << number(r.median) << " | " << number(r.least) << " | "
                  << number(r.most) << " | " << r.found << " of " << r.seeds << " |\n";
    }
    return all_held;
}

std::string file_name_of(const std::string& kernel, const property::defect& d) {
    std::string name = "fuzz-" + kernel + "-" + property::to_text(d) + ".json";
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == ' ' || c == '/' || c == '='; }, '-');
    return name;
}

void tell(const property::finding& f, const std::string& kernel, bool known, std::string_view reason,
          const std::string& folder) {
    std::cout << (known ? "known  " : "broken ") << kernel << ": " << property::to_text(f.what) << ": "
              << f.message << "\n       run " << f.run << ", step " << f.step << ", " << f.times
              << (f.times == 1 ? " time" : " times") << "; made small: " << f.calls
              << (f.calls == 1 ? " call\n" : " calls\n");
    if (!reason.empty())
        std::cout << "       " << reason << "\n";
    if (folder.empty()) {
        if (!known)
            std::cout << f.scenario;
        return;
    }
    const std::string path = folder + "/" + file_name_of(kernel, f.what);
    scenario::output_file file = scenario::value_or_throw(scenario::output_file::open(path));
    file.write(f.scenario);
    scenario::value_or_throw(file.commit());
    std::cout << "       written to " << path << "\n";
}

int fuzz(const fuzz_settings& asked) {
    if (asked.table)
        return tell_table(asked);
    check_revision_options(asked.revisions, asked.settings);
    check_known(asked.known);
    const std::vector<named_kernel> kernels = kernels_for({}, asked.revisions, asked.settings);
    const property::fuzz_options options = options_of(asked);
    if (!asked.output.empty())
        scenario::value_or_throw(scenario::make_folder(asked.output));
    std::vector<unit> units;
    for (std::uint64_t number = 1; number <= asked.runs; ++number)
        for (std::size_t kernel = 0; kernel < kernels.size(); ++kernel)
            units.push_back({kernel, number, {}, false});
    make_runs(units, kernels, options, asked);

    property::coverage reached;
    std::size_t unexpected = 0;
    for (std::size_t kernel = 0; kernel < kernels.size(); ++kernel) {
        std::vector<property::finding> findings;
        std::uint64_t steps = 0;
        std::uint64_t runs = 0;
        for (unit& u : units) {
            if (u.kernel != kernel || !u.done)
                continue;
            reached.add(u.result.reached);
            steps += u.result.reached.steps;
            ++runs;
            for (property::finding& f : u.result.findings) {
                const auto before =
                    std::find_if(findings.begin(), findings.end(), [&](const property::finding& known) {
                        return known.what == f.what ||
                               (known.what.which == f.what.which &&
                                !property::known_defect(kernels[kernel].kernel.choices, f.what.which)
                                     .empty());
                    });
                if (before == findings.end())
                    findings.push_back(std::move(f));
                else
                    before->times += f.times;
            }
        }
        std::cout << "fuzz   " << kernels[kernel].name << ": " << runs << (runs == 1 ? " run, " : " runs, ")
                  << steps << " steps, " << asked.schedules << " schedules, seed " << asked.seed << "\n";
        for (const property::finding& f : findings) {
            const std::string_view reason =
                property::known_defect(kernels[kernel].kernel.choices, f.what.which);
            const bool known = !reason.empty() || is_known(asked.known, f.what);
            unexpected += known ? 0U : 1U;
            tell(f, kernels[kernel].name, known, reason, asked.output);
        }
        if (findings.empty())
            std::cout << "held   " << kernels[kernel].name << "\n";
    }
    if (!asked.no_coverage)
        std::cout << property::to_text(reached);
    return unexpected == 0 ? all_held : something_failed;
}

} // namespace

void add_fuzz(CLI::App& program, action& chosen) {
    auto asked = std::make_shared<fuzz_settings>();
    CLI::App* command = program.add_subcommand(
        "fuzz", "Long random histories under random schedules; what breaks becomes a small scenario");
    add_revision_options(*command, asked->revisions, asked->settings,
                         "The kernel revision, or 'all' (default: the newest); may be given again");
    command->add_option("--steps", asked->steps, "Atomic steps of each run")->capture_default_str();
    command->add_option("--runs", asked->runs, "Runs on each kernel")->capture_default_str();
    command->add_option("--time", asked->seconds, "Begin no run after so many seconds (default: no limit)")
        ->type_name("SECONDS");
    command->add_option("--seed", asked->seed, "The same seed gives the same bytes")->capture_default_str();
    command->add_option("--schedules", asked->schedules, "Who goes on at each atomic step")
        ->check(CLI::IsMember({"random", "pct"}))
        ->capture_default_str();
    command->add_option("--depth", asked->depth, "Bug depth of pct")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command
        ->add_option("--weight", asked->weights, "How often a kind of call is made, such as fork=3 or all=0")
        ->type_name("KIND=NUMBER");
    command
        ->add_option("--blocks", asked->blocks, "How many steps in a hundred are calls made at the same time")
        ->check(CLI::Range(0, 100))
        ->capture_default_str();
    command->add_option("--max-tasks", asked->max_tasks, "Tasks at the same time")
        ->check(CLI::Range(2, 1000))
        ->capture_default_str();
    command->add_option("--known", asked->known, "A defect that is expected, by invariant and label")
        ->type_name("INVARIANT[@LABEL]");
    command->add_option("--workers", asked->workers, "Threads (default: one for each core)");
    command->add_option("-o,--output", asked->output, "Write scenarios of what breaks into this folder")
        ->type_name("DIR");
    command->add_flag("--no-invariants", asked->no_invariants, "Do not check the model's invariants");
    command->add_flag("--find-table", asked->table,
                      "Tell instead how many runs of 2000 steps each known defect and each mutant takes");
    command->add_flag("--no-coverage", asked->no_coverage, "Do not tell what was reached");
    command->callback([asked, &chosen] { chosen = [asked] { return fuzz(*asked); }; });
}

} // namespace seccomp_sim::cli

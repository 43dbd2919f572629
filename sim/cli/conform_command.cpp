// `conform`: holds scenarios, of files or made by chance, against real kernels.
#include "sim/cli/commands.hpp"
#include "sim/cli/conform_report.hpp"
#include "sim/cli/options.hpp"

#include "sim/live/cannot_run.hpp"
#include "sim/live/lab/run_in_guest.hpp"
#include "sim/live/own_kernel.hpp"
#include "sim/live/probe.hpp"
#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/input_file.hpp"
#include "sim/scenario/output_file.hpp"

#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <unistd.h>

namespace seccomp_sim::cli {
namespace {

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
    std::string lab_kernel; ///< inside of a guest: the name of its kernel
    std::string lines;      ///< inside of a guest: where the results go
};

live::comparison_options options_of(const conform_settings& asked) {
    live::comparison_options options;
    options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(asked.timeout * 1000));
    return options;
}

/// Takes each result as soon as it is there.
using judgement_sink = std::function<void(const live::judgement&)>;
using campaign_sink = std::function<void(const live::campaign&)>;

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
    const live::probed_kernel probed = live::probe(options);
    options.box = box.get();
    for (const scenario::scenario& s : scripts)
        judged(live::judge(s, probed.nearest, name, options));
    if (asked.random == 0)
        return;
    std::vector<live::judgement> differing;
    const live::campaign c =
        live::run_campaign(probed.nearest, name, options, asked.random, asked.seed, differing);
    for (const live::judgement& j : differing)
        judged(j);
    finished(c);
}

/// A file for a guest's results, which goes with this object.
class lines_file {
  public:
    lines_file() {
        const std::filesystem::path folder = std::filesystem::temp_directory_path();
        path_ = (folder / "seccomp-sim-conform-XXXXXX").string();
        const scenario::file_descriptor file(::mkstemp(path_.data()));
        if (!file)
            throw live::cannot_run("no temporary file can be made in " + folder.string());
    }
    lines_file(const lines_file&) = delete;
    lines_file& operator=(const lines_file&) = delete;
    ~lines_file() { ::unlink(path_.c_str()); }

    const std::string& path() const { return path_; }
    std::string text() const {
        std::ifstream file(path_);
        std::ostringstream all;
        all << file.rdbuf();
        return all.str();
    }

  private:
    std::string path_;
};

/// The same under a lab kernel: one boot for everything.
void run_in_lab(const conform_settings& asked, const std::string& name, const judgement_sink& judged,
                const campaign_sink& finished) {
    const live::lab_kernel kernel = scenario::value_or_throw(live::find_kernel(name));
    const lines_file lines;
    live::guest_command command;
    command.limit = std::chrono::hours(2);
    command.argv = {std::filesystem::read_symlink("/proc/self/exe"), "conform"};
    command.argv.insert(command.argv.end(), asked.paths.begin(), asked.paths.end());
    for (const auto& [option, value] : std::initializer_list<std::pair<std::string, std::string>>{
             {"--lab-kernel", name},
             {"--lines", lines.path()},
             {"--white-box", asked.white_box},
             {"--timeout", std::to_string(asked.timeout)},
             {"--random", std::to_string(asked.random)},
             {"--seed", std::to_string(asked.seed)}}) {
        command.argv.push_back(option);
        command.argv.push_back(value);
    }
    const int code = scenario::value_or_throw(live::run_in_guest(kernel, command));
    std::vector<live::judgement> judgements;
    std::vector<live::campaign> campaigns;
    live::read_lines(lines.text(), judgements, campaigns);
    for (const live::judgement& j : judgements)
        judged(j);
    for (const live::campaign& c : campaigns)
        finished(c);
    if (code != all_held && code != something_failed)
        throw live::cannot_run("the comparison under the kernel " + name + " ended with code " +
                               std::to_string(code));
}

std::vector<std::string> kernel_names(const conform_settings& asked) {
    std::vector<std::string> names;
    for (const std::string& k : asked.kernels) {
        if (k != "all") {
            names.push_back(k);
            continue;
        }
        names.push_back("running");
        for (const live::lab_kernel& built : scenario::value_or_throw(live::all_kernels()))
            names.push_back(built.name);
    }
    return names;
}

/// Inside of a guest: nothing is printed, each result is appended to the file.
int conform_in_guest(const conform_settings& asked) {
    bool differs = false;
    std::ofstream lines(asked.lines, std::ios::app);
    run_here(
        asked, asked.lab_kernel,
        [&](const live::judgement& j) {
            differs = differs || j.how == live::verdict::differs;
            lines << live::to_json(j) << std::endl;
        },
        [&](const live::campaign& c) { lines << live::to_json(c) << std::endl; });
    return differs ? something_failed : all_held;
}

int conform(const conform_settings& asked) {
    if (asked.paths.empty() && asked.random == 0)
        throw scenario::input_error({{}, "there is nothing to compare", "scenario files, or --random N"});
    if (!asked.lab_kernel.empty())
        return conform_in_guest(asked);
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
            (name == "running" ? run_here : run_in_lab)(asked, name, judged, finished);
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
    command->add_option("--random", asked->random, "Also compare so many steps of random scenarios");
    command->add_option("--seed", asked->seed, "Seed of the first random scenario")->capture_default_str();
    command->add_option("--format", asked->format, "How to report")
        ->check(CLI::IsMember({"text", "jsonl", "ktap"}))
        ->capture_default_str();
    command->add_option("--table", asked->table, "Write the table of scenarios and kernels, in Markdown")
        ->type_name("FILE");
    command->add_flag("-v,--verbose", asked->verbose, "Also tell what agrees");
    command->add_option("--lab-kernel", asked->lab_kernel)->group("");
    command->add_option("--lines", asked->lines)->group("");
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

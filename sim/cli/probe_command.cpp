// `probe`: the choices that a real kernel has made.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"

#include "sim/live/cannot_run.hpp"
#include "sim/live/lab/run_in_guest.hpp"
#include "sim/live/probe.hpp"
#include "sim/scenario/input_error.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iomanip>
#include <iostream>

namespace seccomp_sim::cli {
namespace {

void say(const live::probed_kernel& k) {
    for (const live::probed_choice& p : k.choices) {
        const choice& c = all_choices()[p.choice];
        const std::string shown = std::string(c.name) + "=" + std::string(c.values[p.value].name);
        std::cout << "  " << std::left << std::setw(32) << shown;
        if (!p.seen)
            std::cout << "not seen: " << p.why_not << "; as in the nearest preset";
        else if (p.possible.size() > 1) {
            std::cout << "seen, but could also be";
            for (const std::uint8_t value : p.possible)
                if (value != p.value)
                    std::cout << " " << c.values[value].name;
        } else
            std::cout << "seen";
        std::cout << "\n";
    }
    const preset& nearest = all_presets()[k.nearest.preset];
    std::cout << "nearest preset: " << nearest.name << " (" << nearest.kernels << ")";
    if (k.different != 0)
        std::cout << ", but for " << k.different << " of the choices that were seen";
    std::cout << "\n";
}

int probe_one(const std::string& name, double timeout) {
    if (name != "running") {
        live::guest_command command;
        command.one_cpu = true;
        command.read_only = true;
        command.argv = {std::filesystem::read_symlink("/proc/self/exe"), "probe", "--timeout",
                        std::to_string(timeout)};
        return scenario::value_or_throw(
            live::run_in_guest(scenario::value_or_throw(live::find_kernel(name)), command));
    }
    live::comparison_options options;
    options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(timeout * 1000));
    try {
        say(live::probe(options));
    } catch (const live::cannot_run& e) {
        std::cerr << "seccomp-sim: the kernel cannot be probed: " << e.why << "\n";
        return cannot_be_done;
    }
    return all_held;
}

} // namespace

void add_probe(CLI::App& program, action& chosen) {
    struct settings {
        std::vector<std::string> kernels = {"running"};
        double timeout = 10;
    };
    auto asked = std::make_shared<settings>();
    CLI::App* command =
        program.add_subcommand("probe", "Find out by behaviour which choices a real kernel has made");
    command
        ->add_option("--kernel", asked->kernels,
                     "The kernel: running, the name of one that was built, or all; may be given again")
        ->type_name("running|NAME|all")
        ->allow_extra_args(false);
    command->add_option("--timeout", asked->timeout, "Seconds until all tasks are at rest after a step")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->callback([asked, &chosen] {
        chosen = [asked] {
            int worst = all_held;
            std::vector<std::string> names;
            for (const std::string& k : asked->kernels) {
                names.push_back(k == "all" ? "running" : k);
                if (k == "all")
                    for (const live::lab_kernel& built : scenario::value_or_throw(live::all_kernels()))
                        names.push_back(built.name);
            }
            for (const std::string& name : names) {
                if (names.size() > 1)
                    std::cout << name << std::endl;
                worst = std::max(worst, probe_one(name, asked->timeout));
            }
            return worst;
        };
    });
}

} // namespace seccomp_sim::cli

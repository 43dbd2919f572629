// `kernel`: builds, lists, removes and runs the kernels that scenarios are held against.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"

#include "sim/live/lab/build_kernel.hpp"
#include "sim/live/lab/run_in_guest.hpp"
#include "sim/live/points/add_points.hpp"
#include "sim/scenario/input_error.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

#include <unistd.h>

namespace seccomp_sim::cli {
namespace {

using live::lab_kernel;
using scenario::value_or_throw;

void say_points(const live::placed_points& points) {
    std::cerr << points.placed.size() << " points; this kernel has no place for " << points.no_place.size()
              << ":\n";
    for (const std::string& label : points.no_place)
        std::cerr << "  " << label << "\n";
}

int build(const live::build_request& asked) {
    const std::string missing = live::missing_build_program();
    if (!missing.empty()) {
        std::cerr << "seccomp-sim: a kernel cannot be built here: there is no " << missing << "\n";
        return cannot_be_done;
    }
    live::build_observer observer;
    observer.phase = [](const std::string& phase) { std::cerr << phase << " ...\n"; };
    observer.failed_output = [](const std::vector<std::string>& lines) {
        for (const std::string& line : lines)
            std::cerr << "  " << line << "\n";
    };
    const live::built_kernel built = value_or_throw(live::build_kernel(asked, observer));
    const lab_kernel& k = built.what;
    if (const auto points = live::read_points(k.folder); asked.points && points)
        say_points(*points);
    std::cout << k.name << ": Linux " << k.origin.release
              << (built.was_there ? ", built before: " : ", built: ") << k.image().string() << "\n";
    for (const lab_kernel& variant : built.variants)
        std::cout << variant.name << ": " << variant.image().string() << "\n";
    return all_held;
}

std::string made_of(const lab_kernel& k) {
    std::string text = k.origin.source;
    for (const std::string& patch : k.origin.patches)
        text += " + " + patch;
    for (const std::string& line : k.origin.config)
        text += " + " + line;
    return text;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

int list(bool only_names) {
    const std::vector<lab_kernel> all = value_or_throw(live::all_kernels());
    std::size_t name_width = 0;
    std::size_t release_width = 0;
    for (const lab_kernel& k : all) {
        name_width = std::max(name_width, k.name.size());
        release_width = std::max(release_width, k.origin.release.size());
    }
    for (const lab_kernel& k : all) {
        std::cout << (only_names ? k.name : padded(k.name, name_width));
        if (!only_names)
            std::cout << "  " << padded(k.origin.release, release_width) << "  " << k.origin.cpus
                      << (k.origin.cpus == 1 ? " cpu   " : " cpus  ") << made_of(k);
        std::cout << "\n";
    }
    if (all.empty() && !only_names)
        std::cout
            << "no kernels; `make kernels` builds the usual ones, `seccomp-sim kernel build SOURCE` any\n";
    return all_held;
}

int remove(const std::vector<std::string>& names) {
    for (const std::string& name : names)
        value_or_throw(live::remove_kernel(name));
    return all_held;
}

void add_build(CLI::App& kernel_app, action& chosen) {
    auto asked = std::make_shared<live::build_request>();
    auto seconds = std::make_shared<unsigned>(3600);
    CLI::App* command = kernel_app.add_subcommand("build", "Build a user-mode kernel with symbols and types");
    command
        ->add_option("source", asked->source, "A kernel tree, an archive of one, or a Debian source package")
        ->required()
        ->type_name("TREE|ARCHIVE|PACKAGE");
    command
        ->add_option("--patch", asked->patches,
                     "Apply a patch (patch -p1; spatch for .cocci) to a copy first; may be given again")
        ->type_name("FILE");
    command->add_flag("--points", asked->points, "Put in points at which confirm can hold tasks");
    command
        ->add_option("--variant", asked->variants,
                     "With --points: build one more kernel with this semantic patch; may be given again")
        ->type_name("FILE");
    command->add_option("--name", asked->name, "What to call it (default: after its source and patches)")
        ->type_name("NAME");
    command->add_option("--cpus", asked->cpus, "How many CPUs it has; more than one needs Linux 6.19")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command->add_option("--config", asked->config, "Add a line to its configuration; may be given again")
        ->type_name("CONFIG_NAME=VALUE");
    command->add_option("--jobs", asked->jobs, "Compilers at once (default: one for each CPU)")
        ->check(CLI::Range(1, 1024));
    command->add_option("--timeout", *seconds, "End the build after so many seconds")->capture_default_str();
    command->callback([asked, seconds, &chosen] {
        asked->limit = std::chrono::seconds(*seconds);
        chosen = [asked] { return build(*asked); };
    });
}

void add_list(CLI::App& kernel_app, action& chosen) {
    auto only_names = std::make_shared<bool>(false);
    CLI::App* command = kernel_app.add_subcommand("list", "List the kernels that were built");
    command->add_flag("--names", *only_names, "Only the names");
    command->callback([only_names, &chosen] { chosen = [only_names] { return list(*only_names); }; });
}

void add_remove(CLI::App& kernel_app, action& chosen) {
    auto names = std::make_shared<std::vector<std::string>>();
    CLI::App* command = kernel_app.add_subcommand("rm", "Remove kernels");
    command->add_option("names", *names, "Their names")->required()->type_name("NAME");
    command->callback([names, &chosen] { chosen = [names] { return remove(*names); }; });
}

void add_run_in(CLI::App& kernel_app, action& chosen) {
    struct settings {
        std::string name;
        live::guest_command what;
        unsigned seconds = 600;
    };
    auto asked = std::make_shared<settings>();
    CLI::App* command = kernel_app.add_subcommand(
        "run", "Run a command under a kernel, in this folder and environment, and end as it ends");
    command->add_option("name", asked->name, "The kernel")->required()->type_name("NAME");
    command->add_option("command", asked->what.argv, "The command and its arguments, after --")
        ->required()
        ->type_name("COMMAND");
    command->add_option("--memory", asked->what.memory_mib, "Memory of the guest in MiB")
        ->check(CLI::Range(32, 65536))
        ->capture_default_str();
    command->add_flag("--read-only", asked->what.read_only,
                      "Let the command write to no file of this machine");
    command->add_option("--timeout", asked->seconds, "End the guest after so many seconds")
        ->capture_default_str();
    command->callback([asked, &chosen] {
        asked->what.limit = std::chrono::seconds(asked->seconds);
        chosen = [asked] {
            return value_or_throw(
                live::run_in_guest(value_or_throw(live::find_kernel(asked->name)), asked->what));
        };
    });
}

} // namespace

void add_kernel(CLI::App& program, action& chosen) {
    CLI::App* kernel_app =
        program.add_subcommand("kernel", "Build, list, remove and run kernels to compare the model with");
    kernel_app->require_subcommand(1);
    add_build(*kernel_app, chosen);
    add_list(*kernel_app, chosen);
    add_remove(*kernel_app, chosen);
    add_run_in(*kernel_app, chosen);
}

void add_guest_init(CLI::App& program, action& chosen) {
    CLI::App* command = program.add_subcommand("guest-init", "The first process of a guest; not for people");
    command->group("");
    command->callback([&chosen] { chosen = [] { return live::guest_init(); }; });
}

} // namespace seccomp_sim::cli

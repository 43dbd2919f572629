// `tree` and `explain`: look at one point of a run.
#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/walk.hpp"

#include "sim/report/explain.hpp"
#include "sim/report/tree.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/nearest_name.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace seccomp_sim::cli {
namespace {

struct look_settings {
    std::string path;
    std::string at;
    std::string listener;
    std::vector<std::string> revisions;
    std::vector<std::string> settings;
    bool dot = false;
};

CLI::App* add_look(CLI::App& program, const char* name, const char* meaning, look_settings& asked) {
    CLI::App* look = program.add_subcommand(name, meaning);
    look->add_option("file", asked.path, "The scenario, or - for standard input")
        ->required()
        ->type_name("FILE");
    look->add_option("--at", asked.at,
                     "Look after this step: its \"at\" name, or its number (default: the last)")
        ->type_name("STEP");
    add_revision_options(*look, asked.revisions, asked.settings, "The kernel revision (default: the newest)");
    return look;
}

/// The open listener of that name; failing, names those that are open.
file_id listener_named(const replay::run& r, const std::string& name) {
    const kernel& k = r.model();
    file_id found;
    std::vector<std::string> known;
    for (const auto& [filter, listener] : r.heard().listeners) {
        known.push_back(k.describe(k.w.open_files[listener].name));
        if (known.back() == name)
            found = listener;
    }
    if (!found)
        if (const name_id n = r.script().names.find(name); n) {
            const file_id f = r.find_file(n);
            if (f && k.w.open_files[f].kind == file_kind::listener)
                found = f;
        }
    if (found)
        return found;
    std::string open;
    for (const std::string& one : known)
        open += (open.empty() ? "" : ", ") + one;
    throw scenario::input_error({{r.script().text ? r.script().text->file() : "", 0, 0, ""},
                                 "no listener " + seccomp_sim::quoted(name) + " is open at this step",
                                 open.empty() ? "no listener is open at all" : "open listeners: " + open});
}

int look(const look_settings& asked, bool explain) {
    check_revision_options(asked.revisions, asked.settings);
    const scenario::scenario s = read_one(asked.path);
    const std::vector<named_kernel> kernels = kernels_for(s, asked.revisions, asked.settings);
    for (const named_kernel& kernel : kernels) {
        const auto r = run_until(s, kernel.kernel, asked.at);
        if (kernels.size() > 1)
            std::cout << (asked.dot ? "// " : "") << kernel.name << (asked.dot ? "\n" : ":\n");
        if (explain)
            std::cout << report::explain_text(*r, listener_named(*r, asked.listener));
        else
            std::cout << (asked.dot ? report::tree_dot(*r) : report::tree_text(*r));
    }
    return all_held;
}

} // namespace

void add_explain(CLI::App& program, action& chosen) {
    auto asked = std::make_shared<look_settings>();
    CLI::App* explain =
        add_look(program, "explain", "Say who keeps a listener from HUP, and what would end it", *asked);
    explain->add_option("--listener", asked->listener, "The listener's fd")->required()->type_name("FD");
    explain->callback([asked, &chosen] { chosen = [asked] { return look(*asked, true); }; });
}

void add_tree(CLI::App& program, action& chosen) {
    auto asked = std::make_shared<look_settings>();
    CLI::App* tree = add_look(program, "tree", "Show the filter tree with counters, tasks and fds", *asked);
    tree->add_flag("--dot", asked->dot, "For graphviz");
    tree->callback([asked, &chosen] { chosen = [asked] { return look(*asked, false); }; });
}

} // namespace seccomp_sim::cli

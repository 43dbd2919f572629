// Runs spatch once for each kernel source with all semantic patches, and finds out what it placed.
#include "sim/live/points/add_points.hpp"

#include "sim/live/points/embedded_files.hpp"
#include "sim/scenario/input_error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>

namespace seccomp_sim::live {
namespace {

namespace fs = std::filesystem;
using scenario::as_result;
using scenario::input_error;
using scenario::value_or_throw;

/// The kernel sources that the labels are in.
constexpr std::array sources = {"kernel/seccomp.c", "kernel/exit.c",          "kernel/fork.c",
                                "kernel/signal.c",  "kernel/pid_namespace.c", "kernel/ptrace.c",
                                "fs/exec.c",        "kernel/sched/core.c"};
/// What only some kernels have, and a helper patch is for.
constexpr const char* several_cpus = "arch/um/os-Linux/smp.c";
constexpr std::string_view label_folder = "labels/";
constexpr std::string_view patch_suffix = ".cocci";
constexpr std::string_view kernel_folder = "kernel/";

std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool is_label_patch(std::string_view path) {
    return path.starts_with(label_folder) && path.ends_with(patch_suffix);
}

/// Those that tell the points' own file what becomes of a task, or are for speed.
bool is_helper_patch(std::string_view path) {
    return path == "dead.cocci" || path == "asleep.cocci" || path == "one_cpu.cocci";
}

std::string label_of(std::string_view path) {
    path.remove_prefix(label_folder.size());
    path.remove_suffix(patch_suffix.size());
    return std::string(path);
}

void write_our_files(const fs::path& tree) {
    std::string objects;
    for (const embedded_file& file : embedded_files()) {
        if (!file.path.starts_with(kernel_folder))
            continue;
        const fs::path name = fs::path(file.path).filename();
        const fs::path folder = name.extension() == ".h" ? "include/linux" : "kernel";
        std::ofstream(tree / folder / name, std::ios::binary) << file.text;
        if (name.extension() == ".c")
            objects += " " + name.stem().string() + ".o";
    }
    std::ofstream(tree / "kernel/Makefile", std::ios::app) << "\nobj-y +=" << objects << "\n";
}

std::string all_semantic_patches() {
    std::string text;
    for (const embedded_file& file : embedded_files())
        if (is_label_patch(file.path) || is_helper_patch(file.path))
            text += std::string(file.text) + "\n";
    return text;
}

bool patch_source(const tool_settings& settings, const fs::path& tree, const char* source,
                  const fs::path& patch, const fs::path& log) {
    const std::string before = content_of(tree / source);
    const bool ran = value_or_throw(run_tool(settings,
                                             {"spatch", "--very-quiet", "--no-show-diff", "--no-includes",
                                              "--sp-file", patch, "--in-place", source},
                                             tree, log));
    if (!ran)
        throw input_error({{source, 0, 0, ""}, "spatch fails on it (the log is " + log.string() + ")", ""});
    return content_of(tree / source) != before;
}

void place_points(const tool_settings& settings, const fs::path& tree, const char* source,
                  const fs::path& log) {
    const fs::path patch = tree / "seccomp_sim_points.cocci";
    if (!fs::exists(patch))
        std::ofstream(patch, std::ios::binary) << all_semantic_patches();
    patch_source(settings, tree, source, patch, log);
}

/// The labels that stand in the sources now.
std::set<std::string> labels_in(const fs::path& tree) {
    std::set<std::string> found;
    for (const char* source : sources) {
        const std::string text = content_of(tree / source);
        constexpr std::string_view call = "seccomp_sim_point";
        for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
            const std::size_t open = text.find_first_of("\";", at);
            if (open == std::string::npos || text[open] != '"')
                continue;
            const std::size_t close = text.find('"', open + 1);
            found.insert(text.substr(open + 1, close - open - 1));
        }
    }
    return found;
}

void include_our_header(const fs::path& file) {
    const std::string text = content_of(file);
    if (text.find("seccomp_sim_point") != std::string::npos)
        std::ofstream(file, std::ios::binary) << "#include <linux/seccomp_sim_points.h>\n" << text;
}

placed_points report(const std::set<std::string>& found) {
    placed_points result;
    for (const embedded_file& file : embedded_files()) {
        if (!is_label_patch(file.path))
            continue;
        const std::string label = label_of(file.path);
        (found.count(label) != 0 ? result.placed : result.no_place).push_back(label);
    }
    return result;
}

void check_tree(const fs::path& tree) {
    if (!has_program("spatch"))
        throw input_error({{"spatch", 0, 0, ""},
                           "there is no such program, and points are placed by it",
                           "Debian's package coccinelle"});
    for (const char* source : sources)
        if (!fs::exists(tree / source))
            throw input_error({{tree, 0, 0, ""}, std::string("no ") + source, "a kernel tree"});
}

} // namespace

std::string points_content() {
    std::string text;
    for (const embedded_file& file : embedded_files())
        if (file.path.starts_with(kernel_folder) || is_label_patch(file.path) || is_helper_patch(file.path))
            text += std::string(file.path) + "\n" + std::string(file.text);
    return text;
}

result<placed_points> add_points(const tool_settings& settings, const fs::path& tree, const fs::path& log) {
    return as_result([&] {
        check_tree(tree);
        write_our_files(tree);
        for (const char* source : sources)
            place_points(settings, tree, source, log);
        if (fs::exists(tree / several_cpus))
            place_points(settings, tree, several_cpus, log);
        const std::set<std::string> found = labels_in(tree);
        for (const char* source : sources)
            include_our_header(tree / source);
        return report(found);
    });
}

std::vector<std::string> point_sources() {
    return {sources.begin(), sources.end()};
}

result<void> add_points_to(const tool_settings& settings, const fs::path& tree, const std::string& source,
                           const fs::path& log) {
    return as_result([&] {
        place_points(settings, tree, source.c_str(), log);
        include_our_header(tree / source);
    });
}

result<int> apply_semantic_patch(const tool_settings& settings, const fs::path& tree, const fs::path& patch,
                                 const fs::path& log) {
    return as_result([&] {
        check_tree(tree);
        int changed = 0;
        for (const char* source : sources)
            changed += patch_source(settings, tree, source, fs::absolute(patch), log) ? 1 : 0;
        return changed;
    });
}

void write_points(const fs::path& folder, const placed_points& points) {
    const nlohmann::json text = {{"placed", points.placed}, {"no_place", points.no_place}};
    std::ofstream(folder / points_file, std::ios::binary) << text.dump(1) << "\n";
}

std::optional<placed_points> read_points(const fs::path& folder) {
    const nlohmann::json text = nlohmann::json::parse(content_of(folder / points_file), nullptr, false);
    if (!text.is_object())
        return {};
    return placed_points{text.value("placed", std::vector<std::string>()),
                         text.value("no_place", std::vector<std::string>())};
}

} // namespace seccomp_sim::live

// The steps of a build: unpack, patch, configure, compile, BTF, strip, and one rename into the store.
#include "sim/live/lab/build_kernel.hpp"

#include "sim/live/lab/build_folder.hpp"
#include "sim/live/lab/build_log.hpp"
#include "sim/live/lab/fingerprint.hpp"
#include "sim/live/lab/kernel_config.hpp"
#include "sim/live/lab/kernel_source.hpp"
#include "sim/live/points/add_points.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <thread>

namespace seccomp_sim::live {
namespace {

namespace fs = std::filesystem;
using scenario::as_result;
using scenario::input_error;
using scenario::value_or_throw;

std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string patch_content(const std::string& patch) {
    std::ifstream in(patch, std::ios::binary);
    std::string content(std::istreambuf_iterator<char>(in), {});
    if (!in || content.empty())
        throw input_error(
            {{patch, 0, 0, ""},
             fs::exists(patch) ? "the patch is empty or cannot be read" : "there is no such patch",
             ""});
    return content;
}

/// One build under way.
class builder {
  public:
    builder(const build_request& asked, const build_observer& observer, fs::path log, tool_settings tools)
        : asked_(asked), observer_(observer), log_(std::move(log)), tools_(std::move(tools)) {}

    kernel_source source() { return value_or_throw(find_source(tools_, asked_.source, log_)); }
    /// `variant` is one more patch, or empty.
    std::string key(const kernel_source& source, const std::string& variant);
    void build(const kernel_source& source, const fs::path& folder, const fs::path& result);
    /// After build(): the same tree with one more patch.
    void build_variant(const std::string& patch, const fs::path& result);

  private:
    void tell(const std::string& phase) { observer_.phase(phase); }
    bool run(const std::vector<std::string>& argv) {
        return value_or_throw(run_tool(tools_, argv, tree_, log_));
    }
    std::vector<std::string> make(std::vector<std::string> targets) const;
    [[noreturn]] void fail(const std::vector<std::string>& lines, std::string message);
    void patch();
    void make_room_for_amx() const;
    void semantic_patch(const std::string& patch);
    void place_points();
    void configure();
    void compile();
    void collect(const fs::path& result, const std::string& variant);
    std::string release();
    void keep_sources(const char* as);

    const build_request& asked_;
    const build_observer& observer_;
    fs::path log_;
    tool_settings tools_;
    fs::path tree_;
    std::set<std::string> varied_; ///< sources that the last variant changed
};

std::string builder::key(const kernel_source& source, const std::string& variant) {
    fingerprint all;
    const auto add = [&](const std::string& part) { all.add(std::to_string(part.size()) + ":" + part); };
    add(value_or_throw(source_fingerprint(tools_, source, log_)));
    for (const std::string& patch : asked_.patches)
        add(patch_content(patch));
    if (!variant.empty())
        add(patch_content(variant));
    add(config_fragment(asked_.cpus, asked_.config));
    if (asked_.points)
        add(points_content());
    std::string compiler;
    value_or_throw(read_tool(tools_, {"gcc", "-dumpfullversion", "-dumpversion"}, log_,
                             [&](std::string_view piece) { compiler += piece; }));
    add(compiler);
    return all.text();
}

std::vector<std::string> builder::make(std::vector<std::string> targets) const {
    const std::string cache = has_program("ccache") ? "ccache " : "";
    std::vector<std::string> argv = {
        "nice", "make", "ARCH=um", "SUBARCH=x86_64", "KBUILD_OUTPUT=", "LOCALVERSION=", "CC=" + cache + "gcc",
        "HOSTCC=" + cache + "gcc",
        // The same kernel from the same source, whoever builds it and when.
        "KBUILD_BUILD_TIMESTAMP=1970-01-01", "KBUILD_BUILD_USER=seccomp-sim", "KBUILD_BUILD_HOST=lab"};
    argv.insert(argv.end(), targets.begin(), targets.end());
    return argv;
}

void builder::fail(const std::vector<std::string>& lines, std::string message) {
    observer_.failed_output(lines);
    throw input_error({{asked_.source, 0, 0, ""}, std::move(message), ""});
}

void builder::patch() {
    for (const std::string& patch : asked_.patches) {
        if (fs::path(patch).extension() == ".cocci") {
            semantic_patch(patch);
            continue;
        }
        const fs::path output = log_.string() + ".patch";
        fs::remove(output);
        const std::string file = fs::absolute(patch);
        if (!value_or_throw(run_tool(tools_,
                                     {"patch", "-p1", "--batch", "--forward", "--no-backup-if-mismatch",
                                      "--reject-file=-", "-i", file},
                                     tree_, output)))
            fail(patch_errors(content_of(output)), "the patch " + patch + " does not apply");
    }
}

void builder::semantic_patch(const std::string& patch) {
    if (value_or_throw(apply_semantic_patch(tools_, tree_, patch, log_)) == 0)
        throw input_error({{patch, 0, 0, ""}, "the semantic patch changes nothing in this kernel", ""});
}

void builder::place_points() {
    tell("placing points");
    keep_sources("without-points");
    write_points(tree_, value_or_throw(add_points(tools_, tree_, log_)));
    keep_sources("with-points");
}

/// Beside the tree, with their times: make then knows which are the same.
void builder::keep_sources(const char* as) {
    for (const std::string& source : point_sources()) {
        const fs::path kept = tree_ / as / source;
        fs::create_directories(kept.parent_path());
        fs::copy_file(tree_ / source, kept, fs::copy_options::overwrite_existing);
        fs::last_write_time(kept, fs::last_write_time(tree_ / source));
    }
}

void builder::build_variant(const std::string& patch, const fs::path& result) {
    tell("building with " + patch);
    for (const std::string& source : point_sources())
        fs::copy_file(tree_ / "without-points" / source, tree_ / source,
                      fs::copy_options::overwrite_existing);
    semantic_patch(patch);
    for (const std::string& source : point_sources()) {
        if (content_of(tree_ / source) != content_of(tree_ / "without-points" / source)) {
            value_or_throw(add_points_to(tools_, tree_, source, log_));
            varied_.insert(source);
            continue;
        }
        const fs::path kept = tree_ / "with-points" / source;
        fs::copy_file(kept, tree_ / source, fs::copy_options::overwrite_existing);
        // What was compiled of the variant before is not what stands there now.
        if (varied_.erase(source) == 0)
            fs::last_write_time(tree_ / source, fs::last_write_time(kept));
    }
    compile();
    collect(result, patch);
}

// Up to 6.12 the room for the host's FPU state is a fixed number, too small where the CPU has AMX: there the
// first process of the guest dies of it.
void builder::make_room_for_amx() const {
    const fs::path file = tree_ / "arch/x86/um/user-offsets.c";
    const std::string before = content_of(file);
    const std::string after = std::regex_replace(before, std::regex("(HOST_FP_SIZE,\\s*)2696\\b"), "$0112288",
                                                 std::regex_constants::format_default);
    if (after != before)
        std::ofstream(file, std::ios::binary) << after;
}

void builder::configure() {
    tell("configuring");
    const fs::path fragment = tree_ / "lab.config";
    std::ofstream(fragment) << config_fragment(asked_.cpus, asked_.config);
    if (!run(make({"tinyconfig"})) ||
        !run({"scripts/kconfig/merge_config.sh", "-m", ".config", fragment.string()}) ||
        !run(make({"olddefconfig"})))
        fail(compile_errors(content_of(log_)), "the kernel cannot be configured");
    value_or_throw(check_config(tree_ / ".config", asked_.cpus, asked_.config));
}

void builder::compile() {
    tell("compiling");
    const unsigned jobs = asked_.jobs ? asked_.jobs : std::max(1U, std::thread::hardware_concurrency());
    const fs::path output = log_.string() + ".compile";
    if (!value_or_throw(run_tool(tools_, make({"-j" + std::to_string(jobs), "linux"}), tree_, output)))
        fail(compile_errors(content_of(output)), "the kernel does not compile");
}

std::string builder::release() {
    std::string text;
    std::vector<std::string> argv =
        make({"-s", "--no-print-directory", "-C", tree_.string(), "kernelrelease"});
    value_or_throw(read_tool(tools_, argv, log_, [&](std::string_view piece) { text += piece; }));
    return text.substr(0, text.find('\n'));
}

void builder::collect(const fs::path& result, const std::string& variant) {
    tell("writing symbols and BTF");
    if (!run({"pahole", "--btf_encode_detached=linux.btf", "linux"}) || !run({"strip", "-g", "linux"}))
        fail(compile_errors(content_of(log_)), "the kernel's types cannot be written as BTF");
    fs::create_directories(result);
    for (const char* file : {"linux", "linux.btf", "System.map"})
        fs::rename(tree_ / file, result / file);
    fs::copy_file(tree_ / ".config", result / "config");
    if (asked_.points)
        fs::copy_file(tree_ / points_file, result / points_file);
    std::vector<std::string> patches = asked_.patches;
    if (!variant.empty())
        patches.push_back(variant);
    value_or_throw(write_origin(result, {release(), asked_.source, patches, asked_.config, asked_.cpus}));
}

void builder::build(const kernel_source& source, const fs::path& folder, const fs::path& result) {
    tools_.scratch = folder;
    tell("unpacking " + asked_.source);
    tree_ = value_or_throw(unpack_source(tools_, source, folder / "source", log_));
    patch();
    make_room_for_amx();
    if (asked_.points)
        place_points();
    configure();
    compile();
    collect(result, "");
}

std::string name_for(const build_request& asked, const kernel_source& source) {
    if (!asked.name.empty())
        return asked.name;
    std::string name = default_name(source);
    for (const std::string& patch : asked.patches) {
        kernel_source file;
        file.path = fs::path(patch).stem();
        name += "+" + default_name(file);
    }
    if (asked.points)
        name += "+points";
    name.resize(std::min<std::size_t>(name.size(), 64));
    return name;
}

void check_request(const build_request& asked) {
    if (!asked.name.empty())
        value_or_throw(check_kernel_name(asked.name));
    for (const std::string& line : asked.config)
        value_or_throw(check_config_line(line));
    for (const std::string& patch : asked.patches)
        patch_content(patch);
    if (!asked.variants.empty() && !asked.points)
        throw input_error(
            {{asked.variants.front(), 0, 0, ""}, "variants are made of a kernel with points", "--points"});
    for (const std::string& patch : asked.variants) {
        patch_content(patch);
        if (fs::path(patch).extension() != ".cocci")
            throw input_error({{patch, 0, 0, ""}, "this is no semantic patch", "a file that ends in .cocci"});
    }
}

} // namespace

std::string missing_build_program() {
    for (const char* program : {"make", "gcc", "ld", "flex", "bison", "bc", "pahole", "strip", "tar", "xz",
                                "patch", "bash", "nice"})
        if (!has_program(program))
            return program;
    return "";
}

namespace {

/// One kernel of a build, and where it is to go.
struct wanted_kernel {
    std::string variant; ///< empty: the kernel itself
    std::string name;
    std::string key;
    bool was_there = false;
};

std::vector<wanted_kernel> wanted_kernels(builder& b, const build_request& asked,
                                          const kernel_source& source) {
    const std::string name = name_for(asked, source);
    std::vector<wanted_kernel> all = {{"", name, b.key(source, "")}};
    for (const std::string& variant : asked.variants) {
        kernel_source file;
        file.path = fs::path(variant).stem();
        all.push_back({variant, name + "+" + default_name(file), b.key(source, variant)});
        value_or_throw(check_kernel_name(all.back().name));
    }
    return all;
}

} // namespace

result<built_kernel> build_kernel(const build_request& asked, const build_observer& observer) {
    return as_result([&] {
        check_request(asked);
        const fs::path store = value_or_throw(kernel_store_folder());
        build_folder folder(store);
        builder b(asked, observer, folder.path() / "log",
                  {std::chrono::steady_clock::now() + asked.limit, {folder.lock()}, folder.path()});
        const kernel_source source = b.source();
        observer.phase("reading " + asked.source);
        std::vector<wanted_kernel> wanted = wanted_kernels(b, asked, source);
        const build_lock lock(store, wanted.front().key,
                              [&] { observer.phase("waiting for another build of the same kernel"); });
        bool all_there = true;
        for (wanted_kernel& k : wanted)
            all_there = (k.was_there = fs::exists(store / "by-key" / k.key / "kernel.json")) && all_there;
        const auto put = [&](const wanted_kernel& k) {
            fs::create_directories(store / "by-key");
            if (!k.was_there)
                fs::rename(folder.path() / "kernel", store / "by-key" / k.key);
            fs::remove_all(folder.path() / "kernel");
            value_or_throw(name_kernel(store, k.name, k.key));
        };
        if (!all_there)
            b.build(source, folder.path(), folder.path() / "kernel");
        built_kernel built;
        for (const wanted_kernel& k : wanted) {
            if (!k.variant.empty() && !k.was_there)
                b.build_variant(k.variant, folder.path() / "kernel");
            put(k);
            lab_kernel what = value_or_throw(kernel_of_key(store, k.key));
            what.name = k.name;
            if (k.variant.empty())
                built = {std::move(what), k.was_there, {}};
            else
                built.variants.push_back(std::move(what));
        }
        return built;
    });
}

} // namespace seccomp_sim::live

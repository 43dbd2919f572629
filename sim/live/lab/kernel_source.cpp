// Finds, fingerprints and unpacks the sources of a kernel. What a user-mode build never reads is left out: it
// makes nine tenths of a full tree.
#include "sim/live/lab/kernel_source.hpp"

#include "sim/live/lab/fingerprint.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace seccomp_sim::live {
namespace {

namespace fs = std::filesystem;
using scenario::as_result;
using scenario::input_error;
using scenario::value_or_throw;

diagnostic about(const std::string& said, std::string message, std::string hint = "") {
    return {{said, 0, 0, ""}, std::move(message), std::move(hint)};
}

/// Arguments of tar: what is of no use to a user-mode kernel, and what an earlier build left in the tree.
std::vector<std::string> left_out() {
    std::vector<std::string> all;
    for (const char* pattern : {"*/.git",
                                "*/Documentation/*.rst",
                                "*/Documentation/*.txt",
                                "*/Documentation/*.yaml",
                                "*/Documentation/*.svg",
                                "*/tools/testing",
                                "*/tools/perf",
                                "*/arch/a[a-z]*/*.[chS]",
                                "*/arch/[b-t]*/*.[chS]",
                                "*/arch/*.dts",
                                "*/arch/*.dtsi",
                                "*/arch/xtensa/*.[chS]",
                                "*/arch/*/include/generated",
                                "*/include/generated",
                                "*/include/config",
                                "*.o",
                                "*.a",
                                "*.ko",
                                "*.cmd",
                                "*.o.d",
                                "*.mod",
                                "*.mod.c",
                                "./.config*",
                                "./vmlinux*",
                                "./linux",
                                "./System.map"})
        all.push_back(std::string("--exclude=") + pattern);
    // Their Kconfig and Makefile are read, their sources are not.
    for (const char* sources :
         {"drivers/gpu/*.[ch]", "drivers/net/ethernet/*.[ch]", "drivers/net/wireless/*.[ch]",
          "drivers/infiniband/*.[ch]", "sound/*.c", "samples/*.c"})
        all.push_back(std::string("--exclude=*/") + sources);
    return all;
}

std::vector<std::string> tar(std::vector<std::string> arguments) {
    std::vector<std::string> all = {"tar", "--anchored", "--wildcards", "--wildcards-match-slash"};
    const std::vector<std::string> without = left_out();
    all.insert(all.end(), without.begin(), without.end());
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

/// The same bytes for the same content, whoever owns it and whenever it was written.
std::vector<std::string> pack_tree(const fs::path& tree) {
    return tar({"--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner",
                "--mode=u+rw,go=", "--format=gnu", "-C", tree.string(), "-cf", "-", "."});
}

bool is_tree(const fs::path& folder) {
    return fs::exists(folder / "Makefile") && fs::exists(folder / "arch/um") &&
           fs::exists(folder / "kernel/seccomp.c");
}

std::string output_of(const tool_settings& settings, const std::vector<std::string>& argv,
                      const fs::path& log) {
    std::string text;
    value_or_throw(read_tool(settings, argv, log, [&](std::string_view piece) { text += piece; }));
    return text;
}

/// The version apt would fetch, or that is installed; empty when it knows none.
std::string package_version(const tool_settings& settings, const std::string& package, bool installed,
                            const fs::path& log) {
    if (installed)
        return output_of(settings, {"dpkg-query", "-W", "-f", "${Version}", package}, log);
    std::istringstream policy(output_of(settings, {"apt-cache", "policy", package}, log));
    for (std::string word; policy >> word;)
        if (word == "Candidate:" && policy >> word)
            return word == "(none)" ? "" : word;
    return "";
}

bool may_be_package(const std::string& said) {
    return !said.empty() && std::all_of(said.begin(), said.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    });
}

/// The archive inside the package, fetched without installing it, so that no privilege is needed.
fs::path fetch_package(const tool_settings& settings, const kernel_source& source, const fs::path& folder,
                       const fs::path& log) {
    const std::string exactly = source.said + "=" + source.version;
    if (!value_or_throw(run_tool(settings, {"apt-get", "-q", "download", exactly}, folder, log)))
        throw input_error(about(source.said, "the package cannot be fetched",
                                "`apt-get update` first, or a network; the log is " + log.string()));
    std::vector<std::string> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".deb")
            files.push_back(entry.path());
    if (files.size() != 1 ||
        !value_or_throw(run_tool(settings, {"dpkg-deb", "-x", files[0], folder.string()}, folder, log)))
        throw input_error(about(source.said, "the package cannot be unpacked"));
    fs::remove(files[0]);
    return folder / "usr/src" / (source.said + ".tar.xz");
}

fs::path unpack_archive(const tool_settings& settings, const kernel_source& source, const fs::path& archive,
                        const fs::path& folder, const fs::path& log) {
    if (!value_or_throw(run_tool(
            settings, tar({"--no-same-owner", "-xf", archive.string(), "-C", folder.string()}), folder, log)))
        throw input_error(about(source.said, "it cannot be unpacked: it is no archive that tar reads"));
    if (is_tree(folder))
        return folder;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (entry.is_directory() && is_tree(entry.path()))
            return entry.path();
    throw input_error(about(source.said, "there is no kernel tree in this archive",
                            "expected one with Makefile, arch/um and kernel/seccomp.c"));
}

void copy_tree(const tool_settings& settings, const kernel_source& source, const fs::path& folder,
               const fs::path& log) {
    // The shell gets the arguments as such, never as text to read.
    std::vector<std::string> argv = {"bash", "-c",
                                     "set -o pipefail; into=$1; shift; \"$@\" | tar -C \"$into\" -xf -",
                                     "copy", folder.string()};
    const std::vector<std::string> pack = pack_tree(source.path);
    argv.insert(argv.end(), pack.begin(), pack.end());
    if (!value_or_throw(run_tool(settings, argv, folder, log)))
        throw input_error(about(source.said, "the tree cannot be copied", "the log is " + log.string()));
}

} // namespace

result<kernel_source> find_source(const tool_settings& settings, const std::string& said,
                                  const fs::path& log) {
    return as_result([&] {
        kernel_source source;
        source.said = said;
        std::error_code failed;
        const fs::file_status status = fs::status(said, failed);
        if (fs::is_directory(status)) {
            if (!is_tree(said))
                throw input_error(about(said, "this is no kernel tree",
                                        "expected Makefile, arch/um and kernel/seccomp.c in it"));
            source.path = fs::canonical(said);
        } else if (fs::exists(status)) {
            source.what = kernel_source::kind::archive;
            source.path = fs::canonical(said);
        } else if (may_be_package(said)) {
            source.what = kernel_source::kind::package;
            const fs::path installed = "/usr/src/" + said + ".tar.xz";
            if (fs::exists(installed))
                source.path = installed;
            if (has_program("apt-cache"))
                source.version = package_version(settings, said, !source.path.empty(), log);
        }
        if (source.path.empty() && source.version.empty())
            throw input_error(about(said, "there is no such kernel tree, archive or Debian source package",
                                    "a folder, a file like linux-6.12.tar.xz, or a name like "
                                    "linux-source-6.12"));
        return source;
    });
}

result<std::string> source_fingerprint(const tool_settings& settings, const kernel_source& source,
                                       const fs::path& log) {
    return as_result([&]() -> std::string {
        if (source.what == kernel_source::kind::package && !source.version.empty())
            return "package " + source.said + " " + source.version;
        fingerprint content;
        if (source.what == kernel_source::kind::tree) {
            const bool good = value_or_throw(read_tool(settings, pack_tree(source.path), log,
                                                       [&](std::string_view piece) { content.add(piece); }));
            if (!good)
                throw input_error(
                    about(source.said, "the tree cannot be read", "the log is " + log.string()));
            return "tree " + content.text();
        }
        std::ifstream in(source.path, std::ios::binary);
        std::vector<char> buffer(1U << 20U);
        while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)
            content.add({buffer.data(), static_cast<std::size_t>(in.gcount())});
        if (!in.eof())
            throw input_error(about(source.said, "it cannot be read"));
        return "archive " + content.text();
    });
}

result<fs::path> unpack_source(const tool_settings& settings, const kernel_source& source,
                               const fs::path& folder, const fs::path& log) {
    return as_result([&]() -> fs::path {
        fs::create_directories(folder);
        if (source.what == kernel_source::kind::tree) {
            copy_tree(settings, source, folder, log);
            return folder;
        }
        fs::path archive = source.path;
        if (archive.empty())
            archive = fetch_package(settings, source, folder, log);
        const fs::path tree = folder / "tree";
        fs::create_directories(tree);
        return unpack_archive(settings, source, archive, tree, log);
    });
}

std::string default_name(const kernel_source& source) {
    std::string name =
        source.what == kernel_source::kind::package ? source.said : source.path.filename().string();
    if (source.what == kernel_source::kind::archive)
        for (const char* ending : {".xz", ".gz", ".bz2", ".zst", ".tgz", ".tar"})
            if (name.ends_with(ending))
                name.resize(name.size() - std::string_view(ending).size());
    std::replace_if(
        name.begin(), name.end(),
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                     c == '+' || c == '-' || c == '_');
        },
        '-');
    name.resize(std::min<std::size_t>(name.size(), 40));
    return name.empty() || name.front() == '.' || name.front() == '-' ? "kernel" + name : name;
}

} // namespace seccomp_sim::live

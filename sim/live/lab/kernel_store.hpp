// The kernels that were built on this machine, in the user's cache folder: each under the key of what went
// into it, and under names of the user's choosing.
//
//   $XDG_CACHE_HOME/seccomp-sim/kernels/   (~/.cache where the variable is not set)
//     by-key/KEY/     linux, linux.btf, System.map, config, kernel.json: there whole or not at all
//     by-name/NAME    a link to one of them
//     building/       sources and objects of builds under way
//     locks/          one file for each key, locked while it is built, and one for each CPU that a guest has
#pragma once

#include "seccomp_sim/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::live {

/// What a kernel was made of, as the user said it and as it turned out.
struct kernel_origin {
    std::string release; ///< "5.9.1": what uname -r says
    std::string source;  ///< the tree, archive or package, as it was named
    std::vector<std::string> patches;
    std::vector<std::string> config; ///< lines that were added to the configuration
    unsigned cpus = 1;
};

/// A kernel that can be run.
struct lab_kernel {
    std::string name;
    std::string key;
    kernel_origin origin;
    std::filesystem::path folder;

    std::filesystem::path image() const { return folder / "linux"; } ///< the program, stripped of DWARF
    std::filesystem::path symbols() const { return folder / "System.map"; } ///< "address type name" lines
    std::filesystem::path btf() const { return folder / "linux.btf"; }      ///< raw BTF, for btf__parse_raw
};

/// The folder above. Does not make it. Fails without HOME and XDG_CACHE_HOME.
result<std::filesystem::path> kernel_store_folder();
/// All kernels by name, in the order of their names. A kernel with two names is there twice.
result<std::vector<lab_kernel>> all_kernels();
/// The kernel of that name. The error names the nearest that there is.
result<lab_kernel> find_kernel(std::string_view name);
/// Takes the name away, and the kernel too when it has no other.
result<void> remove_kernel(std::string_view name);

/// Fails for what cannot be a name of a kernel: letters, digits and ".+-_", at most 64, and neither "running"
/// nor "all", which mean something else where a kernel is asked for.
result<void> check_kernel_name(std::string_view name);
/// Reads a kernel by its key; fails when there is none.
result<lab_kernel> kernel_of_key(const std::filesystem::path& store, const std::string& key);
/// Gives the kernel of that key a name. A kernel that had it, and has no other, goes.
result<void> name_kernel(const std::filesystem::path& store, const std::string& name, const std::string& key);
/// Writes kernel.json into a folder that is to become a kernel.
result<void> write_origin(const std::filesystem::path& folder, const kernel_origin& origin);

} // namespace seccomp_sim::live

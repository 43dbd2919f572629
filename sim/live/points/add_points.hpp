// Puts points into a kernel tree that is about to be built: our file, and a call at each of the model's
// labels, placed by semantic patches.
#pragma once

#include "seccomp_sim/result.hpp"
#include "sim/live/lab/run_tool.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::live {

/// Which labels a kernel has points for.
struct placed_points {
    std::vector<std::string> placed;
    std::vector<std::string>
        no_place; ///< there is a semantic patch, but this kernel does nothing of the kind
};

/// Everything that goes in, as one text: for the key under which a kernel is kept.
std::string points_content();
/// Writes into the tree. Fails without spatch, and for a tree without kernel/seccomp.c.
result<placed_points> add_points(const tool_settings& settings, const std::filesystem::path& tree,
                                 const std::filesystem::path& log);
/// The files that points are placed in, by their paths in a tree.
std::vector<std::string> point_sources();
/// Places points in one of them again, after it was written anew; our own files are there.
result<void> add_points_to(const tool_settings& settings, const std::filesystem::path& tree,
                           const std::string& source, const std::filesystem::path& log);
/// Applies one semantic patch to the kernel sources that semantic patches are for; gives how many files
/// changed.
result<int> apply_semantic_patch(const tool_settings& settings, const std::filesystem::path& tree,
                                 const std::filesystem::path& patch, const std::filesystem::path& log);

/// Stands beside a built kernel.
inline constexpr const char* points_file = "points.json";
void write_points(const std::filesystem::path& folder, const placed_points& points);
/// Nothing when the kernel was built without points.
std::optional<placed_points> read_points(const std::filesystem::path& folder);

} // namespace seccomp_sim::live

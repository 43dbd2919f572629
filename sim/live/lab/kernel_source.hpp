// Where a kernel to build comes from: a tree, an archive of one, or a Debian source package.
#pragma once

#include "sim/live/lab/run_tool.hpp"

#include <filesystem>
#include <string>

namespace seccomp_sim::live {

/// A source as the user named it, and what it was found to be.
struct kernel_source {
    enum class kind { tree, archive, package };
    kind what = kind::tree;
    std::string said;
    std::filesystem::path path; ///< of the tree or archive; of a package only when it is installed
    std::string version;        ///< of a package
};

/// Finds out what `said` names: a folder, a file, or else a package that apt knows. Fails with what it would
/// have had to be.
result<kernel_source> find_source(const tool_settings& settings, const std::string& said,
                                  const std::filesystem::path& log);
/// What tells this source from any other: the content of what a user-mode build reads, or of the archive, or
/// a package's name and version.
result<std::string> source_fingerprint(const tool_settings& settings, const kernel_source& source,
                                       const std::filesystem::path& log);
/// Copies or unpacks the source below `folder`, without what a user-mode build does not read, and gives the
/// top of the tree. The source itself is never written to.
result<std::filesystem::path> unpack_source(const tool_settings& settings, const kernel_source& source,
                                            const std::filesystem::path& folder,
                                            const std::filesystem::path& log);
/// A name to call a kernel of this source by: "linux-source-6.1", "linux-5.9.1-um", the folder's name.
std::string default_name(const kernel_source& source);

} // namespace seccomp_sim::live

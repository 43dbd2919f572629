// From what a user names to the scenario files meant.
#include "sim/scenario/find_scenarios.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace seccomp_sim::scenario {
namespace {

namespace fs = std::filesystem;

/// Whether the file may be a scenario: its first bytes have the key "schema". A cheap look, not a parse.
bool looks_like_scenario(const fs::path& path) {
    constexpr std::streamsize look = 64 * 1024;
    std::ifstream in(path, std::ios::binary);
    std::string start(static_cast<std::size_t>(look), '\0');
    in.read(start.data(), look);
    start.resize(static_cast<std::size_t>(in.gcount()));
    // What cannot be read or is no profile either is left in, so that reading it tells what is wrong.
    return start.find("\"schema\"") != std::string::npos || start.find("\"steps\"") != std::string::npos;
}

diagnostic wrong(const std::string& path, const std::string& message, const std::string& hint) {
    return {{path, 0, 0, ""}, message, hint};
}

} // namespace

result<std::vector<std::string>> find_scenarios(std::span<const std::string> paths) {
    std::vector<std::string> found;
    for (const std::string& path : paths) {
        std::error_code error;
        if (path == "-" || !fs::is_directory(path, error)) {
            found.push_back(path);
            continue;
        }
        std::vector<std::string> inside;
        fs::recursive_directory_iterator entry(path, fs::directory_options::skip_permission_denied, error);
        for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error))
            if (entry->is_regular_file(error) && entry->path().extension() == ".json" &&
                looks_like_scenario(entry->path()))
                inside.push_back(entry->path().string());
        if (error)
            return wrong(path, "the folder cannot be read: " + error.message(), "");
        if (inside.empty())
            return wrong(path, "the folder has no scenario", "files named *.json with a \"schema\" key");
        std::sort(inside.begin(), inside.end());
        found.insert(found.end(), inside.begin(), inside.end());
    }
    return found;
}

} // namespace seccomp_sim::scenario

// Picks the lines that matter out of the output of make and patch.
#include "sim/live/lab/build_log.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

namespace seccomp_sim::live {
namespace {

std::vector<std::string> lines_of(const std::string& log) {
    std::vector<std::string> all;
    std::istringstream in(log);
    for (std::string line; std::getline(in, line);)
        all.push_back(line);
    return all;
}

bool has(std::string_view line, std::string_view word) {
    return line.find(word) != std::string_view::npos;
}

/// A compiler, linker or kconfig error; not make's echo of it.
bool is_error(std::string_view line) {
    if (line.starts_with("make"))
        return false;
    for (const char* word :
         {"error:", "Error:", "undefined reference", "multiple definition", "ld returned", "syntax error",
          "ERROR:", "No such file or directory", "not found", "can't open"})
        if (has(line, word))
            return true;
    return false;
}

/// "  123 |   code" and the like: what the compiler shows below an error, and its notes.
bool belongs_to_error(std::string_view line) {
    return line.starts_with(' ') || has(line, ": note:");
}

void keep_end(std::vector<std::string>& lines, std::size_t limit) {
    if (lines.size() > limit)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(limit));
}

} // namespace

std::vector<std::string> compile_errors(const std::string& log, std::size_t limit) {
    const std::vector<std::string> all = lines_of(log);
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!is_error(all[i]))
            continue;
        if (i > 0 && (has(all[i - 1], ": In function") || has(all[i - 1], "In file included")))
            kept.push_back(all[i - 1]);
        kept.push_back(all[i]);
        // Below "  CC  file.o" of a parallel job nothing belongs to the error.
        while (i + 1 < all.size() && belongs_to_error(all[i + 1]) && !all[i + 1].starts_with("  CC ") &&
               !all[i + 1].starts_with("  AR ") && !all[i + 1].starts_with("  LD "))
            kept.push_back(all[++i]);
    }
    if (kept.empty())
        std::copy_if(all.begin(), all.end(), std::back_inserter(kept),
                     [](const std::string& line) { return has(line, "*** "); });
    if (kept.empty()) {
        kept = all;
        keep_end(kept, 15);
    }
    // The first errors cause the later ones.
    kept.resize(std::min(kept.size(), limit));
    return kept;
}

std::vector<std::string> patch_errors(const std::string& log, std::size_t limit) {
    std::vector<std::string> kept;
    std::string file;
    for (const std::string& line : lines_of(log)) {
        if (line.starts_with("patching file ") || line.starts_with("checking file "))
            file = line;
        const bool wrong = has(line, "FAILED") || has(line, "can't find file") || has(line, "malformed") ||
                           has(line, "Reversed") || has(line, "garbage") || has(line, "No file to patch");
        if (!wrong)
            continue;
        if (!file.empty())
            kept.push_back(std::exchange(file, ""));
        kept.push_back(line);
    }
    if (kept.empty()) {
        kept = lines_of(log);
        keep_end(kept, 15);
    }
    kept.resize(std::min(kept.size(), limit));
    return kept;
}

} // namespace seccomp_sim::live

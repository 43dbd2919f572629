// Looks for scenario files and reads them. Folders are gone through with a list of what is left to do, so
// that neither depth nor loops of links matter.
#include "sim/scenario/find_scenarios.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/input_file.hpp"
#include "sim/scenario/json_parse.hpp"
#include "sim/scenario/read_scenario.hpp"
#include "sim/scenario/system_file.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include <sys/stat.h>

namespace seccomp_sim::scenario {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 100'000;

[[noreturn]] void fail(const std::string& path, std::string message, std::string hint = {}) {
    throw input_error({{path, 0, 0, {}}, std::move(message), std::move(hint)});
}

class folder_search {
  public:
    /// The JSON files below the folder, sorted.
    std::vector<std::string> run(const std::string& folder) {
        left_.push_back(folder);
        while (!left_.empty()) {
            const std::string next = std::move(left_.back());
            left_.pop_back();
            if (is_new(next))
                look_into(next);
        }
        std::sort(found_.begin(), found_.end());
        return std::move(found_);
    }

  private:
    bool is_new(const std::string& folder) {
        struct stat info = {};
        if (::stat(folder.c_str(), &info) != 0)
            fail(folder, "cannot be read: " + errno_text(errno));
        return seen_.emplace(info.st_dev, info.st_ino).second;
    }

    void look_into(const std::string& folder) {
        std::error_code error;
        fs::directory_iterator entries(folder, error);
        for (; !error && entries != fs::directory_iterator(); entries.increment(error))
            look_at(*entries);
        if (error)
            fail(folder, "cannot be read: " + errno_text(error.value()));
    }

    void look_at(const fs::directory_entry& entry) {
        const std::string name = entry.path().filename().string();
        const std::string path = entry.path().string();
        std::error_code ignored; // what cannot be looked at is no folder
        if (name.starts_with('.'))
            return;
        if (entry.is_directory(ignored)) {
            left_.push_back(path);
        } else if (name.ends_with(".json") && entry.is_regular_file(ignored)) {
            if (found_.size() == most_files)
                fail(path, "more than " + std::to_string(most_files) + " files", "expected fewer at once");
            found_.push_back(path);
        }
    }

    std::vector<std::string> left_;
    std::vector<std::string> found_;
    std::set<std::pair<dev_t, ino_t>> seen_;
};

// Other JSON may lie beside scenarios. What cannot be parsed, or has steps, was meant as a scenario: reading
// it tells what is wrong with it.
bool is_scenario(const document& doc) {
    return doc.kind(doc.root()) != json_kind::object || doc.find(doc.root(), "schema") ||
           doc.find(doc.root(), "steps");
}

class scenario_reader {
  public:
    void read_folder(const std::string& folder) {
        bool any = false;
        for (const std::string& path : folder_search().run(folder)) {
            document doc = value_or_throw(parse_json(value_or_throw(read_input(path)), path));
            if (!is_scenario(doc))
                continue;
            any = true;
            if (is_new(path))
                found_.push_back({path, value_or_throw(read_scenario(std::move(doc)))});
        }
        if (!any)
            fail(folder, "has no scenarios in it", "expected *.json files with a \"schema\"");
    }

    void read_file(const std::string& path) {
        if (is_new(path))
            found_.push_back({path, value_or_throw(read_scenario_file(path))});
    }

    std::vector<found_scenario> take() { return std::move(found_); }

  private:
    bool is_new(const std::string& path) { return known_.insert(path).second; }

    std::vector<found_scenario> found_;
    std::set<std::string> known_;
};

std::vector<found_scenario> find_all(std::span<const std::string> arguments) {
    // Before anything is read: a mistyped name is told at once.
    std::error_code error;
    for (const std::string& argument : arguments)
        if (argument != "-" && !fs::exists(argument, error))
            fail(argument.empty() ? seccomp_sim::quoted(argument) : argument,
                 "cannot be opened: " + errno_text(error ? error.value() : ENOENT),
                 "expected a scenario file, a folder of them, or -");
    scenario_reader reader;
    for (const std::string& argument : arguments)
        if (argument != "-" && fs::is_directory(argument, error))
            reader.read_folder(argument);
        else
            reader.read_file(argument);
    return reader.take();
}

} // namespace

result<std::vector<found_scenario>> read_scenarios(std::span<const std::string> arguments) {
    return as_result([&] { return find_all(arguments); });
}

result<std::vector<std::string>> find_scenarios(std::span<const std::string> arguments) {
    return as_result([&] {
        std::vector<std::string> paths;
        for (found_scenario& found : find_all(arguments))
            paths.push_back(std::move(found.path));
        return paths;
    });
}

} // namespace seccomp_sim::scenario

// Finds, names and removes built kernels. Every change is one rename, so that nobody sees half of it.
#include "sim/live/lab/kernel_store.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/nearest_name.hpp"
#include "sim/scenario/output_file.hpp"
#include "sim/scenario/system_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include <unistd.h>

namespace seccomp_sim::live {
namespace {

namespace fs = std::filesystem;
using scenario::as_result;
using scenario::input_error;
using scenario::value_or_throw;

diagnostic about_file(const fs::path& file, std::string message) {
    return {{file.string(), 0, 0, ""}, std::move(message), ""};
}

kernel_origin read_origin(const fs::path& folder) {
    const fs::path file = folder / "kernel.json";
    std::ifstream in(file);
    const nlohmann::json j = nlohmann::json::parse(in, nullptr, false);
    if (!j.is_object())
        throw input_error(about_file(file, "this is no description of a kernel"));
    kernel_origin origin;
    origin.release = j.value("release", "");
    origin.source = j.value("source", "");
    origin.patches = j.value("patches", std::vector<std::string>());
    origin.config = j.value("config", std::vector<std::string>());
    origin.cpus = j.value("cpus", 1U);
    return origin;
}

/// The key that a name stands for; empty when its kernel is gone.
std::string key_of(const fs::path& link) {
    std::error_code failed;
    const fs::path target = fs::read_symlink(link, failed);
    return failed ? "" : target.filename().string();
}

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code missing;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, missing))
        if (!entry.path().filename().string().starts_with('.'))
            names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

void remove_unless_named(const fs::path& store, const std::string& key) {
    for (const std::string& name : names_in(store / "by-name"))
        if (key_of(store / "by-name" / name) == key)
            return;
    const fs::path folder = store / "by-key" / key;
    const fs::path going = store / "by-key" / ("." + key + ".going");
    std::error_code failed;
    fs::rename(folder, going, failed);
    if (failed && failed != std::errc::no_such_file_or_directory)
        throw input_error(about_file(folder, "it cannot be removed: " + failed.message()));
    fs::remove_all(going, failed);
}

} // namespace

result<fs::path> kernel_store_folder() {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    // The XDG rules: a path that is not absolute does not count.
    if (cache && *cache == '/')
        return fs::path(cache) / "seccomp-sim" / "kernels";
    if (home && *home == '/')
        return fs::path(home) / ".cache" / "seccomp-sim" / "kernels";
    return diagnostic{{}, "there is no folder for kernels: neither XDG_CACHE_HOME nor HOME is set", ""};
}

result<lab_kernel> kernel_of_key(const fs::path& store, const std::string& key) {
    return as_result([&] {
        lab_kernel k;
        k.key = key;
        k.folder = store / "by-key" / key;
        k.origin = read_origin(k.folder);
        return k;
    });
}

result<std::vector<lab_kernel>> all_kernels() {
    return as_result([&] {
        const fs::path store = value_or_throw(kernel_store_folder());
        std::vector<lab_kernel> all;
        for (const std::string& name : names_in(store / "by-name")) {
            const std::string key = key_of(store / "by-name" / name);
            if (!fs::exists(store / "by-key" / key / "kernel.json"))
                continue;
            all.push_back(value_or_throw(kernel_of_key(store, key)));
            all.back().name = name;
        }
        return all;
    });
}

result<lab_kernel> find_kernel(std::string_view name) {
    auto all = all_kernels();
    if (!all)
        return all.error();
    std::vector<std::string_view> names;
    for (const lab_kernel& k : *all) {
        if (k.name == name)
            return k;
        names.push_back(k.name);
    }
    const auto nearest = scenario::nearest_name(name, names);
    return diagnostic{
        {},
        "no kernel called " + quoted(name) + " has been built here",
        hint_text("a name that `seccomp-sim kernel list` shows; `make kernels` builds the usual "
                  "ones",
                  nearest.value_or(""))};
}

result<void> remove_kernel(std::string_view name) {
    return as_result([&] {
        const lab_kernel k = value_or_throw(find_kernel(name));
        const fs::path store = value_or_throw(kernel_store_folder());
        fs::remove(store / "by-name" / k.name);
        remove_unless_named(store, k.key);
    });
}

result<void> check_kernel_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view(".+-_").find(c) != std::string_view::npos;
    };
    const bool good = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), fits) &&
                      name.front() != '.' && name.front() != '-';
    if (!good)
        return diagnostic{{},
                          quoted(name) + " cannot be the name of a kernel",
                          "expected letters, digits and any of .+-_, at most 64, and none of .- first"};
    if (name == "running" || name == "all")
        return diagnostic{{}, quoted(name) + " stands for other kernels and cannot be the name of one", ""};
    return {};
}

result<void> name_kernel(const fs::path& store, const std::string& name, const std::string& key) {
    return as_result([&] {
        value_or_throw(check_kernel_name(name));
        fs::create_directories(store / "by-name");
        const fs::path link = store / "by-name" / name;
        const std::string before = key_of(link);
        const fs::path fresh = store / "by-name" / ("." + name + "." + std::to_string(::getpid()));
        std::error_code failed;
        fs::create_symlink(fs::path("..") / "by-key" / key, fresh, failed);
        if (!failed)
            fs::rename(fresh, link, failed);
        if (failed)
            throw input_error(about_file(link, "the kernel cannot be named: " + failed.message()));
        if (!before.empty() && before != key)
            remove_unless_named(store, before);
    });
}

result<void> write_origin(const fs::path& folder, const kernel_origin& origin) {
    return as_result([&] {
        const nlohmann::ordered_json j = {{"release", origin.release},
                                          {"source", origin.source},
                                          {"patches", origin.patches},
                                          {"config", origin.config},
                                          {"cpus", origin.cpus}};
        scenario::output_file file =
            value_or_throw(scenario::output_file::open((folder / "kernel.json").string()));
        file.write(j.dump(2) + "\n");
        value_or_throw(file.commit());
    });
}

} // namespace seccomp_sim::live

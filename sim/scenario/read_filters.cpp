// Reads a scenario's filters: inline, or in files, which may in turn say that the profile is in another file.
#include "sim/scenario/reading.hpp"

#include "sim/scenario/filter_program.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/input_file.hpp"
#include "sim/scenario/json_parse.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

constexpr std::size_t longest_chain = 16;
// A program has at most 65535 instructions, so so many filters take no absurd amount of memory.
constexpr std::size_t most_filters = 10'000;

// The path that {"file": path} or a plain string names; nothing for other filters.
source_ref path_in(const document& doc, source_ref filter) {
    if (doc.kind(filter) == json_kind::string)
        return filter;
    if (doc.kind(filter) != json_kind::object || !doc.find(filter, "file"))
        return {};
    object_reader object(doc, filter, "a filter in a file");
    const source_ref path = object.required("file");
    object.optional("comment");
    object.finish();
    string_at(doc, path, "the path of a profile");
    return path;
}

std::string resolved(const std::string& folder, std::string_view path) {
    namespace fs = std::filesystem;
    return (fs::path(folder) / fs::path(path)).lexically_normal().string();
}

// A file that cannot be read is told at the string that names it.
result<document> read_document(const document& doc, source_ref path, const std::string& file) {
    const result<std::string> text = read_input(file);
    if (!text)
        fail_at(doc, path, quoted(file, 200) + ": " + text.error().message, text.error().hint);
    return parse_json(*text, file);
}

template <class T>
T value_of(result<T> read) {
    if (!read)
        throw input_error(read.error());
    return std::move(read).value();
}

// Follows a path to the end of the chain, and compiles what is there.
named_filter read_from_file(const document& doc, source_ref path, const std::string& folder) {
    std::vector<std::string> chain = {resolved(folder, doc.string(path))};
    document file = value_of(read_document(doc, path, chain.back()));
    while (const source_ref next = path_in(file, file.root())) {
        const std::string parent = std::filesystem::path(chain.back()).parent_path().string();
        const std::string target = resolved(parent, file.string(next));
        if (std::find(chain.begin(), chain.end(), target) != chain.end() || chain.size() == longest_chain)
            fail_at(file, next, "the profile " + quoted(target, 200) + " is looked for in a circle",
                    "expected a file with a profile in it");
        chain.push_back(target);
        file = value_of(read_document(file, next, target));
    }
    // A profile file is written for many systems, so calls that are not known here are left out.
    profile_options options;
    options.skip_unknown_calls = true;
    filter_program compiled = read_filter_program(file, file.root(), options);
    return {{}, std::move(compiled.program), compiled.flags, std::move(compiled.notes), chain.back()};
}

named_filter read_filter(const document& doc, source_ref value, const std::string& folder) {
    if (const source_ref path = path_in(doc, value))
        return read_from_file(doc, path, folder);
    filter_program compiled = read_filter_program(doc, value);
    return {{}, std::move(compiled.program), compiled.flags, std::move(compiled.notes), {}};
}

} // namespace

void read_filters(reading& r, source_ref object) {
    if (!object)
        return;
    if (r.doc.kind(object) != json_kind::object)
        fail_at(r.doc, object, "\"filters\" is " + r.doc.describe(object),
                "expected an object: {name: filter}");
    for (const source_ref member : r.doc.children(object)) {
        if (r.out.filters.size() == most_filters)
            fail_at_key(r.doc, member, "more than " + std::to_string(most_filters) + " filters");
        const name_id name = r.name_at({member, true});
        named_filter filter = read_filter(r.doc, member, r.options.folder);
        filter.name = name;
        r.out.filters.push_back(std::move(filter));
        r.filter_names.intern(r.doc.key(member));
        r.installs.push_back(0);
    }
}

} // namespace seccomp_sim::scenario

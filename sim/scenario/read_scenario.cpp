// Reads a scenario's outermost object; its parts have readers of their own.
#include "sim/scenario/read_scenario.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/input_file.hpp"
#include "sim/scenario/json_parse.hpp"
#include "sim/scenario/nearest_name.hpp"
#include "sim/scenario/reading.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

constexpr std::string_view schema = "seccomp-sim/scenario/1";
constexpr std::size_t longest_name = 100;

void check_schema(object_reader& top) {
    const source_ref value = top.required("schema", "\"seccomp-sim/scenario/1\"");
    const std::string_view found = string_at(top.doc(), value);
    if (found != schema)
        fail_at(top.doc(), value, quoted(found) + " is no format that can be read",
                hint_text(quoted(schema), nearest_name(found, std::array{schema}).value_or("")));
}

std::string name_of_scenario(object_reader& top) {
    const std::string_view name = top.required_string("name");
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    if (name.empty() || name.size() > longest_name || !std::all_of(name.begin(), name.end(), fits))
        fail_at(top.doc(), top.required("name"), quoted(name) + " cannot name a scenario",
                "expected up to 100 of a-z, 0-9, . _ -");
    return std::string(name);
}

void read_set(reading& r, source_ref object) {
    if (!object)
        return;
    if (r.doc.kind(object) != json_kind::object)
        fail_at(r.doc, object, "\"set\" is " + r.doc.describe(object), "expected an object: {choice: value}");
    for (const source_ref member : r.doc.children(object)) {
        const std::string_view name = r.doc.key(member);
        const std::string_view value = string_at(r.doc, member, "a choice's value");
        result<choice_setting> setting = parse_choice_setting(std::string(name) + "=" + std::string(value));
        if (setting) {
            r.out.set.push_back(*setting);
        } else if (!find_choice(name)) {
            fail_at_key(r.doc, member, setting.error().message, setting.error().hint);
        } else {
            fail_at(r.doc, member, setting.error().message, setting.error().hint);
        }
    }
}

invariant invariant_at(const document& doc, source_ref value) {
    std::vector<std::string_view> names;
    names.reserve(invariants.size());
    for (const invariant_info& info : invariants)
        names.push_back(info.name);
    return static_cast<invariant>(name_index_at(doc, value, names, "invariant"));
}

void read_violates(reading& r, source_ref value) {
    if (!value)
        return;
    if (r.doc.kind(value) != json_kind::object) {
        string_at(r.doc, value, "an invariant, or {constraint: invariant}");
        r.out.violates.push_back({{}, invariant_at(r.doc, value)});
        return;
    }
    for (const source_ref member : r.doc.children(value))
        r.out.violates.push_back({r.constraint_of_key(member), invariant_at(r.doc, member)});
}

std::string live_skip_at(const document& doc, source_ref value) {
    if (!value)
        return {};
    object_reader object(doc, value, "\"live_kernel\"");
    const std::string_view reason = object.required_string("skip");
    if (reason.empty())
        fail_at(doc, object.required("skip"), "no reason is given",
                "expected why it is not run on a real kernel");
    object.finish();
    return std::string(reason);
}

void read_top(reading& r) {
    object_reader top(r.doc, r.doc.root(), "a scenario");
    check_schema(top);
    top.optional_string("$schema"); // editors look there for the JSON Schema
    r.out.name = name_of_scenario(top);
    r.out.summary = top.optional_string("summary");
    r.out.source = top.optional_string("source");
    r.out.note = top.optional_string("note");
    const source_ref set = top.optional("set");
    const source_ref on = top.optional("on");
    const source_ref violates = top.optional("violates");
    const source_ref filters = top.optional("filters");
    const source_ref live = top.optional("live_kernel");
    if (const source_ref seed = top.optional("seed"))
        r.out.seed = unsigned_at(r.doc, seed, std::numeric_limits<std::uint64_t>::max());
    const source_ref steps = top.required("steps", "an array of steps");
    top.finish();

    read_set(r, set); // first, as constraints are judged by it
    r.out.on = r.constraint_at(on);
    read_violates(r, violates);
    r.out.live_skip = live_skip_at(r.doc, live);
    read_filters(r, filters);
    read_steps(r, steps);
    if (r.out.steps.empty())
        fail_at(r.doc, steps, "a scenario without steps", "expected at least one step");
}

scenario read_document(document doc, const read_options& options) {
    scenario out;
    out.text = std::make_shared<const document>(std::move(doc));
    read_options with_folder = options;
    if (with_folder.folder.empty() && out.text->file() != "-")
        with_folder.folder = std::filesystem::path(out.text->file()).parent_path().string();
    reading r(*out.text, out, with_folder);
    read_top(r);
    return out;
}

} // namespace

result<scenario> read_scenario(std::string_view text, std::string file_name, const read_options& options) {
    result<document> doc = parse_json(text, std::move(file_name));
    if (!doc)
        return doc.error();
    return read_scenario(std::move(*doc), options);
}

result<scenario> read_scenario(document doc, const read_options& options) {
    return as_result([&] { return read_document(std::move(doc), options); });
}

result<scenario> read_scenario_file(const std::string& path, const read_options& options) {
    const result<std::string> text = read_input(path);
    if (!text)
        return text.error();
    return read_scenario(*text, path, options);
}

} // namespace seccomp_sim::scenario

// Reads the list of steps, and writes repeats out: their steps are read anew for each value of the variable,
// which keeps what is checked and what is run the same thing.
#include "sim/scenario/reading.hpp"

#include "sim/scenario/nearest_name.hpp"
#include "sim/scenario/step_walk.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace seccomp_sim::scenario {

namespace {

constexpr std::size_t deepest_repeat = 8;
constexpr std::int64_t highest_count = 1'000'000;
constexpr auto kinds = std::to_array<std::string_view>({"do", "expect", "concurrently", "repeat"});
constexpr std::string_view expected_kind = R"(exactly one of "do", "expect", "concurrently" and "repeat")";

using walk = step_walk<constraint_id>;

[[noreturn]] void fail_without_kind(const document& doc, source_ref step) {
    std::vector<std::string_view> keys;
    for (const source_ref member : doc.children(step))
        keys.push_back(doc.key(member));
    std::string hint = hint_text(expected_kind, {});
    for (const std::string_view kind : kinds)
        if (const auto nearest = nearest_name(kind, keys))
            hint += "; is " + quoted(*nearest) + " a slip for " + quoted(kind) + "?";
    fail_at(doc, step, "a step that says nothing to do", std::move(hint));
}

std::string_view kind_of(const document& doc, source_ref step) {
    std::optional<std::string_view> found;
    for (const source_ref member : doc.children(step)) {
        const auto* const kind = std::find(kinds.begin(), kinds.end(), doc.key(member));
        if (kind == kinds.end())
            continue;
        if (found)
            fail_at_key(doc, member, "a step with both " + quoted(*found) + " and " + quoted(*kind),
                        hint_text(expected_kind, {}));
        found = *kind;
    }
    if (!found)
        fail_without_kind(doc, step);
    return *found;
}

bool is_variable_name(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !text.empty() && text.size() <= 16 && std::all_of(text.begin(), text.end(), is_letter);
}

std::string_view variable_at(reading& r, object_reader& step) {
    const source_ref as = step.required("as", "the name of a variable, such as \"i\"");
    const std::string_view name = string_at(r.doc, as, "the name of a variable");
    if (!is_variable_name(name))
        fail_at(r.doc, as, quoted(name) + " cannot be a variable", "expected up to 16 letters");
    if (r.variables.has(name))
        fail_at(r.doc, as, "the variable " + quoted(name) + " is taken by a repeat around this one",
                "expected another name");
    return name;
}

// A million steps are some 200 MB: better not moved again and again while they become more.
void make_room(reading& r, std::uint64_t rounds, std::size_t size) {
    std::vector<step>& steps = r.out.steps;
    const std::size_t wanted = std::min(steps.size() + rounds * size, r.options.most_steps);
    if (wanted > steps.capacity())
        steps.reserve(std::max(wanted, std::min(2 * steps.capacity(), r.options.most_steps)));
}

void enter_repeat(reading& r, object_reader& step, walk& steps) {
    if (steps.depth() == deepest_repeat)
        fail_at(r.doc, step.where(),
                "repeats are nested more than " + std::to_string(deepest_repeat) + " deep",
                "expected at most that");
    const auto rounds = static_cast<std::uint64_t>(step.required_integer("repeat", 1, highest_count));
    const std::string_view variable = variable_at(r, step);
    const source_ref list = step.required("steps", "an array of steps");
    array_at(r.doc, list, "an array of steps");
    step.optional("note"); // for readers of the file
    const constraint_id on = r.both_of(steps.around(), r.constraint_at(step.optional("on")));
    step.finish();
    if (r.doc.size(list) == 0)
        fail_at(r.doc, list, "a repeat without steps", "expected at least one step");
    make_room(r, rounds, r.doc.size(list));
    steps.enter(list, variable, rounds, on);
}

void read_step(reading& r, object_reader& object, std::string_view kind, constraint_id around) {
    r.count_step(object.where());
    step out;
    out.info = read_step_info(r, object, around);
    object.optional(kind);
    if (kind == "do") {
        out.what = read_call(r, object, out.info.on);
    } else if (kind == "expect") {
        object.finish();
        out.what = read_expectations(r, object.required(kind));
    } else {
        out.what = read_concurrency(r, object, out.info.on);
    }
    r.out.steps.push_back(std::move(out));
}

} // namespace

void read_steps(reading& r, source_ref list) {
    array_at(r.doc, list, "an array of steps");
    walk steps(r.doc, list, r.variables);
    while (const source_ref value = steps.next()) {
        object_reader object(r.doc, value, "a step");
        const std::string_view kind = kind_of(r.doc, value);
        if (kind == "repeat")
            enter_repeat(r, object, steps);
        else
            read_step(r, object, kind, steps.around());
    }
}

} // namespace seccomp_sim::scenario

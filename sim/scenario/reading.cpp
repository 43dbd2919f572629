// What the readers of a scenario's parts share: names, texts and constraints with numbers.
#include "sim/scenario/reading.hpp"

#include "sim/scenario/nearest_name.hpp"
#include "sim/scenario/signal_name.hpp"

#include <utility>

namespace seccomp_sim::scenario {

namespace {

// What repeats may make of a file. A million steps of an ordinary kind have some ten million values.
constexpr std::size_t most_values = 32'000'000;
constexpr std::size_t most_text = std::size_t{256} << 20;

// How many values stand inside `value`, itself included: they are numbered in the order of the file.
std::size_t values_in(const document& doc, source_ref value) {
    for (source_ref v = value; v; v = doc.parent(v))
        if (const source_ref after = doc.next(v))
            return after.node - value.node;
    return doc.node_count() - value.node;
}

} // namespace

reading::reading(const document& text, scenario& result, const read_options& limits)
    : doc(text), out(result), options(limits), names(text, result, limits.most_names) {}

std::string_view reading::text_at(source_ref value, std::string_view what) {
    return variables.replace(string_at(doc, value, what));
}

text_id reading::stored_text(source_ref value) {
    if (!value)
        return {};
    if (const auto known = by_text_.find(value.node); known != by_text_.end())
        return known->second;
    const std::string_view text = text_at(value);
    text_bytes_ += text.size();
    if (text_bytes_ > most_text)
        fail_at(doc, value, "too much text with repeats written out", "expected less than 256 MiB");
    out.texts.emplace_back(text);
    const text_id stored = {static_cast<index_type>(out.texts.size() - 1)};
    if (text.data() == doc.string(value).data())
        by_text_.emplace(value.node, stored);
    return stored;
}

name_id reading::name_at(name_place at, std::string_view what) {
    const std::string_view text = at.is_key ? variables.replace(doc.key(at.where)) : text_at(at.where, what);
    return names.number_of(text, at);
}

name_id reading::known_name_at(name_place at, name_role role) {
    const name_id name = name_at(at, text_of(role) == "fd" ? "the name of an fd" : "a name");
    names.require(name, role, at);
    return name;
}

constraint_id reading::constraint_at(source_ref value) {
    if (!value)
        return {};
    const auto [known, is_new] = by_value_.try_emplace(value.node);
    if (is_new)
        known->second = add(read_constraint(doc, value));
    return known->second;
}

constraint_id reading::constraint_of_key(source_ref member) {
    const auto [known, is_new] = by_value_.try_emplace(member.node);
    if (is_new) {
        result<constraint> read = parse_constraint(doc.key(member));
        if (!read)
            fail_at_key(doc, member, read.error().message, read.error().hint);
        known->second = add(std::move(*read));
    }
    return known->second;
}

constraint_id reading::both_of(constraint_id a, constraint_id b) {
    if (!a || !b)
        return a ? a : b;
    const auto [known, is_new] = combinations_.try_emplace((std::uint64_t{a.value} << 32) | b.value);
    if (is_new)
        known->second = add(both(out.constraints[a.value], out.constraints[b.value]));
    return known->second;
}

void reading::count_step(source_ref where) {
    if (++steps_ > options.most_steps)
        fail_at(doc, where,
                "more than " + std::to_string(options.most_steps) + " steps with repeats written out",
                "expected a smaller count");
    values_ += values_in(doc, where);
    if (values_ > most_values)
        fail_at(doc, where,
                "steps of more than " + std::to_string(most_values) + " values with repeats written out",
                "expected a smaller count, or smaller steps");
}

constraint_id reading::add(constraint what) {
    presets_.push_back(presets_of(what, out.set));
    out.constraints.push_back(std::move(what));
    return {static_cast<index_type>(out.constraints.size() - 1)};
}

step_info read_step_info(reading& r, object_reader& step, constraint_id around) {
    constexpr std::size_t longest = 64;
    step_info info;
    info.where = step.where();
    info.note = r.stored_text(step.optional("note"));
    info.on = r.both_of(around, r.constraint_at(step.optional("on")));
    const source_ref at = step.optional("at");
    if (!at)
        return info;
    info.at = r.stored_text(at);
    const std::string_view name = r.out.text_of(info.at);
    if (name.empty() || name.size() > longest ||
        name.find_first_not_of("0123456789") == std::string_view::npos)
        fail_at(r.doc, at, quoted(name) + " cannot name a step",
                "expected up to 64 bytes that are no number");
    const std::size_t before = r.step_names.size();
    r.step_names.intern(name);
    if (r.step_names.size() == before)
        fail_at(r.doc, at, "another step is named " + quoted(name) + " already",
                "expected a name of its own for each step");
    return info;
}

void fail_unknown_word(const document& doc, source_ref value, std::string_view word, std::string_view what,
                       std::span<const std::string_view> valid) {
    fail_at(doc, value, quoted(word) + " is no " + std::string(what),
            hint_text({}, nearest_name(word, valid).value_or("")));
}

int signal_at(const document& doc, source_ref value) {
    if (doc.kind(value) != json_kind::string)
        return static_cast<int>(integer_at(doc, value, 1, last_signal));
    if (const auto number = signal_number(doc.string(value)))
        return *number;
    fail_unknown_name(doc, value, "signal", signal_names());
}

} // namespace seccomp_sim::scenario

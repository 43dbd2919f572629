// Constraints: how they are read, and when they hold.
#include "sim/scenario/constraint.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/json_fields.hpp"
#include "sim/scenario/nearest_name.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

using relation = constraint_term::relation;

// Those of two characters first, as they begin like the others.
constexpr std::array<enum_name<relation>, 6> preset_relations = {{{"<=", relation::less_equal},
                                                                  {">=", relation::greater_equal},
                                                                  {"==", relation::equal},
                                                                  {"!=", relation::not_equal},
                                                                  {"<", relation::less},
                                                                  {">", relation::greater}}};
constexpr std::string_view blanks = " \t";
constexpr std::string_view example = R"(a constraint such as ">=v5.9 <v6.11" or "release=exit")";

template <class List>
std::vector<std::string_view> names_of(const List& list) {
    std::vector<std::string_view> names;
    names.reserve(list.size());
    for (const auto& entry : list)
        names.push_back(entry.name);
    return names;
}

[[noreturn]] void fail(std::string message, std::string hint) {
    throw input_error({{}, std::move(message), std::move(hint)});
}

// The index of `name` in a list of things that have names.
template <class List>
std::uint8_t index_of(std::string_view name, const List& list, std::string_view what) {
    const std::vector<std::string_view> names = names_of(list);
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end())
        return static_cast<std::uint8_t>(found - names.begin());
    std::string expected;
    if (names.size() <= 8)
        for (const std::string_view valid : names)
            expected += (expected.empty() ? "" : ", ") + std::string(valid);
    fail(quoted(name) + " is no " + std::string(what),
         hint_text(expected, nearest_name(name, names).value_or("")));
}

choice_setting setting_of(std::string_view name, std::string_view value) {
    const std::uint8_t index = index_of(name, all_choices(), "choice of a kernel");
    const choice& subject = all_choices()[index];
    return {index, index_of(value, subject.values, "value of " + std::string(name))};
}

constraint_term read_term(std::string_view term) {
    for (const auto& [sign, how] : preset_relations)
        if (term.starts_with(sign))
            return {how, false, index_of(term.substr(sign.size()), all_presets(), "preset"), 0};
    const std::size_t sign = term.find('=');
    if (sign == std::string_view::npos) {
        if (find_choice(term))
            fail("the choice " + quoted(term) + " is compared with nothing",
                 hint_text(R"(a term such as ")" + std::string(term) + "=" +
                               std::string(find_choice(term)->values.front().name) + '"',
                           {}));
        return {relation::equal, false, index_of(term, all_presets(), "preset"), 0};
    }
    const bool differs = sign > 0 && term[sign - 1] == '!';
    const choice_setting setting =
        setting_of(term.substr(0, sign - (differs ? 1 : 0)), term.substr(sign + 1));
    return {differs ? relation::not_equal : relation::equal, true, setting.choice, setting.value};
}

constraint::all_of read_terms(std::string_view text) {
    constraint::all_of terms;
    for (std::size_t begin = text.find_first_not_of(blanks); begin != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(blanks, begin), text.size());
        terms.push_back(read_term(text.substr(begin, end - begin)));
        begin = text.find_first_not_of(blanks, end);
    }
    if (terms.empty())
        fail("an empty constraint", hint_text(example, {}));
    if (std::none_of(terms.begin(), terms.end(), [](const constraint_term& t) { return t.is_choice; }) &&
        presets_of({{{terms}}, {}}, {}) == 0)
        fail("no kernel is " + quoted(text), hint_text("terms that can hold together", {}));
    return terms;
}

// A mistake in a string of the file is told at that string.
template <class Read>
auto at_value(const document& doc, source_ref value, Read&& read) {
    try {
        return read();
    } catch (input_error& e) {
        fail_at(doc, value, std::move(e.what_is_wrong.message), std::move(e.what_is_wrong.hint));
    }
}

} // namespace

chosen_kernel choose(std::uint8_t preset, std::span<const choice_setting> settings) {
    chosen_kernel kernel = {preset, all_presets()[preset].choices};
    for (const choice_setting& setting : settings)
        all_choices()[setting.choice].set(kernel.choices, setting.value);
    return kernel;
}

bool constraint_term::holds(const chosen_kernel& kernel) const {
    if (is_choice)
        return (all_choices()[subject].get(kernel.choices) == value) == (how == relation::equal);
    switch (how) {
    case relation::less:
        return kernel.preset < subject;
    case relation::less_equal:
        return kernel.preset <= subject;
    case relation::greater:
        return kernel.preset > subject;
    case relation::greater_equal:
        return kernel.preset >= subject;
    case relation::equal:
        return kernel.preset == subject;
    case relation::not_equal:
        return kernel.preset != subject;
    }
    return false;
}

bool constraint::holds(const chosen_kernel& kernel) const {
    const auto all_hold = [&](const all_of& terms) {
        return std::all_of(terms.begin(), terms.end(),
                           [&](const constraint_term& t) { return t.holds(kernel); });
    };
    return std::all_of(clauses.begin(), clauses.end(), [&](const any_of& clause) {
        return std::any_of(clause.begin(), clause.end(), all_hold);
    });
}

result<constraint> parse_constraint(std::string_view text) {
    return as_result([&] { return constraint{{{read_terms(text)}}, std::string(text)}; });
}

constraint read_constraint(const document& doc, source_ref value) {
    constexpr std::string_view what = "a constraint, or an array of them";
    if (doc.kind(value) != json_kind::array) {
        const std::string_view text = string_at(doc, value, what);
        return {{{at_value(doc, value, [&] { return read_terms(text); })}}, std::string(text)};
    }
    constraint out;
    out.clauses.emplace_back();
    for (const source_ref element : doc.children(value)) {
        const std::string_view text = string_at(doc, element, "a constraint");
        out.clauses.front().push_back(at_value(doc, element, [&] { return read_terms(text); }));
        out.text += (out.text.empty() ? "" : " or ") + std::string(text);
    }
    if (out.clauses.front().empty())
        fail_at(doc, value, "an empty array of constraints", hint_text(example, {}));
    return out;
}

constraint both(const constraint& a, const constraint& b) {
    constraint out = a;
    out.clauses.insert(out.clauses.end(), b.clauses.begin(), b.clauses.end());
    out.text += " and " + b.text;
    return out;
}

std::uint32_t presets_of(const constraint& what, std::span<const choice_setting> settings) {
    std::uint32_t presets = 0;
    for (std::size_t i = 0; i < all_presets().size(); ++i)
        if (what.holds(choose(static_cast<std::uint8_t>(i), settings)))
            presets |= std::uint32_t{1} << i;
    return presets;
}

result<choice_setting> parse_choice_setting(std::string_view text) {
    return as_result([&] {
        const std::size_t sign = text.find('=');
        if (sign == std::string_view::npos)
            fail(quoted(text) + " sets nothing", hint_text("CHOICE=VALUE, such as release=exit", {}));
        return setting_of(text.substr(0, sign), text.substr(sign + 1));
    });
}

result<std::uint8_t> parse_preset(std::string_view name) {
    return as_result([&] { return index_of(name, all_presets(), "preset"); });
}

} // namespace seccomp_sim::scenario

// Reads the members of JSON objects as what they should be, and says what they are when they are not.
#include "sim/scenario/json_fields.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/nearest_name.hpp"

#include <algorithm>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

// So many names are told even when one of them is near; and so many when none is.
constexpr std::size_t few_names = 12;
constexpr std::size_t most_names = 64;

// Begins a message with the key where there is one, so that it can be read without the file.
std::string subject(const document& doc, source_ref value) {
    return doc.is_member(value) ? quoted(doc.key(value)) + " is " : "found ";
}

[[noreturn]] void fail_kind(const document& doc, source_ref value, std::string_view expected) {
    fail_at(doc, value, subject(doc, value) + doc.describe(value), hint_text(expected, {}));
}

std::string list_of(std::span<const std::string_view> names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i == most_names)
            return out + ", ...";
        out += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + quoted(names[i]);
    }
    return out;
}

// What would have done instead of `word`.
std::string names_hint(std::string_view word, std::span<const std::string_view> valid) {
    const auto nearest = nearest_name(word, valid);
    const bool is_listed = valid.size() <= few_names || !nearest;
    return hint_text(is_listed ? list_of(valid) : "", nearest.value_or(""));
}

std::string range_text(std::string_view lowest, std::string_view highest) {
    return "an integer from " + std::string(lowest) + " to " + std::string(highest);
}

} // namespace

void fail_at(const document& doc, source_ref value, std::string message, std::string hint) {
    throw input_error({doc.place_of(value), std::move(message), std::move(hint)});
}

void fail_at_key(const document& doc, source_ref member, std::string message, std::string hint) {
    throw input_error({doc.place_of_key(member), std::move(message), std::move(hint)});
}

void fail_unknown_name(const document& doc, source_ref value, std::string_view what,
                       std::span<const std::string_view> valid) {
    const std::string_view word = doc.string(value);
    fail_at(doc, value, quoted(word) + " is no " + std::string(what),
            valid.empty() ? "there is none" : names_hint(word, valid));
}

std::string_view string_at(const document& doc, source_ref value, std::string_view what) {
    if (doc.kind(value) != json_kind::string)
        fail_kind(doc, value, what);
    return doc.string(value);
}

bool boolean_at(const document& doc, source_ref value, std::string_view what) {
    if (doc.kind(value) != json_kind::boolean)
        fail_kind(doc, value, what);
    return doc.boolean(value);
}

std::int64_t integer_at(const document& doc, source_ref value, std::int64_t lowest, std::int64_t highest) {
    if (doc.kind(value) == json_kind::integer)
        if (const auto number = doc.to_int64(value); number && *number >= lowest && *number <= highest)
            return *number;
    fail_kind(doc, value, range_text(std::to_string(lowest), std::to_string(highest)));
}

std::uint64_t unsigned_at(const document& doc, source_ref value, std::uint64_t highest) {
    if (doc.kind(value) == json_kind::integer)
        if (const auto number = doc.to_uint64(value); number && *number <= highest)
            return *number;
    fail_kind(doc, value, range_text("0", std::to_string(highest)));
}

document::child_range array_at(const document& doc, source_ref value, std::string_view what) {
    if (doc.kind(value) != json_kind::array)
        fail_kind(doc, value, what);
    return doc.children(value);
}

std::vector<located_string> strings_at(const document& doc, source_ref value, std::string_view what) {
    std::vector<located_string> list;
    for (source_ref element : array_at(doc, value, what))
        list.push_back({string_at(doc, element), element});
    return list;
}

std::size_t name_index_at(const document& doc, source_ref value, std::span<const std::string_view> valid,
                          std::string_view what) {
    const std::string_view word = string_at(doc, value);
    const auto found = std::find(valid.begin(), valid.end(), word);
    if (found == valid.end())
        fail_unknown_name(doc, value, what, valid);
    return static_cast<std::size_t>(found - valid.begin());
}

object_reader::object_reader(const document& doc, source_ref object, std::string_view what)
    : doc_(&doc), object_(object), what_(what) {
    if (doc.kind(object) != json_kind::object)
        fail_kind(doc, object, std::string(what) + ", which is an object");
}

source_ref object_reader::optional(std::string_view key) {
    const source_ref member = doc_->find(object_, key);
    if (!is_known(key)) {
        known_.push_back(key);
        found_ += member ? 1 : 0;
    }
    return member;
}

source_ref object_reader::required(std::string_view key, std::string_view expected) {
    const source_ref member = optional(key);
    if (!member)
        fail_missing(key, expected);
    return member;
}

std::string_view object_reader::required_string(std::string_view key) {
    return string_at(*doc_, required(key, "a string"));
}

std::string_view object_reader::optional_string(std::string_view key, std::string_view fallback) {
    const source_ref member = optional(key);
    return member ? string_at(*doc_, member) : fallback;
}

std::int64_t object_reader::required_integer(std::string_view key, std::int64_t lowest,
                                             std::int64_t highest) {
    return integer_at(*doc_, required(key, "an integer"), lowest, highest);
}

std::int64_t object_reader::optional_integer(std::string_view key, std::int64_t fallback, std::int64_t lowest,
                                             std::int64_t highest) {
    const source_ref member = optional(key);
    return member ? integer_at(*doc_, member, lowest, highest) : fallback;
}

std::uint64_t object_reader::optional_unsigned(std::string_view key, std::uint64_t fallback,
                                               std::uint64_t highest) {
    const source_ref member = optional(key);
    return member ? unsigned_at(*doc_, member, highest) : fallback;
}

bool object_reader::optional_boolean(std::string_view key, bool fallback) {
    const source_ref member = optional(key);
    return member ? boolean_at(*doc_, member) : fallback;
}

std::vector<located_string> object_reader::strings(std::string_view key) {
    const source_ref member = optional(key);
    return member ? strings_at(*doc_, member) : std::vector<located_string>{};
}

document::child_range object_reader::elements(std::string_view key) {
    const source_ref member = optional(key);
    return member ? array_at(*doc_, member) : document::child_range{};
}

void object_reader::finish() {
    if (found_ == doc_->size(object_))
        return;
    for (source_ref member : doc_->children(object_)) {
        const std::string_view key = doc_->key(member);
        if (is_known(key))
            continue;
        fail_at_key(*doc_, member, "unknown key " + quoted(key) + " in " + std::string(what_),
                    names_hint(key, known_));
    }
}

void object_reader::fail_missing(std::string_view key, std::string_view expected) const {
    std::vector<std::string_view> others;
    for (source_ref member : doc_->children(object_))
        if (others.size() < few_names && !is_known(doc_->key(member)))
            others.push_back(doc_->key(member));

    std::string hint = hint_text(expected, {});
    if (const auto nearest = nearest_name(key, others))
        hint += (hint.empty() ? "" : "; ") + ("is " + quoted(*nearest)) + " a slip for it?";
    fail_at(*doc_, object_, std::string(what_) + " lacks " + quoted(key), std::move(hint));
}

bool object_reader::is_known(std::string_view key) const {
    return std::find(known_.begin(), known_.end(), key) != known_.end();
}

} // namespace seccomp_sim::scenario

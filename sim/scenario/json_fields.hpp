// Reads the members of JSON objects as what they should be. Keys that were asked for are the known ones, so
// that a reader's own code is the list of what is allowed.
// Everything here throws input_error, with the place of the value or key that is wrong.
#pragma once

#include "sim/scenario/json_value.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::scenario {

/// A name that may stand in a file, and what it means.
template <class E>
struct enum_name {
    std::string_view name;
    E value;
};

/// A string that was read, and where.
struct located_string {
    std::string_view text;
    source_ref where;
};

/// Throws an input_error at the value.
[[noreturn]] void fail_at(const document& doc, source_ref value, std::string message, std::string hint = {});
/// Throws an input_error at the key of the member.
[[noreturn]] void fail_at_key(const document& doc, source_ref member, std::string message,
                              std::string hint = {});
/// Throws `"word" is no <what>` at the value, with the nearest of `valid`, and all of them if they are few.
[[noreturn]] void fail_unknown_name(const document& doc, source_ref value, std::string_view what,
                                    std::span<const std::string_view> valid);

/// Single values; `what` says in a message what it should be ("a filter's name").
std::string_view string_at(const document& doc, source_ref value, std::string_view what = "a string");
bool boolean_at(const document& doc, source_ref value, std::string_view what = "true or false");
std::int64_t integer_at(const document& doc, source_ref value, std::int64_t lowest, std::int64_t highest);
std::uint64_t unsigned_at(const document& doc, source_ref value, std::uint64_t highest);
/// Checks that the value is an array and gives its elements.
document::child_range array_at(const document& doc, source_ref value, std::string_view what = "an array");
/// A list of strings.
std::vector<located_string> strings_at(const document& doc, source_ref value,
                                       std::string_view what = "an array of strings");
/// The place in `valid` of the name that stands in `value`.
std::size_t name_index_at(const document& doc, source_ref value, std::span<const std::string_view> valid,
                          std::string_view what);

/// The meaning of the name that stands in `value`. A table is an array of enum_name.
template <class Table>
auto enum_at(const document& doc, source_ref value, const Table& table, std::string_view what) {
    std::vector<std::string_view> names;
    names.reserve(std::size(table));
    for (const auto& entry : table)
        names.push_back(entry.name);
    return std::data(table)[name_index_at(doc, value, names, what)].value;
}

/// Reads one object:
///
///     object_reader step(doc, node, "a step");
///     auto task = step.required_string("task");
///     auto times = step.optional_integer("times", 1, 1, 1'000'000);
///     step.finish();
class object_reader {
  public:
    /// Fails unless `object` is an object. `what` names it in messages: "a step". Both are kept by
    /// reference, as are the keys asked for: give literals.
    object_reader(const document& doc, source_ref object, std::string_view what);

    const document& doc() const { return *doc_; }
    source_ref where() const { return object_; }
    std::string_view what() const { return what_; }

    /// The member's value, or nothing. Makes the key known.
    source_ref optional(std::string_view key);
    /// The member's value; fails if there is none. `expected` says what it should be ("an array of steps").
    source_ref required(std::string_view key, std::string_view expected = {});

    std::string_view required_string(std::string_view key);
    std::string_view optional_string(std::string_view key, std::string_view fallback = {});
    std::int64_t required_integer(std::string_view key, std::int64_t lowest, std::int64_t highest);
    std::int64_t optional_integer(std::string_view key, std::int64_t fallback, std::int64_t lowest,
                                  std::int64_t highest);
    std::uint64_t optional_unsigned(std::string_view key, std::uint64_t fallback,
                                    std::uint64_t highest = std::numeric_limits<std::uint64_t>::max());
    bool optional_boolean(std::string_view key, bool fallback);
    /// A list of strings; empty when the key is missing.
    std::vector<located_string> strings(std::string_view key);
    /// The elements of an array; none when the key is missing.
    document::child_range elements(std::string_view key);
    /// An object's or array's value for a reader of its own, or nothing when the key is missing.
    source_ref child(std::string_view key) { return optional(key); }

    /// A name out of a table, an array of enum_name; the key says in messages what it names.
    template <class Table>
    auto required_enum(std::string_view key, const Table& table) {
        return enum_at(*doc_, required(key, "a string"), table, key);
    }
    template <class E, class Table>
    E optional_enum(std::string_view key, E fallback, const Table& table) {
        source_ref value = optional(key);
        return value ? enum_at(*doc_, value, table, key) : fallback;
    }

    /// Fails at the first member whose key was never asked for.
    void finish();

  private:
    [[noreturn]] void fail_missing(std::string_view key, std::string_view expected) const;
    bool is_known(std::string_view key) const;

    const document* doc_;
    source_ref object_;
    std::string_view what_;
    std::vector<std::string_view> known_;
    std::size_t found_ = 0;
};

} // namespace seccomp_sim::scenario

// A parsed JSON text in which every value and every key knows its line and column.
// The values stand in one flat table in file order and name each other by number: copying or destroying a
// document never recurses, whatever its shape.
#pragma once

#include "seccomp_sim/diagnostic.hpp"
#include "sim/scenario/source_ref.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::scenario {

enum class json_kind : std::uint8_t { null, boolean, integer, real, string, array, object };

/// The tables of a document, filled by the parser.
struct json_tables {
    /// A stretch of `text`.
    struct span {
        std::uint32_t offset = 0;
        std::uint32_t size = 0;
    };
    struct name {
        span text;
        std::uint32_t line = 0;
        std::uint32_t column = 0;
    };
    struct node {
        std::uint64_t scalar = 0; ///< boolean, magnitude of an integer, or the bits of a real
        span content;             ///< string: its text; array or object: first child and number of children
        std::uint32_t line = 0;
        std::uint32_t column = 0;
        std::uint32_t parent = source_ref::nowhere;
        std::uint32_t next = source_ref::nowhere; ///< the next child of the same parent
        std::uint32_t slot = 0; ///< in an array its index, in an object its entry in `names`
        json_kind kind = json_kind::null;
        bool negative = false; ///< integers only
    };

    std::vector<node> nodes; ///< file order; the root is first
    std::vector<name> names;
    std::string text; ///< the decoded strings and keys, one after the other
};

/// A parsed JSON text. The functions for one kind must be asked of a value of that kind.
class document {
  public:
    document(std::string file, json_tables tables);

    const std::string& file() const { return file_; }
    source_ref root() const { return {0}; }
    std::size_t node_count() const { return tables_.nodes.size(); }

    json_kind kind(source_ref value) const { return at(value).kind; }
    bool boolean(source_ref value) const { return at(value).scalar != 0; }
    /// The integer, if it fits; integers from -2^63 to 2^64-1 can be held.
    std::optional<std::int64_t> to_int64(source_ref value) const;
    std::optional<std::uint64_t> to_uint64(source_ref value) const;
    double real(source_ref value) const;
    /// The decoded string. May hold any character, NUL included; always valid UTF-8.
    std::string_view string(source_ref value) const { return text_of(at(value).content); }

    /// The number of elements or members.
    std::size_t size(source_ref container) const { return at(container).content.size; }
    source_ref first(source_ref container) const;
    source_ref next(source_ref value) const { return {at(value).next}; }
    source_ref parent(source_ref value) const { return {at(value).parent}; }
    /// The member's value, or nothing. Linear in the number of members.
    source_ref find(source_ref object, std::string_view key) const;
    bool is_member(source_ref value) const;
    /// The key of a member.
    std::string_view key(source_ref member) const { return text_of(name_of(member).text); }

    /// Walks the elements of an array or the members of an object in file order.
    class child_iterator {
      public:
        using value_type = source_ref;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::forward_iterator_tag;
        using pointer = const source_ref*;
        using reference = source_ref;

        child_iterator() = default;
        child_iterator(const document& owner, source_ref value) : owner_(&owner), value_(value) {}
        source_ref operator*() const { return value_; }
        child_iterator& operator++() {
            value_ = owner_->next(value_);
            return *this;
        }
        child_iterator operator++(int) {
            child_iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const child_iterator& other) const { return value_ == other.value_; }

      private:
        const document* owner_ = nullptr;
        source_ref value_;
    };
    struct child_range {
        child_iterator begin_;
        child_iterator end_;
        child_iterator begin() const { return begin_; }
        child_iterator end() const { return end_; }
    };
    child_range children(source_ref container) const {
        return {{*this, first(container)}, {*this, source_ref{}}};
    }

    /// Where the value begins; for nothing, the file as a whole.
    place place_of(source_ref value) const;
    /// Where the key of a member begins, with the member's own pointer.
    place place_of_key(source_ref member) const;
    /// JSON pointer of a value; empty for the root and for nothing.
    std::string pointer_to(source_ref value) const;
    /// What a value is, for messages: `the string "abc"`, `the number 5`, `an array of 3`, `null`.
    std::string describe(source_ref value) const;

  private:
    const json_tables::node& at(source_ref value) const { return tables_.nodes[value.node]; }
    const json_tables::name& name_of(source_ref member) const { return tables_.names[at(member).slot]; }
    std::string_view text_of(json_tables::span s) const {
        return std::string_view(tables_.text).substr(s.offset, s.size);
    }

    std::string file_;
    json_tables tables_;
};

/// The place of a value that a later stage kept.
inline place place_of(const document& doc, source_ref value) {
    return doc.place_of(value);
}

} // namespace seccomp_sim::scenario

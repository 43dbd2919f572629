// Questions that can be asked of a parsed JSON text: values, places, pointers and descriptions.
#include "sim/scenario/json_value.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <limits>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

// RFC 6901: '~' and '/' are written as ~0 and ~1 inside a segment.
void append_segment(std::string& pointer, std::string_view name) {
    pointer += '/';
    for (char c : name) {
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
}

} // namespace

document::document(std::string file, json_tables tables)
    : file_(std::move(file)), tables_(std::move(tables)) {}

std::optional<std::int64_t> document::to_int64(source_ref value) const {
    const json_tables::node& n = at(value);
    constexpr auto highest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (n.scalar > highest + (n.negative ? 1 : 0))
        return std::nullopt;
    return static_cast<std::int64_t>(n.negative ? 0 - n.scalar : n.scalar);
}

std::optional<std::uint64_t> document::to_uint64(source_ref value) const {
    const json_tables::node& n = at(value);
    if (n.negative)
        return std::nullopt;
    return n.scalar;
}

double document::real(source_ref value) const {
    return std::bit_cast<double>(at(value).scalar);
}

source_ref document::first(source_ref container) const {
    const json_tables::span children = at(container).content;
    return children.size == 0 ? source_ref{} : source_ref{children.offset};
}

source_ref document::find(source_ref object, std::string_view key) const {
    for (source_ref member : children(object))
        if (this->key(member) == key)
            return member;
    return {};
}

bool document::is_member(source_ref value) const {
    const source_ref owner = parent(value);
    return owner && kind(owner) == json_kind::object;
}

place document::place_of(source_ref value) const {
    if (!value)
        return {file_, 0, 0, {}};
    return {file_, at(value).line, at(value).column, pointer_to(value)};
}

place document::place_of_key(source_ref member) const {
    const json_tables::name& name = name_of(member);
    return {file_, name.line, name.column, pointer_to(member)};
}

std::string document::pointer_to(source_ref value) const {
    std::vector<source_ref> path;
    for (source_ref v = value; v && parent(v); v = parent(v))
        path.push_back(v);

    std::string pointer;
    for (auto v = path.rbegin(); v != path.rend(); ++v)
        append_segment(pointer, is_member(*v) ? std::string(key(*v)) : std::to_string(at(*v).slot));
    return pointer;
}

std::string document::describe(source_ref value) const {
    switch (kind(value)) {
    case json_kind::null:
        return "null";
    case json_kind::boolean:
        return boolean(value) ? "true" : "false";
    case json_kind::integer:
        return (at(value).negative ? "the number -" : "the number ") + std::to_string(at(value).scalar);
    case json_kind::real: {
        std::array<char, 32> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), real(value)).ptr;
        return "the number " + std::string(digits.data(), end);
    }
    case json_kind::string:
        return "the string " + quoted(string(value));
    case json_kind::array:
        return size(value) == 0 ? "an empty array" : "an array of " + std::to_string(size(value));
    case json_kind::object:
        return size(value) == 0 ? "an empty object" : "an object";
    }
    return {};
}

} // namespace seccomp_sim::scenario

// Reads a JSON text into a `document`. nlohmann's SAX parser decides what is JSON; this follows it through
// the text, so that each value knows its place, and stops it at the limits.
#include "sim/scenario/json_parse.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/json_syntax.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

using nlohmann::json;

std::string size_text(std::size_t bytes) {
    constexpr std::size_t mebibyte = std::size_t{1} << 20;
    return bytes % mebibyte == 0 ? std::to_string(bytes / mebibyte) + " MiB"
                                 : std::to_string(bytes) + " bytes";
}

// Receives the parser's events in file order and fills the tables. Between two events the text holds only
// white space and at most one ',' or ':' that fits, so the place of each value can be found by going on from
// the end of the last.
class tree_builder final : public json::json_sax_t {
  public:
    tree_builder(std::string_view text, std::string file, const json_limits& limits)
        : text_(text), file_(std::move(file)), limits_(limits) {}

    bool null() override {
        add(json_kind::null);
        at_ = advance(at_, 4);
        return true;
    }

    bool boolean(bool value) override {
        add(json_kind::boolean).scalar = value ? 1 : 0;
        at_ = advance(at_, value ? 4 : 5);
        return true;
    }

    bool number_integer(json::number_integer_t value) override {
        json_tables::node& node = add(json_kind::integer);
        node.negative = value < 0;
        node.scalar = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
        skip_number();
        return true;
    }

    bool number_unsigned(json::number_unsigned_t value) override {
        add(json_kind::integer).scalar = value;
        skip_number();
        return true;
    }

    // The parser also sends integers here that 64 bits cannot hold.
    bool number_float(json::number_float_t value, const std::string& digits) override {
        go_to_token();
        if (digits.find_first_of(".eE") == std::string::npos)
            fail(at_, "the integer " + shown_number(digits) + " does not fit into 64 bits",
                 "expected -9223372036854775808 to 18446744073709551615");
        add(json_kind::real).scalar = std::bit_cast<std::uint64_t>(value);
        skip_number();
        return true;
    }

    bool string(std::string& value) override {
        go_to_token();
        const json_tables::span content = store(value, "the string");
        add(json_kind::string).content = content;
        skip_string();
        return true;
    }

    bool binary(json::binary_t&) override { return false; } // never sent for text

    bool start_object(std::size_t) override {
        open(json_kind::object);
        return true;
    }

    bool start_array(std::size_t) override {
        open(json_kind::array);
        return true;
    }

    bool key(std::string& value) override {
        go_to_token();
        json_tables::name name = {{}, at_.line, at_.column};
        name.text = store(value, "the key");
        tables_.names.push_back(name);
        has_key_ = true;
        skip_string();
        return true;
    }

    bool end_object() override {
        refuse_duplicate_keys();
        close();
        return true;
    }

    bool end_array() override {
        close();
        return true;
    }

    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        fail_syntax();
    }

    document finish() {
        // The parser takes a NUL byte for the end.
        if (skip_white_space(text_, at_).offset < text_.size())
            fail_syntax();
        return {std::move(file_), std::move(tables_)};
    }

  private:
    struct open_container {
        std::uint32_t node;
        std::uint32_t last_child = source_ref::nowhere;
    };

    json_expectation expectation() const {
        if (has_key_)
            return json_expectation::colon;
        if (open_.empty())
            return tables_.nodes.empty() ? json_expectation::root : json_expectation::end_of_text;
        const bool is_empty = open_.back().last_child == source_ref::nowhere;
        if (tables_.nodes[open_.back().node].kind == json_kind::array)
            return is_empty ? json_expectation::element_or_end : json_expectation::comma_or_end_array;
        return is_empty ? json_expectation::key_or_end : json_expectation::comma_or_end_object;
    }

    void go_to_token() {
        at_ = skip_white_space(text_, at_);
        while (text_[at_.offset] == ',' || text_[at_.offset] == ':')
            at_ = skip_white_space(text_, advance(at_, 1));
    }

    void skip_number() { at_ = advance(at_, end_of_number(text_, at_.offset) - at_.offset); }
    void skip_string() { at_ = advance(at_, end_of_string(text_, at_.offset) - at_.offset); }

    json_tables::node& add(json_kind kind) {
        go_to_token();
        if (tables_.nodes.size() == limits_.values)
            fail(at_, "more than " + std::to_string(limits_.values) + " values in one file",
                 "expected a smaller file");

        const auto number = static_cast<std::uint32_t>(tables_.nodes.size());
        json_tables::node& node = tables_.nodes.emplace_back();
        node.kind = kind;
        node.line = at_.line;
        node.column = at_.column;
        if (!open_.empty())
            attach(number, node);
        return node;
    }

    void attach(std::uint32_t number, json_tables::node& node) {
        open_container& owner = open_.back();
        json_tables::span& children = tables_.nodes[owner.node].content;
        node.parent = owner.node;
        node.slot = has_key_ ? static_cast<std::uint32_t>(tables_.names.size() - 1) : children.size;
        has_key_ = false;
        if (children.size++ == 0)
            children.offset = number;
        else
            tables_.nodes[owner.last_child].next = number;
        owner.last_child = number;
    }

    void open(json_kind kind) {
        go_to_token();
        if (open_.size() == limits_.depth)
            fail(at_, "arrays and objects are nested more than " + std::to_string(limits_.depth) + " deep",
                 "expected at most " + std::to_string(limits_.depth) + " levels");
        add(kind);
        open_.push_back({static_cast<std::uint32_t>(tables_.nodes.size() - 1)});
        at_ = advance(at_, 1);
    }

    void close() {
        at_ = advance(skip_white_space(text_, at_), 1);
        open_.pop_back();
    }

    json_tables::span store(std::string_view value, std::string_view what) {
        if (value.size() > limits_.string_bytes)
            fail(at_,
                 std::string(what) + ' ' + quoted(value) + " has " + std::to_string(value.size()) + " bytes",
                 "expected at most " + size_text(limits_.string_bytes));
        const json_tables::span span = {static_cast<std::uint32_t>(tables_.text.size()),
                                        static_cast<std::uint32_t>(value.size())};
        tables_.text += value;
        return span;
    }

    std::string_view name_text(std::uint32_t name) const {
        const json_tables::span s = tables_.names[name].text;
        return std::string_view(tables_.text).substr(s.offset, s.size);
    }

    // Sorts the keys of the object that ends here, which bounds the work whatever the keys are, and finds the
    // first in the file that had been there before.
    void refuse_duplicate_keys() {
        members_.clear();
        const json_tables::span children = tables_.nodes[open_.back().node].content;
        for (std::uint32_t m = children.offset; members_.size() < children.size; m = tables_.nodes[m].next)
            members_.push_back(m);
        const auto text = [this](std::uint32_t member) { return name_text(tables_.nodes[member].slot); };
        std::sort(members_.begin(), members_.end(), [&](std::uint32_t a, std::uint32_t b) {
            const int order = text(a).compare(text(b));
            return order != 0 ? order < 0 : a < b;
        });

        std::optional<std::pair<std::uint32_t, std::uint32_t>> first;
        for (std::size_t i = 1; i < members_.size(); ++i)
            if (text(members_[i - 1]) == text(members_[i]) && (!first || members_[i] < first->second))
                first = {members_[i - 1], members_[i]};
        if (first)
            fail_duplicate(first->first, first->second);
    }

    [[noreturn]] void fail_duplicate(std::uint32_t before, std::uint32_t again) {
        const json_tables::name there = tables_.names[tables_.nodes[before].slot];
        std::string message = "the key " + quoted(name_text(tables_.nodes[again].slot)) +
                              " stands here again, after line " + std::to_string(there.line) + ", column " +
                              std::to_string(there.column);
        const document so_far(file_, std::move(tables_));
        throw input_error({so_far.place_of_key({again}), std::move(message), "expected each key once"});
    }

    [[noreturn]] void fail_syntax() {
        syntax_problem problem = explain_syntax(text_, at_, expectation());
        if (problem.where.offset >= text_.size() && !open_.empty()) {
            const json_tables::node& last = tables_.nodes[open_.back().node];
            problem.hint += "; '" + std::string(last.kind == json_kind::object ? "{" : "[") + "' of line " +
                            std::to_string(last.line) + ", column " + std::to_string(last.column) +
                            " is not closed";
        }
        fail(problem.where, std::move(problem.message), std::move(problem.hint));
    }

    // The value that says best what was being read: the member whose key is known, else the innermost
    // container.
    source_ref being_read() {
        if (!has_key_)
            return open_.empty() ? source_ref{} : source_ref{open_.back().node};
        const auto number = static_cast<std::uint32_t>(tables_.nodes.size());
        attach(number, tables_.nodes.emplace_back());
        return {number};
    }

    [[noreturn]] void fail(text_position where, std::string message, std::string hint) {
        const source_ref value = being_read();
        const document so_far(std::move(file_), std::move(tables_));
        throw input_error({{so_far.file(), where.line, where.column, so_far.pointer_to(value)},
                           std::move(message),
                           std::move(hint)});
    }

    std::string_view text_;
    std::string file_;
    const json_limits& limits_;
    json_tables tables_;
    std::vector<open_container> open_;
    std::vector<std::uint32_t> members_; // kept for its memory
    text_position at_;
    bool has_key_ = false; // a key was read, its value was not
};

void refuse_other_encodings(std::string_view text, const std::string& file) {
    const auto fail = [&](const char* found) {
        throw input_error({{file, 1, 1, {}}, found, "expected UTF-8 without a byte order mark"});
    };
    if (text.starts_with("\xef\xbb\xbf"))
        fail("the text begins with a byte order mark");
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        fail("the text is UTF-16 or UTF-32");
}

document read_document(std::string_view text, std::string file, const json_limits& limits) {
    if (text.size() > limits.bytes)
        throw input_error({{file, 0, 0, {}},
                           "the text has " + std::to_string(text.size()) + " bytes",
                           "expected at most " + size_text(limits.bytes)});
    refuse_other_encodings(text, file);

    tree_builder builder(text, std::move(file), limits);
    json::sax_parse(text.data(), text.data() + text.size(), &builder);
    return builder.finish();
}

} // namespace

result<document> parse_json(std::string_view text, std::string file_name, const json_limits& limits) {
    return as_result([&] { return read_document(text, std::move(file_name), limits); });
}

} // namespace seccomp_sim::scenario

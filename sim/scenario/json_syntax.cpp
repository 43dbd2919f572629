// Says in words what is wrong with a JSON text at the place where the parser gave up.
#include "sim/scenario/json_syntax.hpp"

#include "seccomp_sim/diagnostic.hpp"
#include "sim/scenario/nearest_name.hpp"
#include "sim/scenario/utf8.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace seccomp_sim::scenario {

namespace {

constexpr std::size_t shown_digits = 24;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string_view word_at(std::string_view text, std::size_t begin) {
    std::size_t end = begin;
    while (end < text.size() && is_word(text[end]))
        ++end;
    return text.substr(begin, end - begin);
}

// The character there, as it can stand in a message: '}' or "the byte 0x00".
std::string character_at(std::string_view text, std::size_t offset) {
    const utf8_character c = first_character(text.substr(offset));
    if (c.valid && c.code >= 0x20 && c.code != 0x7f) {
        if (c.code == '\'' || c.code == '"' || c.code == '\\')
            return c.code == '\'' ? "a single quote" : c.code == '"' ? "a double quote" : "a backslash";
        std::string shown = quoted(text.substr(offset, c.size));
        shown.front() = shown.back() = '\'';
        return shown;
    }
    const auto byte = static_cast<unsigned char>(text[offset]);
    constexpr std::string_view digits = "0123456789abcdef";
    return std::string("the byte 0x") + digits[byte >> 4] + digits[byte & 0xf] +
           (c.valid ? "" : ", which is not UTF-8");
}

// What is expected where only a value, or the other alternatives, may stand.
enum class wanted {
    root,
    end_of_text,
    value,
    value_or_end,
    key,
    key_or_end,
    colon,
    comma_or_brace,
    comma_or_bracket
};

std::string_view name_of(wanted what) {
    switch (what) {
    case wanted::root:
        return "a JSON text";
    case wanted::end_of_text:
        return "nothing after the end of the JSON text";
    case wanted::value:
        return "a value";
    case wanted::value_or_end:
        return "a value or ']'";
    case wanted::key:
        return "a key in double quotes";
    case wanted::key_or_end:
        return "a key in double quotes or '}'";
    case wanted::colon:
        return "':' and the value of the key";
    case wanted::comma_or_brace:
        return "',' or '}'";
    case wanted::comma_or_bracket:
        return "',' or ']'";
    }
    return {};
}

bool takes_value(wanted what) {
    return what == wanted::root || what == wanted::value || what == wanted::value_or_end;
}

bool takes_key(wanted what) {
    return what == wanted::key || what == wanted::key_or_end;
}

wanted wanted_by(json_expectation expected) {
    switch (expected) {
    case json_expectation::root:
        return wanted::root;
    case json_expectation::end_of_text:
        return wanted::end_of_text;
    case json_expectation::element_or_end:
        return wanted::value_or_end;
    case json_expectation::comma_or_end_array:
        return wanted::comma_or_bracket;
    case json_expectation::key_or_end:
        return wanted::key_or_end;
    case json_expectation::colon:
        return wanted::colon;
    case json_expectation::comma_or_end_object:
        return wanted::comma_or_brace;
    }
    return wanted::root;
}

// What is wanted once the separator `c` was read; the same if it is none that fits.
wanted after_separator(wanted what, char c) {
    if (what == wanted::colon && c == ':')
        return wanted::value;
    if (what == wanted::comma_or_brace && c == ',')
        return wanted::key;
    if (what == wanted::comma_or_bracket && c == ',')
        return wanted::value;
    return what;
}

syntax_problem explain_escape(std::string_view text, text_position at) {
    const std::string_view rest = text.substr(at.offset);
    if (rest.size() < 2)
        return {at, "the string is not closed", "expected '\"'"};
    if (rest[1] != 'u')
        return {at, "a backslash before " + character_at(text, at.offset + 1) + " in a string",
                R"(expected \" \\ \/ \b \f \n \r \t or \u and four hex digits)"};
    const std::string_view digits = rest.substr(2, 4);
    if (digits.size() < 4 || !std::all_of(digits.begin(), digits.end(), is_hex))
        return {at, "\\u without four hex digits in a string", "expected for example \\u00e9"};
    return {at, "half of a surrogate pair in a string",
            "expected two escapes, \\ud800 to \\udbff and then \\udc00 to \\udfff"};
}

// Whether a \u escape is half a surrogate pair; whole pairs are skipped by the caller.
bool is_good_escape(std::string_view rest, std::size_t& size) {
    constexpr std::string_view simple = "\"\\/bfnrt";
    if (rest.size() < 2)
        return false;
    size = 2;
    if (rest[1] != 'u')
        return simple.find(rest[1]) != std::string_view::npos;

    const auto unit = [&](std::size_t begin) -> std::optional<unsigned> {
        if (rest.size() < begin + 6 || rest[begin] != '\\' || rest[begin + 1] != 'u')
            return std::nullopt;
        unsigned value = 0;
        for (char c : rest.substr(begin + 2, 4)) {
            if (!is_hex(c))
                return std::nullopt;
            value = value * 16 + static_cast<unsigned>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
        }
        return value;
    };
    const auto high = unit(0);
    size = 6;
    if (!high || (*high >= 0xdc00 && *high <= 0xdfff))
        return false;
    if (*high < 0xd800 || *high > 0xdbff)
        return true;
    const auto low = unit(6);
    size = 12;
    return low && *low >= 0xdc00 && *low <= 0xdfff;
}

// The first thing that is wrong inside the string that begins at `at`.
syntax_problem explain_string(std::string_view text, const text_position at) {
    std::size_t i = at.offset + 1;
    while (i < text.size() && text[i] != '"') {
        const text_position here = advance(at, i - at.offset);
        const utf8_character c = first_character(text.substr(i));
        std::size_t size = c.size;
        if (!c.valid)
            return {here, character_at(text, i) + ", in a string", "expected UTF-8"};
        if (c.code == '\n' || c.code == '\r')
            return {at, "the string is not closed at the end of its line",
                    R"(expected '"', or \n for a line end)"};
        if (c.code < 0x20)
            return {here, character_at(text, i) + " in a string",
                    R"(expected an escape such as \t or \u0000)"};
        if (c.code == '\\' && !is_good_escape(text.substr(i), size))
            return explain_escape(text, here);
        i += size;
    }
    return {at, "the string is not closed", "expected '\"'"};
}

syntax_problem explain_number(std::string_view text, text_position at) {
    const std::size_t end = end_of_number(text, at.offset);
    const std::string_view number = text.substr(at.offset, end - at.offset);
    if (const auto word = word_at(text, end); number == "-" && !word.empty())
        return {at, quoted("-" + std::string(word)) + " is no number that JSON knows",
                "expected a finite number"};
    if (!is_digit(number.back())) {
        const std::string after = number.size() == 1 ? "'-'" : "the number " + shown_number(number);
        return {at, after + " has no digit at its end", "expected a digit"};
    }
    return {at, "the number " + shown_number(number) + " is too large", "expected at most about 1.8e308"};
}

syntax_problem explain_word(std::string_view text, text_position at, wanted what) {
    const std::string_view word = word_at(text, at.offset);
    if (takes_key(what))
        return {at, "the key " + quoted(word) + " without quotes", "expected double quotes around it"};
    if (!takes_value(what))
        return {at, "found the word " + quoted(word), hint_text(name_of(what), {})};
    if (word == "NaN" || word == "nan" || word == "Infinity" || word == "inf")
        return {at, quoted(word) + " is no number that JSON knows", "expected a finite number"};
    constexpr std::array<std::string_view, 3> literals = {"true", "false", "null"};
    if (word == "None" || word == "undefined" || word == "nil")
        return {at, "found the word " + quoted(word), hint_text(name_of(what), "null")};
    if (const auto nearest = nearest_name(word, literals))
        return {at, "found the word " + quoted(word), hint_text(name_of(what), *nearest)};
    return {at, "found the word " + quoted(word),
            "expected " + std::string(name_of(what)) + "; strings stand in double quotes"};
}

std::optional<syntax_problem> explain_foreign(std::string_view text, text_position at) {
    const char c = text[at.offset];
    const char before = at.offset == 0 ? ' ' : text[at.offset - 1];
    const char after = at.offset + 1 < text.size() ? text[at.offset + 1] : ' ';
    if (before == '0' && is_digit(c))
        return {{at, "a number with a leading 0", "expected a number without it"}};
    if (before == '0' && (c == 'x' || c == 'X'))
        return {{at, "a hexadecimal number, which JSON does not have", "expected a decimal number"}};
    if (c == '#' || (c == '/' && (after == '/' || after == '*')))
        return {{at, "a comment, which JSON does not have", "expected the comment to be left out"}};
    if (c == '+' && is_digit(after))
        return {{at, "a number with a leading '+'", "expected a number without it"}};
    if (c == '.' && is_digit(after))
        return {{at, "a number that begins with '.'", "expected a digit before it"}};
    return std::nullopt;
}

} // namespace

text_position skip_white_space(std::string_view text, text_position at) {
    while (at.offset < text.size()) {
        const char c = text[at.offset];
        if (c == '\n')
            at = {at.offset + 1, at.line + 1, 1};
        else if (c == ' ' || c == '\t' || c == '\r')
            at = advance(at, 1);
        else
            break;
    }
    return at;
}

text_position advance(text_position at, std::size_t count) {
    return {at.offset + count, at.line, at.column + static_cast<std::uint32_t>(count)};
}

std::size_t end_of_number(std::string_view text, std::size_t begin) {
    std::size_t i = begin;
    const auto at = [&](std::size_t k) { return k < text.size() ? text[k] : ' '; };
    const auto digits = [&] {
        while (is_digit(at(i)))
            ++i;
    };
    if (at(i) == '-')
        ++i;
    if (at(i) == '0')
        ++i;
    else
        digits();
    if (at(i) == '.') {
        ++i;
        digits();
        if (!is_digit(text[i - 1]))
            return i;
    }
    if (is_digit(at(i - 1)) && (at(i) == 'e' || at(i) == 'E')) {
        ++i;
        if (at(i) == '+' || at(i) == '-')
            ++i;
        digits();
    }
    return i;
}

std::size_t end_of_string(std::string_view text, std::size_t begin) {
    std::size_t i = begin + 1;
    while (text[i] != '"')
        i += text[i] == '\\' ? 2 : 1;
    return i + 1;
}

std::string shown_number(std::string_view digits) {
    if (digits.size() <= shown_digits)
        return std::string(digits);
    return std::string(digits.substr(0, shown_digits)) + "...";
}

syntax_problem explain_syntax(std::string_view text, text_position at, json_expectation expected) {
    wanted what = wanted_by(expected);
    bool after_comma = false;
    at = skip_white_space(text, at);
    if (at.offset < text.size()) {
        const wanted then = after_separator(what, text[at.offset]);
        if (then != what) {
            after_comma = text[at.offset] == ',';
            what = then;
            at = skip_white_space(text, advance(at, 1));
        }
    }

    if (at.offset >= text.size())
        return {at, what == wanted::root ? "there is nothing in it" : "the text ends too early",
                hint_text(name_of(what), {})};

    const char c = text[at.offset];
    if (c == '"' && (takes_value(what) || takes_key(what)))
        return explain_string(text, at);
    if ((c == '-' || is_digit(c)) && takes_value(what))
        return explain_number(text, at);
    if (auto foreign = explain_foreign(text, at))
        return *foreign;
    if (is_word(c) && !is_digit(c))
        return explain_word(text, at, what);
    if (after_comma && (c == '}' || c == ']'))
        return {at, std::string("found '") + c + "' after a comma",
                std::string("expected ") + (c == '}' ? "another member" : "another value") + " or no comma"};
    if (c == '\'' && (takes_value(what) || takes_key(what)))
        return {at, "a string in single quotes", "expected double quotes"};
    if (c == '"')
        return {at, "found a string", hint_text(name_of(what), {})};
    if (is_digit(c) || c == '-')
        return {at, "found a number", hint_text(name_of(what), {})};
    return {at, "found " + character_at(text, at.offset), hint_text(name_of(what), {})};
}

} // namespace seccomp_sim::scenario

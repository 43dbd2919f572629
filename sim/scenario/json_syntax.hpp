// Says in words what is wrong with a JSON text at the place where the parser gave up.
// The parser only knows that a token does not fit; the mistakes that people make (a comma too many, single
// quotes, comments, NaN, a raw line end in a string) are told apart here by looking at the text again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace seccomp_sim::scenario {

/// A position in a text, with its line and column.
struct text_position {
    std::size_t offset = 0;
    std::uint32_t line = 1;
    std::uint32_t column = 1;

    bool operator==(const text_position&) const = default;
};

/// Goes over white space.
text_position skip_white_space(std::string_view text, text_position at);
/// Goes over `count` bytes that are no line ends.
text_position advance(text_position at, std::size_t count);
/// The end of the number that begins at `begin`, by the grammar of JSON.
std::size_t end_of_number(std::string_view text, std::size_t begin);
/// The end of the string whose opening quote is at `begin`, past its closing quote; the string is whole.
std::size_t end_of_string(std::string_view text, std::size_t begin);

/// The digits of a number as a message shows them: cut when there are many.
std::string shown_number(std::string_view digits);

/// What may follow the last thing that was read.
enum class json_expectation {
    root,                ///< the one value of a text
    end_of_text,         ///< nothing, after that value
    element_or_end,      ///< after '['
    comma_or_end_array,  ///< after an element
    key_or_end,          ///< after '{'
    colon,               ///< after a key
    comma_or_end_object, ///< after a member
};

struct syntax_problem {
    text_position where;
    std::string message;
    std::string hint;
};

/// `at` is just behind the last thing that was understood.
syntax_problem explain_syntax(std::string_view text, text_position at, json_expectation expected);

} // namespace seccomp_sim::scenario

// Takes text apart into UTF-8 characters, strictly (RFC 3629: no surrogates, no overlong forms).
#pragma once

#include <cstddef>
#include <string_view>

namespace seccomp_sim::scenario {

/// One character of a text. Where the bytes are not UTF-8, `valid` is false and `size` is 1.
struct utf8_character {
    char32_t code = 0;
    std::size_t size = 1;
    bool valid = false;
};

/// The character that a text, which must not be empty, begins with.
utf8_character first_character(std::string_view text);

} // namespace seccomp_sim::scenario

// What is told to a user whose input cannot be used: where, what was found, and what would have done.
// A diagnostic is a value and never an exception at a public function; the program prints it as one
// line and exits with code 2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace seccomp_sim {

/// A place in an input. What is not known is left empty or 0: a missing file has no line, an error of the
/// command line has no file.
struct place {
    std::string file;         ///< as the user named it; "-" is standard input
    std::uint32_t line = 0;   ///< from 1; 0 when the whole file is meant
    std::uint32_t column = 0; ///< from 1, counted in bytes (as compilers and most editors' "goto" do)
    std::string pointer;      ///< JSON pointer (RFC 6901) of the value; empty for the root

    bool operator==(const place&) const = default;
};

/// One mistake in an input.
struct diagnostic {
    place where;
    std::string message; ///< what is wrong and what was found; a clause without a full stop
    std::string hint;    ///< what was expected, or `did you mean "x"?`; may be empty

    bool operator==(const diagnostic&) const = default;
};

/// `file:line:column: /json/pointer: message; hint`, without a line end and always one line: control
/// characters, direction overrides and invalid UTF-8 are shown as escapes, and the names inside a long
/// pointer are cut. Parts that are not known are left out.
std::string to_text(const diagnostic& what);

/// Text that a user wrote, fit to stand inside a message: in double quotes, escaped, and cut after
/// `limit` characters (the cut is shown as "...").
std::string quoted(std::string_view text, std::size_t limit = 60);

/// The two usual hints, joined as `expected X; did you mean "Y"?`. Either may be empty.
std::string hint_text(std::string_view expected, std::string_view nearest);

} // namespace seccomp_sim

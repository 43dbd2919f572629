// Diagnostics as text: one line each, whatever bytes the user's input holds.
// Stands behind include/seccomp_sim/diagnostic.hpp.
#include "seccomp_sim/diagnostic.hpp"

#include "sim/scenario/utf8.hpp"

#include <algorithm>

namespace seccomp_sim {

namespace {

using scenario::utf8_character;

constexpr std::size_t longest_pointer_segment = 48;

// Characters that would break the line, hide text or turn its direction.
bool would_mislead(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xe0000 && c <= 0xe007f);
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        out += "0123456789abcdef"[(value >> shift) & 0xf];
}

void append_escape(std::string& out, char32_t c) {
    if (c == '\n') {
        out += "\\n";
    } else if (c == '\t') {
        out += "\\t";
    } else if (c == '\r') {
        out += "\\r";
    } else if (c > 0xffff) {
        out += "\\U";
        append_hex(out, c, 8);
    } else {
        out += "\\u";
        append_hex(out, c, 4);
    }
}

enum class quoting { none, in_quotes };

// Appends at most `limit` characters of `text` so that they can be read on a terminal.
void append_readable(std::string& out, std::string_view text, quoting how, std::size_t limit) {
    std::size_t count = 0;
    while (!text.empty()) {
        if (count++ == limit) {
            out += "...";
            return;
        }
        const utf8_character c = scenario::first_character(text);
        if (!c.valid) {
            out += "\\x";
            append_hex(out, static_cast<unsigned char>(text.front()), 2);
        } else if (would_mislead(c.code)) {
            append_escape(out, c.code);
        } else {
            if (how == quoting::in_quotes && (c.code == '"' || c.code == '\\'))
                out += '\\';
            out += text.substr(0, c.size);
        }
        text.remove_prefix(c.size);
    }
}

void append_line(std::string& out, std::string_view text) {
    append_readable(out, text, quoting::none, std::string_view::npos);
}

void append_pointer(std::string& out, std::string_view pointer) {
    while (!pointer.empty()) {
        const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
        append_readable(out, pointer.substr(0, end), quoting::none, longest_pointer_segment);
        pointer.remove_prefix(end);
    }
}

} // namespace

std::string to_text(const diagnostic& what) {
    std::string out;
    if (!what.where.file.empty()) {
        append_line(out, what.where.file == "-" ? "<stdin>" : what.where.file);
        if (what.where.line != 0)
            out += ':' + std::to_string(what.where.line) + ':' + std::to_string(what.where.column);
        out += ": ";
    }
    if (!what.where.pointer.empty()) {
        append_pointer(out, what.where.pointer);
        out += ": ";
    }
    append_line(out, what.message);
    if (!what.hint.empty()) {
        out += "; ";
        append_line(out, what.hint);
    }
    return out;
}

std::string quoted(std::string_view text, std::size_t limit) {
    std::string out = "\"";
    append_readable(out, text, quoting::in_quotes, limit);
    return out += '"';
}

std::string hint_text(std::string_view expected, std::string_view nearest) {
    std::string out;
    if (!expected.empty())
        out = "expected " + std::string(expected);
    if (!nearest.empty())
        out += (out.empty() ? "" : "; ") + ("did you mean " + quoted(nearest)) + "?";
    return out;
}

} // namespace seccomp_sim

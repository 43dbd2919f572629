// Takes text apart into UTF-8 characters, by table 3-7 of the Unicode standard: what the second byte may
// be depends on the first.
#include "sim/scenario/utf8.hpp"

namespace seccomp_sim::scenario {

namespace {

struct lead {
    std::size_t size;
    unsigned char second_low;
    unsigned char second_high;
};

lead lead_of(unsigned char byte) {
    if (byte >= 0xc2 && byte <= 0xdf)
        return {2, 0x80, 0xbf};
    if (byte >= 0xe0 && byte <= 0xef)
        return {3, static_cast<unsigned char>(byte == 0xe0 ? 0xa0 : 0x80),
                static_cast<unsigned char>(byte == 0xed ? 0x9f : 0xbf)};
    if (byte >= 0xf0 && byte <= 0xf4)
        return {4, static_cast<unsigned char>(byte == 0xf0 ? 0x90 : 0x80),
                static_cast<unsigned char>(byte == 0xf4 ? 0x8f : 0xbf)};
    return {0, 0, 0};
}

} // namespace

utf8_character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x80)
        return {byte(0), 1, true};

    const lead first = lead_of(byte(0));
    if (first.size == 0 || text.size() < first.size)
        return {};
    if (byte(1) < first.second_low || byte(1) > first.second_high)
        return {};
    char32_t code = byte(0) & (0xffu >> (first.size + 1));
    code = code << 6 | (byte(1) & 0x3fu);
    for (std::size_t i = 2; i < first.size; ++i) {
        if ((byte(i) & 0xc0u) != 0x80u)
            return {};
        code = code << 6 | (byte(i) & 0x3fu);
    }
    return {code, first.size, true};
}

} // namespace seccomp_sim::scenario

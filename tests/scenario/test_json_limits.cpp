// Absurd texts are refused at once, each with a message that names the limit.
#include "sim/scenario/json_parse.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

std::string repeated(std::string_view part, std::size_t times) {
    std::string text;
    text.reserve(part.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        text += part;
    return text;
}

std::string nested(std::size_t depth) {
    return repeated("[", depth) + repeated("]", depth);
}

std::string told_of(std::string_view text, const json_limits& limits = {}) {
    const auto doc = parse_json(text, "f", limits);
    return doc ? "no error" : to_text(doc.error());
}

} // namespace

TEST_CASE("nesting is bounded", "[json][limits]") {
    CHECK(parse_json(nested(64), "f"));
    CHECK_THAT(told_of(nested(65)), Catch::StartsWith("f:1:65: /0/0") &&
                                        Catch::EndsWith(": arrays and objects are nested more than 64 deep; "
                                                        "expected at most 64 levels"));
    CHECK(told_of("{\"a\":{\"b\":[]}}", {.depth = 2}) ==
          "f:1:11: /a/b: arrays and objects are nested more than 2 deep; expected at most 2 levels");
}

TEST_CASE("a million levels are refused within a second and without recursion", "[json][limits]") {
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(parse_json(repeated("[", 1'000'000), "f"));
    CHECK_FALSE(parse_json(repeated("{\"a\":", 1'000'000), "f"));
    CHECK_FALSE(parse_json(nested(1'000'000), "f"));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
}

TEST_CASE("the number of values is bounded", "[json][limits]") {
    CHECK(told_of("[1,2,3]", {.values = 4}) == "no error");
    CHECK(told_of("[1,2,\n[]]", {.values = 3}) ==
          "f:2:1: more than 3 values in one file; expected a smaller file");
}

TEST_CASE("the length of strings and keys is bounded", "[json][limits]") {
    CHECK(told_of("[\"abcd\"]", {.string_bytes = 4}) == "no error");
    CHECK(told_of("{\"k\":\"abcde\"}", {.string_bytes = 4}) ==
          "f:1:6: /k: the string \"abcde\" has 5 bytes; expected at most 4 bytes");
    CHECK(told_of("[{\"abcde\":1}]", {.string_bytes = 4}) ==
          "f:1:3: /0: the key \"abcde\" has 5 bytes; expected at most 4 bytes");
    const std::string told = told_of('"' + std::string((1 << 20) + 1, 'x') + '"');
    CHECK_THAT(told, Catch::EndsWith("\" has 1048577 bytes; expected at most 1 MiB"));
    CHECK(told.size() < 200);
}

TEST_CASE("the length of the text is bounded", "[json][limits]") {
    CHECK(told_of("[1]", {.bytes = 2}) == "f: the text has 3 bytes; expected at most 2 bytes");
}

TEST_CASE("a wide document is read and let go in linear time", "[json][limits]") {
    const std::string text = '[' + repeated("{\"k\":[]},", 300'000) + "{}]";
    const auto start = std::chrono::steady_clock::now();
    {
        const auto doc = parse_json(text, "f");
        REQUIRE(doc);
        CHECK(doc->node_count() == 600'002);
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

// What is told of a text that is no JSON: one message for each mistake that people make, at its place.
#include "sim/scenario/json_parse.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;
using namespace std::string_literals;

namespace {

std::string told_of(std::string_view text) {
    const auto doc = parse_json(text, "f");
    return doc ? "no error" : to_text(doc.error());
}

} // namespace

TEST_CASE("texts that end too early", "[json][syntax]") {
    CHECK(told_of("") == "f:1:1: there is nothing in it; expected a JSON text");
    CHECK(told_of(" \n\n ") == "f:3:2: there is nothing in it; expected a JSON text");
    CHECK(told_of("{") == "f:1:2: the text ends too early; expected a key in double quotes or '}'; "
                          "'{' of line 1, column 1 is not closed");
    CHECK(told_of("[1,\n[2,\n3\n") == "f:4:1: /1: the text ends too early; expected ',' or ']'; "
                                      "'[' of line 2, column 1 is not closed");
    CHECK(told_of("{\"a\"") == "f:1:5: /a: the text ends too early; expected ':' and the value of the key; "
                               "'{' of line 1, column 1 is not closed");
    CHECK(told_of("[\"ab") == "f:1:2: the string is not closed; expected '\"'");
}

TEST_CASE("separators that are missing or too many", "[json][syntax]") {
    CHECK(told_of("{\"a\":1,}") == "f:1:8: found '}' after a comma; expected another member or no comma");
    CHECK(told_of("[1,\n]") == "f:2:1: found ']' after a comma; expected another value or no comma");
    CHECK(told_of("[1,,2]") == "f:1:4: found ','; expected a value");
    CHECK(told_of("[1 2]") == "f:1:4: found a number; expected ',' or ']'");
    CHECK(told_of("{\"s\":[{\"a\":1 \"b\":2}]}") == "f:1:14: /s/0: found a string; expected ',' or '}'");
    CHECK(told_of("{\"a\" 1}") == "f:1:6: /a: found a number; expected ':' and the value of the key");
    CHECK(told_of("{\"a\"=1}") == "f:1:5: /a: found '='; expected ':' and the value of the key");
    CHECK(told_of("{\"a\":}") == "f:1:6: /a: found '}'; expected a value");
    CHECK(told_of("{\"a\":[1,2}") == "f:1:10: /a: found '}'; expected ',' or ']'");
    CHECK(told_of("[}") == "f:1:2: found '}'; expected a value or ']'");
    CHECK(told_of("]") == "f:1:1: found ']'; expected a JSON text");
    CHECK(told_of("{,}") == "f:1:2: found ','; expected a key in double quotes or '}'");
    CHECK(told_of("{1:2}") == "f:1:2: found a number; expected a key in double quotes or '}'");
}

TEST_CASE("something behind the end", "[json][syntax]") {
    CHECK(told_of("{}\n{}") == "f:2:1: found '{'; expected nothing after the end of the JSON text");
    CHECK(told_of("{}x") == "f:1:3: found the word \"x\"; expected nothing after the end of the JSON text");
    CHECK(told_of("1 2") == "f:1:3: found a number; expected nothing after the end of the JSON text");
    CHECK(told_of("{}\0"s) == "f:1:3: found the byte 0x00; expected nothing after the end of the JSON text");
    CHECK(told_of("{}\0{}"s) ==
          "f:1:3: found the byte 0x00; expected nothing after the end of the JSON text");
}

TEST_CASE("what other languages allow", "[json][syntax]") {
    CHECK(told_of("{a:1}") == "f:1:2: the key \"a\" without quotes; expected double quotes around it");
    CHECK(told_of("{'a':1}") == "f:1:2: a string in single quotes; expected double quotes");
    CHECK(told_of("[1] // c") ==
          "f:1:5: a comment, which JSON does not have; expected the comment to be left out");
    CHECK(told_of("/* c */ []") ==
          "f:1:1: a comment, which JSON does not have; expected the comment to be left out");
    CHECK(told_of("[#c\n]") ==
          "f:1:2: a comment, which JSON does not have; expected the comment to be left out");
    CHECK(told_of("[None]") ==
          "f:1:2: found the word \"None\"; expected a value or ']'; did you mean \"null\"?");
    CHECK(told_of("[True]") ==
          "f:1:2: found the word \"True\"; expected a value or ']'; did you mean \"true\"?");
    CHECK(told_of("[1, flase]") ==
          "f:1:5: found the word \"flase\"; expected a value; did you mean \"false\"?");
    CHECK(told_of("[fork]") ==
          "f:1:2: found the word \"fork\"; expected a value or ']'; strings stand in double quotes");
}

TEST_CASE("numbers that JSON does not know", "[json][syntax]") {
    CHECK(told_of("[NaN]") == "f:1:2: \"NaN\" is no number that JSON knows; expected a finite number");
    CHECK(told_of("[-Infinity]") ==
          "f:1:2: \"-Infinity\" is no number that JSON knows; expected a finite number");
    CHECK(told_of("[01]") == "f:1:3: a number with a leading 0; expected a number without it");
    CHECK(told_of("[0x1F]") ==
          "f:1:3: a hexadecimal number, which JSON does not have; expected a decimal number");
    CHECK(told_of("[+1]") == "f:1:2: a number with a leading '+'; expected a number without it");
    CHECK(told_of("[.5]") == "f:1:2: a number that begins with '.'; expected a digit before it");
    CHECK(told_of("[5.]") == "f:1:2: the number 5. has no digit at its end; expected a digit");
    CHECK(told_of("[5e+]") == "f:1:2: the number 5e+ has no digit at its end; expected a digit");
    CHECK(told_of("[-]") == "f:1:2: '-' has no digit at its end; expected a digit");
    CHECK(told_of("[1,1e999]") == "f:1:4: the number 1e999 is too large; expected at most about 1.8e308");
}

TEST_CASE("integers that 64 bits cannot hold", "[json][syntax]") {
    const std::string hint =
        " does not fit into 64 bits; expected -9223372036854775808 to 18446744073709551615";
    CHECK(told_of("{\"n\": 1000000000000000000000000000000}") ==
          "f:1:7: /n: the integer 100000000000000000000000..." + hint);
    CHECK(told_of("18446744073709551616") == "f:1:1: the integer 18446744073709551616" + hint);
    CHECK(told_of("-9223372036854775809") == "f:1:1: the integer -9223372036854775809" + hint);
}

TEST_CASE("strings that are broken", "[json][syntax]") {
    CHECK(told_of("[\"a\nb\"]") ==
          "f:1:2: the string is not closed at the end of its line; expected '\"', or \\n for a line end");
    CHECK(told_of("[\"a\tb\"]") ==
          "f:1:4: the byte 0x09 in a string; expected an escape such as \\t or \\u0000");
    CHECK(told_of("[\"a\0b\"]"s) ==
          "f:1:4: the byte 0x00 in a string; expected an escape such as \\t or \\u0000");
    CHECK(told_of(R"(["\q"])") == "f:1:3: a backslash before 'q' in a string; expected "
                                  R"(\" \\ \/ \b \f \n \r \t or \u and four hex digits)");
    CHECK(told_of(R"(["ab\u12"])") ==
          "f:1:5: \\u without four hex digits in a string; expected for example \\u00e9");
    const std::string half = "half of a surrogate pair in a string; expected two escapes, \\ud800 to \\udbff "
                             "and then \\udc00 to \\udfff";
    CHECK(told_of(R"(["\ud800"])") == "f:1:3: " + half);
    CHECK(told_of(R"(["\udc00"])") == "f:1:3: " + half);
    CHECK(told_of(R"(["\ud83d\ude00\ud800\u0041"])") == "f:1:15: " + half);
}

TEST_CASE("texts that are not UTF-8", "[json][syntax]") {
    CHECK(told_of("[\"\xff\"]") == "f:1:3: the byte 0xff, which is not UTF-8, in a string; expected UTF-8");
    CHECK(told_of("{\"\xc3(\":1}") ==
          "f:1:3: the byte 0xc3, which is not UTF-8, in a string; expected UTF-8");
    CHECK(told_of("[\"\xed\xa0\x80\"]") ==
          "f:1:3: the byte 0xed, which is not UTF-8, in a string; expected UTF-8");
    CHECK(told_of("[\x80]") == "f:1:2: found the byte 0x80, which is not UTF-8; expected a value or ']'");
    CHECK(told_of("\xc3\xa9") == "f:1:1: found '\xc3\xa9'; expected a JSON text");
    CHECK(told_of("\xef\xbb\xbf{}") ==
          "f:1:1: the text begins with a byte order mark; expected UTF-8 without a byte order mark");
    CHECK(told_of("\xff\xfe{\0}\0"s) ==
          "f:1:1: the text is UTF-16 or UTF-32; expected UTF-8 without a byte order mark");
}

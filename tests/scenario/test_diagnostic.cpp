// A diagnostic is one readable line, whatever bytes a user's input holds.
#include "seccomp_sim/diagnostic.hpp"
#include "seccomp_sim/result.hpp"
#include "sim/scenario/utf8.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

#include <algorithm>

using namespace seccomp_sim;

namespace {

bool is_readable_line(std::string_view text) {
    while (!text.empty()) {
        const scenario::utf8_character c = scenario::first_character(text);
        if (!c.valid || c.code < 0x20 || (c.code >= 0x7f && c.code < 0xa0))
            return false;
        text.remove_prefix(c.size);
    }
    return true;
}

} // namespace

TEST_CASE("a diagnostic names file, line, column, pointer, message and hint", "[diagnostic]") {
    CHECK(to_text({{"a.json", 3, 7, "/steps/0"}, "unknown key", "did you mean \"do\"?"}) ==
          "a.json:3:7: /steps/0: unknown key; did you mean \"do\"?");
}

TEST_CASE("a diagnostic leaves out what is not known", "[diagnostic]") {
    CHECK(to_text({{"a.json", 0, 0, {}}, "is a directory", {}}) == "a.json: is a directory");
    CHECK(to_text({{}, "no file given", "expected one"}) == "no file given; expected one");
    CHECK(to_text({{"-", 1, 2, {}}, "found ']'", {}}) == "<stdin>:1:2: found ']'");
}

TEST_CASE("a diagnostic stays one line", "[diagnostic]") {
    CHECK(to_text({{"a\nb.json", 1, 1, "/x\ty"}, "m\r", "\x1b[31m"}) ==
          "a\\nb.json:1:1: /x\\ty: m\\r; \\u001b[31m");
    CHECK(to_text({{"\xff.json", 0, 0, {}}, "\xc2\x85 \xe2\x80\xae \xe2\x80\xa8", {}}) ==
          "\\xff.json: \\u0085 \\u202e \\u2028");
    CHECK(to_text({{"f", 0, 0, {}}, "\xf3\xa0\x80\xa1", {}}) == "f: \\U000e0021");
}

TEST_CASE("long names in a pointer are cut, each on its own", "[diagnostic]") {
    const std::string name(100'000, 'n');
    const std::string text = to_text({{"f", 1, 1, "/filters/" + name + "/steps/0"}, "m", {}});
    CHECK(text == "f:1:1: /filters/" + std::string(47, 'n') + ".../steps/0: m");
}

TEST_CASE("quoted text is escaped and cut by characters", "[diagnostic]") {
    CHECK(quoted("") == "\"\"");
    CHECK(quoted("say \"a\\b\"") == R"("say \"a\\b\"")");
    CHECK(quoted(std::string_view("a\0b", 3)) == R"("a\u0000b")");
    CHECK(quoted("h\xc3\xa9") == "\"h\xc3\xa9\"");
    CHECK(quoted("\xc3\xa9\xc3\xa9\xc3\xa9", 2) == "\"\xc3\xa9\xc3\xa9...\"");
    CHECK(quoted("abc", 3) == "\"abc\"");
}

TEST_CASE("a hint joins what was expected and the nearest name", "[diagnostic]") {
    CHECK(hint_text({}, {}).empty());
    CHECK(hint_text("a string", {}) == "expected a string");
    CHECK(hint_text({}, "fork") == "did you mean \"fork\"?");
    CHECK(hint_text("a step", "fork") == "expected a step; did you mean \"fork\"?");
}

TEST_CASE("no bytes break the line", "[diagnostic][property]") {
    rc::prop("a diagnostic of random bytes is readable", [](const std::string& a, const std::string& b) {
        RC_ASSERT(is_readable_line(to_text({{a, 1, 1, b}, b, a})));
        RC_ASSERT(is_readable_line(quoted(a)));
    });
}

TEST_CASE("UTF-8 is read strictly", "[utf8]") {
    using scenario::first_character;
    const auto code = [](std::string_view text) { return first_character(text).code; };
    CHECK(code("A") == U'A');
    CHECK(code("\xc3\xa9") == U'\u00e9');
    CHECK(code("\xe2\x82\xac") == U'\u20ac');
    CHECK(code("\xf0\x9f\x98\x80") == U'\U0001f600');
    CHECK(code("\xf4\x8f\xbf\xbf") == U'\U0010ffff');
    CHECK(first_character(std::string_view("\0", 1)).valid);

    for (std::string_view bad :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
          "\xe2\x82(", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
        CHECK_FALSE(first_character(bad).valid);
        CHECK(first_character(bad).size == 1);
    }
}

TEST_CASE("a result is a value or a diagnostic", "[result]") {
    const result<int> good = 5;
    REQUIRE(good);
    CHECK(*good == 5);
    CHECK_THROWS_AS(good.error(), std::bad_variant_access);

    const result<int> bad = diagnostic{{}, "no", {}};
    REQUIRE_FALSE(bad);
    CHECK(bad.error().message == "no");
    CHECK_THROWS_AS(bad.value(), std::bad_variant_access);

    CHECK(result<void>());
    CHECK(result<void>(diagnostic{{}, "no", {}}).error().message == "no");
}

// Reading members says what is wrong with a value, where it is, and what would have done.
#include "sim/scenario/json_fields.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/json_parse.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <functional>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

enum class colour { red, green };
constexpr std::array<enum_name<colour>, 2> colours = {{{"red", colour::red}, {"green", colour::green}}};

document parsed(std::string_view text) {
    auto doc = parse_json(text, "f");
    if (!doc)
        FAIL(to_text(doc.error()));
    return std::move(*doc);
}

// What a user is told when `read` is let loose on the object in `text`.
std::string told(std::string_view text, const std::function<void(object_reader&)>& read) {
    const document doc = parsed(text);
    const auto outcome = as_result([&] {
        object_reader reader(doc, doc.root(), "a step");
        read(reader);
        reader.finish();
    });
    return outcome ? "no error" : to_text(outcome.error());
}

} // namespace

TEST_CASE("members are read as what they are", "[fields]") {
    const document doc = parsed(R"({"task":"w","n":-3,"big":18446744073709551615,"yes":true,
                                    "flags":["A","B"],"steps":[1,2],"colour":"green","expect":{"x":1}})");
    object_reader r(doc, doc.root(), "a step");
    CHECK(r.required_string("task") == "w");
    CHECK(r.optional_string("missing", "none") == "none");
    CHECK(r.required_integer("n", -5, 5) == -3);
    CHECK(r.optional_integer("m", 7, 0, 9) == 7);
    CHECK(r.optional_unsigned("big", 0) == 18446744073709551615U);
    CHECK(r.optional_boolean("yes", false));
    CHECK(r.optional_boolean("no", false) == false);
    CHECK(r.required_enum("colour", colours) == colour::green);
    CHECK(r.optional_enum("paint", colour::red, colours) == colour::red);

    const auto flags = r.strings("flags");
    REQUIRE(flags.size() == 2);
    CHECK(flags[1].text == "B");
    CHECK(place_of(doc, flags[1].where).pointer == "/flags/1");
    CHECK(r.strings("none").empty());

    std::int64_t sum = 0;
    for (source_ref element : r.elements("steps"))
        sum += integer_at(doc, element, 0, 9);
    CHECK(sum == 3);
    for (source_ref element : r.elements("nothing"))
        FAIL("an element of nothing: " << element.node);

    object_reader expect(doc, r.child("expect"), "an expectation");
    CHECK(expect.required_integer("x", 1, 1) == 1);
    CHECK_FALSE(r.child("nobody"));
    CHECK_NOTHROW(expect.finish());
    CHECK_NOTHROW(r.finish());
}

TEST_CASE("an unknown key is told at its place, with the nearest", "[fields]") {
    const auto read = [](object_reader& r) {
        r.required_string("task");
        r.optional("listener");
    };
    CHECK(told("{\"task\":\"w\",\n  \"listner\": 1}", read) ==
          "f:2:3: /listner: unknown key \"listner\" in a step; expected \"task\" or \"listener\"; "
          "did you mean \"listener\"?");
    CHECK(told(R"({"task":"w","zz":1})", read) ==
          "f:1:13: /zz: unknown key \"zz\" in a step; expected \"task\" or \"listener\"");
    CHECK(told(R"({"":1,"task":"w"})", read) ==
          "f:1:2: /: unknown key \"\" in a step; expected \"task\" or \"listener\"");
    CHECK(told(R"({"task":"w"})", read) == "no error");
}

TEST_CASE("asking twice for a key does not hide an unknown one", "[fields]") {
    CHECK(told(R"({"a":1,"b":2})", [](object_reader& r) {
              r.optional("a");
              r.optional("a");
          }) == "f:1:8: /b: unknown key \"b\" in a step; expected \"a\"");
    CHECK(told("{\"x\":1}", [](object_reader&) {}) == "f:1:2: /x: unknown key \"x\" in a step");
}

TEST_CASE("a missing key is told at its object", "[fields]") {
    const auto read = [](object_reader& r) { r.required_string("filter"); };
    CHECK(told("\n {}", read) == "f:2:2: a step lacks \"filter\"; expected a string");
    CHECK(told(R"({"fitler":"x"})", read) ==
          "f:1:1: a step lacks \"filter\"; expected a string; is \"fitler\" a slip for it?");
    CHECK(told("{}", [](object_reader& r) { r.required("for"); }) == "f:1:1: a step lacks \"for\"");
}

TEST_CASE("a value of the wrong kind is described", "[fields]") {
    CHECK(told(R"({"task": [1]})", [](object_reader& r) { r.required_string("task"); }) ==
          "f:1:10: /task: \"task\" is an array of 1; expected a string");
    CHECK(told(R"({"task": null})", [](object_reader& r) { r.optional_string("task"); }) ==
          "f:1:10: /task: \"task\" is null; expected a string");
    CHECK(told(R"({"yes": "true"})", [](object_reader& r) { r.optional_boolean("yes", false); }) ==
          "f:1:9: /yes: \"yes\" is the string \"true\"; expected true or false");
    CHECK(told(R"({"flags": "A"})", [](object_reader& r) { r.strings("flags"); }) ==
          "f:1:11: /flags: \"flags\" is the string \"A\"; expected an array of strings");
    CHECK(told(R"({"flags": ["A", 5]})", [](object_reader& r) { r.strings("flags"); }) ==
          "f:1:17: /flags/1: found the number 5; expected a string");
    CHECK(told(R"({"steps": {}})", [](object_reader& r) { r.elements("steps"); }) ==
          "f:1:11: /steps: \"steps\" is an empty object; expected an array");
    CHECK(told("[]", [](object_reader&) {}) ==
          "f:1:1: found an empty array; expected a step, which is an object");
}

TEST_CASE("an integer out of range is told the range", "[fields]") {
    const auto read = [](object_reader& r) { r.optional_integer("n", 1, 1, 1'000'000); };
    const std::string hint = "; expected an integer from 1 to 1000000";
    CHECK(told(R"({"n": 1000000})", read) == "no error");
    CHECK(told(R"({"n": 1000000000})", read) == "f:1:7: /n: \"n\" is the number 1000000000" + hint);
    CHECK(told(R"({"n": 0})", read) == "f:1:7: /n: \"n\" is the number 0" + hint);
    CHECK(told(R"({"n": 18446744073709551615})", read) ==
          "f:1:7: /n: \"n\" is the number 18446744073709551615" + hint);
    CHECK(told(R"({"n": 1.5})", read) == "f:1:7: /n: \"n\" is the number 1.5" + hint);
    CHECK(told(R"({"n": "5"})", read) == "f:1:7: /n: \"n\" is the string \"5\"" + hint);
    CHECK(told(R"({"n": -1})", [](object_reader& r) { r.optional_unsigned("n", 0, 7); }) ==
          "f:1:7: /n: \"n\" is the number -1; expected an integer from 0 to 7");
    CHECK(told(R"({"n": 8})", [](object_reader& r) { r.optional_unsigned("n", 0, 7); }) ==
          "f:1:7: /n: \"n\" is the number 8; expected an integer from 0 to 7");
}

TEST_CASE("an unknown name is told the valid ones and the nearest", "[fields]") {
    const auto read = [](object_reader& r) { r.required_enum("colour", colours); };
    CHECK(told(R"({"colour": "gren"})", read) ==
          "f:1:12: /colour: \"gren\" is no colour; expected \"red\" or \"green\"; did you mean \"green\"?");
    CHECK(told(R"({"colour": "blue"})", read) ==
          "f:1:12: /colour: \"blue\" is no colour; expected \"red\" or \"green\"");
    CHECK(told(R"({"colour": 7})", read) == "f:1:12: /colour: \"colour\" is the number 7; expected a string");
}

TEST_CASE("many valid names are listed only when none is near", "[fields]") {
    std::vector<std::string> names;
    for (int i = 100; i < 200; ++i)
        names.push_back("name" + std::to_string(i));
    const std::vector<std::string_view> valid(names.begin(), names.end());
    const auto told_of = [&](std::string_view text, std::span<const std::string_view> known) {
        const document doc = parsed(text);
        return to_text(as_result([&] { name_index_at(doc, doc.root(), known, "task"); }).error());
    };
    CHECK(told_of("\"nmae150\"", valid) == "f:1:1: \"nmae150\" is no task; did you mean \"name150\"?");
    const std::string all = told_of("\"x\"", valid);
    CHECK_THAT(all, Catch::StartsWith("f:1:1: \"x\" is no task; expected \"name100\", \"name101\"") &&
                        Catch::EndsWith("\"name163\", ..."));
    CHECK(told_of("\"x\"", {}) == "f:1:1: \"x\" is no task; there is none");
    const document doc = parsed("\"name107\"");
    CHECK(name_index_at(doc, doc.root(), valid, "task") == 7);
}

TEST_CASE("what a message quotes is bounded and escaped", "[fields]") {
    const std::string text = R"({"task": ")" + std::string(1 << 20, 'x') + R"("})";
    CHECK(told(text, [](object_reader& r) { r.required_integer("task", 0, 1); }).size() < 250);
    CHECK(told("{\"a\\u001b[31m\\n\":1}", [](object_reader&) {}) ==
          "f:1:2: /a\\u001b[31m\\n: unknown key \"a\\u001b[31m\\n\" in a step");
}

TEST_CASE("as_result lets other exceptions through", "[fields]") {
    CHECK(*as_result([] { return 3; }) == 3);
    CHECK_THROWS_AS(as_result([]() -> int { throw std::runtime_error("x"); }), std::runtime_error);
}

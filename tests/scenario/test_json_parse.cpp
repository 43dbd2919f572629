// A parsed text gives each value its kind, its content and its place.
#include "sim/scenario/json_parse.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <rapidcheck/catch.h>

#include <cstdint>
#include <limits>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

document parsed(std::string_view text) {
    auto doc = parse_json(text, "f.json");
    if (!doc)
        FAIL(to_text(doc.error()));
    return std::move(*doc);
}

place at(std::uint32_t line, std::uint32_t column, std::string pointer) {
    return {"f.json", line, column, std::move(pointer)};
}

} // namespace

TEST_CASE("scalars of each kind", "[json]") {
    CHECK(parsed("null").kind({0}) == json_kind::null);
    CHECK(parsed("true").boolean({0}));
    CHECK_FALSE(parsed("false").boolean({0}));
    CHECK(parsed("1.5e1").real({0}) == 15.0);
    CHECK(parsed("1.0").kind({0}) == json_kind::real);
    CHECK(parsed("\"\"").string({0}).empty());
    CHECK(parsed(R"("a\u0000\ud83d\ude00\n")").string({0}) == std::string_view("a\0\xf0\x9f\x98\x80\n", 7));
}

TEST_CASE("integers keep all 64 bits, of either sign", "[json]") {
    CHECK(parsed("0").to_int64({0}) == 0);
    CHECK(parsed("-0").to_uint64({0}) == 0U);
    CHECK(parsed("-1").to_int64({0}) == -1);
    CHECK(parsed("-1").to_uint64({0}) == std::nullopt);
    CHECK(parsed("9223372036854775807").to_int64({0}) == std::numeric_limits<std::int64_t>::max());
    CHECK(parsed("9223372036854775808").to_int64({0}) == std::nullopt);
    CHECK(parsed("-9223372036854775808").to_int64({0}) == std::numeric_limits<std::int64_t>::min());
    CHECK(parsed("18446744073709551615").to_uint64({0}) == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("members and elements in file order", "[json]") {
    const document doc = parsed(R"({"z": [1, 2, 3], "a": {}, "m": []})");
    std::vector<std::string_view> keys;
    for (source_ref member : doc.children(doc.root()))
        keys.push_back(doc.key(member));
    CHECK(keys == std::vector<std::string_view>{"z", "a", "m"});
    CHECK(doc.size(doc.root()) == 3);
    CHECK(doc.node_count() == 7);

    const source_ref numbers = doc.find(doc.root(), "z");
    std::vector<std::int64_t> values;
    for (source_ref element : doc.children(numbers))
        values.push_back(doc.to_int64(element).value());
    CHECK(values == std::vector<std::int64_t>{1, 2, 3});

    CHECK_FALSE(doc.find(doc.root(), "y"));
    CHECK_FALSE(doc.first(doc.find(doc.root(), "a")));
    CHECK(doc.is_member(numbers));
    CHECK_FALSE(doc.is_member(doc.first(numbers)));
    CHECK_FALSE(doc.is_member(doc.root()));
}

TEST_CASE("each value and key knows its place", "[json]") {
    const document doc = parsed(
        "\n{ \"steps\" :\r\n\t[ {\"do\": \"fork\"} , -12.5e3,true,[null] ],\n\"\xc3\xa9\": 1,\"x\":2}\n\n");
    const source_ref steps = doc.find(doc.root(), "steps");
    CHECK(doc.place_of(doc.root()) == at(2, 1, ""));
    CHECK(doc.place_of_key(steps) == at(2, 3, "/steps"));
    CHECK(doc.place_of(steps) == at(3, 2, "/steps"));

    const source_ref step = doc.first(steps);
    const source_ref op = doc.first(step);
    CHECK(doc.place_of(step) == at(3, 4, "/steps/0"));
    CHECK(doc.place_of_key(op) == at(3, 5, "/steps/0/do"));
    CHECK(doc.place_of(op) == at(3, 11, "/steps/0/do"));

    const source_ref number = doc.next(step);
    CHECK(doc.place_of(number) == at(3, 21, "/steps/1"));
    CHECK(doc.place_of(doc.next(number)) == at(3, 29, "/steps/2"));
    CHECK(doc.place_of(doc.first(doc.next(doc.next(number)))) == at(3, 35, "/steps/3/0"));
    // Columns count bytes: the key before has one character in two of them.
    CHECK(doc.place_of(doc.find(doc.root(), "\xc3\xa9")) == at(4, 7, "/\xc3\xa9"));
    CHECK(doc.place_of_key(doc.find(doc.root(), "x")) == at(4, 9, "/x"));

    CHECK(place_of(doc, source_ref{}) == at(0, 0, ""));
}

TEST_CASE("pointers escape as RFC 6901 says", "[json]") {
    const document doc = parsed(R"({"a/b": {"~": {"": 1}}})");
    CHECK(doc.pointer_to({3}) == "/a~1b/~0/");
}

TEST_CASE("a value describes itself", "[json]") {
    const auto told = [](std::string_view text) { return parsed(text).describe({0}); };
    CHECK(told("null") == "null");
    CHECK(told("true") == "true");
    CHECK(told("-7") == "the number -7");
    CHECK(told("18446744073709551615") == "the number 18446744073709551615");
    CHECK(told("1e2") == "the number 100");
    CHECK(told("0.1") == "the number 0.1");
    CHECK(told(R"("a\nb")") == R"(the string "a\nb")");
    CHECK(told("[]") == "an empty array");
    CHECK(told("[1,2]") == "an array of 2");
    CHECK(told("{}") == "an empty object");
    CHECK(told("{\"a\":1}") == "an object");
}

TEST_CASE("a key that stands twice is refused with both places", "[json]") {
    const auto message = [](std::string_view text) { return to_text(parse_json(text, "f.json").error()); };
    CHECK(message("{\"a\": 1,\n \"b\": {\"a\": 2},\n \"a\": 3}") ==
          "f.json:3:2: /a: the key \"a\" stands here again, after line 1, column 2; expected each key once");
    // The escape hides nothing; of several, the first in the file is told.
    CHECK(
        message(R"([{"x":0,"b":1,"\u0062":2,"x":3,"b":4}])") ==
        "f.json:1:15: /0/b: the key \"b\" stands here again, after line 1, column 9; expected each key once");
    CHECK(parse_json(R"([{"a":1},{"a":1}])", "f.json"));
    CHECK(parse_json(R"({"a":1,"A":1})", "f.json"));
}

TEST_CASE("a document can be copied and moved", "[json]") {
    document doc = parsed(R"({"a": ["x"]})");
    const document copy = doc;
    const document moved = std::move(doc);
    CHECK(copy.string({2}) == "x");
    CHECK(moved.pointer_to({2}) == "/a/0");
}

namespace {

// A random JSON text, with white space, in which `tokens` notes where each value begins in file order.
struct text_writer {
    std::string text;
    std::vector<std::size_t> values;

    void blank() { text += *rc::gen::element<std::string>("", " ", "\n", "\r\n\t", "  "); }

    void value(int depth) {
        blank();
        values.push_back(text.size());
        switch (*rc::gen::inRange(0, depth == 0 ? 4 : 6)) {
        case 0:
            text += *rc::gen::element<std::string>("null", "true", "false");
            break;
        case 1:
            text += std::to_string(*rc::gen::arbitrary<std::int64_t>());
            break;
        case 2:
            text += *rc::gen::element<std::string>("0.5", "-1e3", "2E-7", "-0", "-0.0e+1");
            break;
        case 3:
            text += *rc::gen::element<std::string>(R"("")", R"("\"],:")", R"("\\")", "\"\xc3\xa9\"",
                                                   R"("\u00e9")");
            break;
        case 4:
            list('[', ']', depth, false);
            break;
        default:
            list('{', '}', depth, true);
            break;
        }
        blank();
    }

    void list(char open, char close, int depth, bool with_keys) {
        text += open;
        const int size = *rc::gen::inRange(0, 4);
        for (int i = 0; i < size; ++i) {
            if (i > 0)
                text += ',';
            blank();
            if (with_keys) {
                text += "\"k" + std::to_string(i) + "\"";
                blank();
                text += ':';
            }
            value(depth - 1);
        }
        if (size == 0)
            blank();
        text += close;
    }
};

std::size_t offset_of(std::string_view text, const place& where) {
    std::size_t offset = 0;
    for (std::uint32_t line = 1; line < where.line; ++line)
        offset = text.find('\n', offset) + 1;
    return offset + where.column - 1;
}

} // namespace

TEST_CASE("places and pointers hold for any text", "[json][property]") {
    rc::prop("each value is where its place says, and what its pointer names", [] {
        text_writer writer;
        writer.value(4);
        const auto doc = parse_json(writer.text, "f.json");
        RC_ASSERT(doc.has_value());
        const auto whole = nlohmann::json::parse(writer.text);

        RC_ASSERT(doc->node_count() == writer.values.size());
        for (std::uint32_t i = 0; i < doc->node_count(); ++i) {
            RC_ASSERT(offset_of(writer.text, doc->place_of({i})) == writer.values[i]);
            const auto& same = whole.at(nlohmann::json::json_pointer(doc->pointer_to({i})));
            RC_ASSERT(same.is_object() == (doc->kind({i}) == json_kind::object));
            if (same.is_string())
                RC_ASSERT(same.get<std::string>() == doc->string({i}));
            if (same.is_number_integer())
                RC_ASSERT(same.get<std::int64_t>() == doc->to_int64({i}));
        }
    });
}

TEST_CASE("damaged texts are refused at a place inside them", "[json][property]") {
    rc::prop("a text with a few bytes changed is what nlohmann says, or has a place", [] {
        text_writer writer;
        writer.value(3);
        std::string& text = writer.text;
        for (int changes = *rc::gen::inRange(1, 4); changes > 0 && !text.empty(); --changes) {
            const auto where = *rc::gen::inRange<std::size_t>(0, text.size());
            if (*rc::gen::arbitrary<bool>())
                text.erase(where, 1);
            else
                text[where] =
                    *rc::gen::oneOf(rc::gen::arbitrary<char>(), rc::gen::element('"', ',', '\\', '{', ']'));
        }
        const auto doc = parse_json(text, "f.json");
        if (doc) {
            RC_ASSERT(nlohmann::json::accept(text));
        } else {
            const place where = doc.error().where;
            RC_ASSERT(where.line >= 1U);
            RC_ASSERT(offset_of(text, where) <= text.size());
            RC_ASSERT(!doc.error().message.empty());
        }
    });
}

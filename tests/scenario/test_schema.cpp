// The JSON Schema knows what the reader knows.
#include "sim/scenario/schema.hpp"

#include "sim/scenario/expectation_table.hpp"
#include "sim/scenario/operation_table.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace seccomp_sim::scenario;
using nlohmann::json;

namespace {

json schema() {
    return json::parse(scenario_schema());
}

// Fails at a "$ref" that leads nowhere, or at anything that is no schema.
void check_references(const json& root, const json& value) {
    if (value.is_object() && value.contains("$ref")) {
        const std::string target = value["$ref"];
        INFO(target);
        REQUIRE(target.starts_with('#'));
        CHECK(root.contains(json::json_pointer(target.substr(1))));
    }
    if (value.is_structured())
        for (const json& child : value)
            check_references(root, child);
}

} // namespace

TEST_CASE("each operation has its members in the schema", "[schema]") {
    const json calls = schema()["$defs"]["call"]["allOf"];
    REQUIRE(calls.size() == all_operations().size());
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const operation_row& row = *all_operations()[i];
        INFO(row.name);
        CHECK(calls[i]["if"]["properties"]["do"]["const"] == row.name);
        const json& then = calls[i]["then"];
        CHECK(then["additionalProperties"] == false);
        for (const argument& a : row.arguments) {
            INFO(a.key);
            REQUIRE(then["properties"].contains(std::string(a.key)));
            const json& required = then["required"];
            CHECK((std::find(required.begin(), required.end(), a.key) != required.end()) == a.required);
        }
    }
}

TEST_CASE("each expectation is in the schema", "[schema]") {
    const json known = schema()["$defs"]["expectation"]["properties"];
    CHECK(known.size() == expectation_rows().size());
    for (const expectation_row& row : expectation_rows())
        CHECK(known.contains(std::string(row.key)));
}

TEST_CASE("the schema is whole", "[schema]") {
    const json whole = schema();
    CHECK(whole["$schema"] == "https://json-schema.org/draft/2020-12/schema");
    CHECK(whole["required"] == json({"schema", "name", "steps"}));
    check_references(whole, whole);
    CHECK(scenario_schema() == scenario_schema());
}

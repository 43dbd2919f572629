// Makes the JSON Schema out of the tables of operations, flags and expectations.
#include "sim/scenario/schema.hpp"

#include "seccomp_sim/errno_name.hpp"
#include "seccomp_sim/revision.hpp"
#include "seccomp_sim/violation.hpp"
#include "sim/scenario/expectation_table.hpp"
#include "sim/scenario/operation_table.hpp"
#include "sim/scenario/signal_name.hpp"
#include "sim/scenario/system_call_name.hpp"

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <string_view>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view name_pattern = "^[A-Za-z_][A-Za-z0-9_.#{}-]*$";

json reference(std::string_view definition) {
    return {{"$ref", "#/$defs/" + std::string(definition)}};
}

json any_of(std::initializer_list<json> schemas) {
    return {{"anyOf", json(schemas)}};
}

json array_of(json items) {
    return {{"type", "array"}, {"items", std::move(items)}};
}

json map_of(json values) {
    return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}

json described(json schema, std::string_view meaning) {
    schema["description"] = std::string(meaning);
    return schema;
}

json object_of(json properties, std::initializer_list<std::string_view> required) {
    json schema = {{"type", "object"}, {"properties", std::move(properties)}};
    for (const std::string_view key : required)
        schema["required"].push_back(key);
    schema["additionalProperties"] = false;
    return schema;
}

template <class List>
json words_of(const List& names) {
    json schema;
    for (const auto& entry : names)
        schema["enum"].push_back(std::string(entry.name));
    return schema;
}

// The short names first: an editor offers them in this order.
json words_of_set(const name_set& set) {
    json schema = words_of(set.names);
    for (const std::string_view prefix : {set.prefix, set.other_prefix})
        if (!prefix.empty())
            for (const named_bits& entry : set.names)
                schema["enum"].push_back(std::string(prefix) + std::string(entry.name));
    return schema;
}

json integer_between(std::int64_t lowest, std::int64_t highest) {
    json schema = {{"type", "integer"}};
    if (lowest != std::numeric_limits<std::int64_t>::min())
        schema["minimum"] = lowest;
    if (highest != std::numeric_limits<std::int64_t>::max())
        schema["maximum"] = highest;
    return schema;
}

json bits_as_number() {
    return integer_between(0, 0xffff'ffff);
}

json schema_of_type(const argument& a) {
    switch (a.type) {
    case argument_type::task:
    case argument_type::task_or_any:
    case argument_type::new_task:
    case argument_type::fd:
    case argument_type::new_fd:
    case argument_type::filter:
    case argument_type::new_filter:
    case argument_type::notification:
    case argument_type::new_notification:
        return reference("name");
    case argument_type::integer:
        return integer_between(a.lowest, a.highest);
    case argument_type::boolean:
        return {{"type", "boolean"}};
    case argument_type::word:
        return words_of_set(*a.names);
    case argument_type::word_or_integer:
        return any_of({words_of_set(*a.names), bits_as_number()});
    case argument_type::words:
        return array_of(words_of_set(*a.names));
    case argument_type::words_or_integer:
        return any_of({array_of(words_of_set(*a.names)), bits_as_number()});
    case argument_type::signal:
        return reference("signal");
    case argument_type::signals:
        return array_of(reference("signal"));
    case argument_type::error:
        return any_of({reference("errno"), {{"type", "integer"}}});
    case argument_type::system_call:
        return reference("system_call");
    case argument_type::arguments: {
        json schema = array_of({{"type", "integer"}});
        schema["maxItems"] = 6;
        return schema;
    }
    case argument_type::polled:
        return map_of(array_of(words_of_set(poll_names)));
    case argument_type::reported:
        return map_of(reference("events"));
    }
    return {};
}

json fallback_of(const argument& a) {
    if (a.type == argument_type::boolean)
        return *a.fallback != 0;
    if (a.type == argument_type::word)
        for (const named_bits& entry : a.names->names)
            if (entry.value == *a.fallback)
                return std::string(entry.name);
    return *a.fallback;
}

// The members that every step may have.
json common_members() {
    return {{"note", described({{"type", "string"}}, "For whoever reads the scenario or its run.")},
            {"at", described({{"type", "string"}, {"maxLength", 64}}, "A name for the step, used by --at.")},
            {"on", described(reference("constraint"), "The step happens on these kernels only.")}};
}

json call_schema(const operation_row& row) {
    json properties = {{"task", described(reference("name"), "Who makes the call.")},
                       {"do", {{"const", std::string(row.name)}}}};
    json required = {"task", "do"};
    for (const argument& a : row.arguments) {
        json schema = described(schema_of_type(a), a.meaning);
        if (a.fallback && a.type != argument_type::signal)
            schema["default"] = fallback_of(a);
        properties[std::string(a.key)] = std::move(schema);
        if (a.required)
            required.push_back(std::string(a.key));
    }
    if (row.special == macro::none)
        properties["returns"] = described(reference("outcome"), "What the call should come to.");
    properties.update(common_members());
    json schema = object_of(std::move(properties), {});
    schema["required"] = std::move(required);
    return schema;
}

// One condition for each "do", so that an editor knows a step's keys as soon as it knows the verb.
json calls() {
    json verbs;
    json conditions = json::array();
    for (const operation_row* row : all_operations()) {
        verbs.push_back({{"const", std::string(row->name)}, {"description", std::string(row->meaning)}});
        conditions.push_back(
            {{"if", {{"properties", {{"do", {{"const", std::string(row->name)}}}}}, {"required", {"do"}}}},
             {"then", call_schema(*row)}});
    }
    return {{"type", "object"},
            {"properties", {{"task", reference("name")}, {"do", {{"oneOf", std::move(verbs)}}}}},
            {"required", {"task", "do"}},
            {"allOf", std::move(conditions)}};
}

json expectation() {
    json properties = json::object();
    for (const expectation_row& row : expectation_rows())
        properties[std::string(row.key)] = described(json::parse(row.schema), row.meaning);
    json schema = object_of(std::move(properties), {});
    schema["minProperties"] = 1;
    return schema;
}

json steps() {
    json expect = {{"expect", described(reference("expectation"), "What should be so at this point.")}};
    expect.update(common_members());

    json branch = array_of(reference("call"));
    branch["minItems"] = 1;
    json block = {
        {"concurrently", described(array_of(std::move(branch)), "Branches of calls, made at the same time.")},
        {"schedule", described(array_of({{"type", "string"}, {"pattern", "^[^ ]+: (start|[^ ]+/[^ ]+)$"}}),
                               "Who goes on when: \"task: label\" lets the task run until it has passed the "
                               "label, \"task: start\" until it has taken the first step of a call; "
                               "everybody else stands still.")},
        {"seed", described(integer_between(0, std::numeric_limits<std::int64_t>::max()),
                           "Chooses the schedule where none is given.")}};
    block.update(common_members());

    json repeated = array_of(reference("step"));
    repeated["minItems"] = 1;
    json repeat = {{"repeat", described(integer_between(1, 1'000'000), "How often.")},
                   {"as", described({{"type", "string"}, {"pattern", "^[A-Za-z_]{1,16}$"}},
                                    "The variable: \"{i}\" in any string inside is replaced by 1, 2, ...")},
                   {"steps", std::move(repeated)},
                   {"note", {{"type", "string"}}},
                   {"on", reference("constraint")}};

    const auto if_has = [](std::string_view key, json then) {
        return json{{"if", {{"required", {std::string(key)}}}}, {"then", std::move(then)}};
    };
    return {{"type", "object"},
            {"oneOf",
             {{{"required", {"do"}}},
              {{"required", {"expect"}}},
              {{"required", {"concurrently"}}},
              {{"required", {"repeat"}}}}},
            {"allOf",
             {if_has("do", reference("call")), if_has("expect", object_of(std::move(expect), {"expect"})),
              if_has("concurrently", object_of(std::move(block), {"concurrently"})),
              if_has("repeat", object_of(std::move(repeat), {"repeat", "as", "steps"}))}}};
}

json filter() {
    const json comment = {{"type", "string"}};
    json instruction = array_of(bits_as_number());
    instruction["minItems"] = instruction["maxItems"] = 4;
    return any_of(
        {described({{"type", "string"}}, "The path of a profile, relative to the scenario."),
         described(object_of({{"file", {{"type", "string"}}}, {"comment", comment}}, {"file"}),
                   "A profile in a file, relative to the scenario."),
         described(object_of({{"bpf", array_of(std::move(instruction))}, {"comment", comment}}, {"bpf"}),
                   "A classic BPF program: [code, jt, jf, k] for each instruction."),
         described(object_of({{"allow", integer_between(0, 0xffff)}, {"comment", comment}}, {"allow"}),
                   "A program of so many instructions that allows everything."),
         described({{"type", "object"}, {"required", {"defaultAction"}}}, "An OCI linux.seccomp object."),
         described({{"type", "object"}, {"required", {"linux"}}}, "A whole OCI config.json.")});
}

json definitions() {
    const json simple_outcome = any_of({{{"type", "integer"}},
                                        {{"enum", {"ok", "blocks", "dies"}}},
                                        reference("errno"),
                                        described(reference("name"), "A task's pid, or an fd's number.")});
    json presets;
    for (const preset& p : all_presets())
        presets.push_back(">=" + std::string(p.name));
    presets.push_back("release=exit");
    const json constraint = {{"type", "string"}, {"examples", std::move(presets)}};
    json errnos;
    for (const std::string_view errno_word : errno_names())
        errnos["enum"].push_back(std::string(errno_word));
    json system_calls;
    for (const std::string_view call : system_call_names())
        system_calls["enum"].push_back(std::string(call));
    json signals;
    for (const std::string_view signal : signal_names())
        signals.push_back(std::string(signal));
    for (const std::string_view signal : signal_names())
        signals.push_back(std::string(signal.substr(3)));
    json invariant_words = words_of(invariants);

    return {
        {"name", {{"type", "string"}, {"pattern", std::string(name_pattern)}}},
        {"names", array_of(reference("name"))},
        {"constraint",
         described(
             any_of({constraint, array_of(constraint)}),
             "Terms joined by blanks all hold; of an array any. A term is a preset, <, <=, >, >=, == or != "
             "and a preset, or CHOICE=VALUE or CHOICE!=VALUE.")},
        {"errno", std::move(errnos)},
        {"signal", any_of({{{"enum", std::move(signals)}}, integer_between(1, last_signal)})},
        {"system_call", std::move(system_calls)},
        {"events", array_of(words_of_set(reported_names))},
        {"condition", words_of(task_conditions())},
        {"notification_state", words_of(notification_states())},
        {"invariant", std::move(invariant_words)},
        {"outcome", any_of({simple_outcome, map_of(simple_outcome)})},
        {"filter", filter()},
        {"expectation", expectation()},
        {"call", calls()},
        {"step", steps()}};
}

json choices() {
    json properties = json::object();
    for (const choice& c : all_choices())
        properties[std::string(c.name)] = described(words_of(c.values), c.summary);
    return object_of(std::move(properties), {});
}

json top_members() {
    return {{"$schema", described({{"type", "string"}}, "Where an editor finds this schema.")},
            {"schema", {{"const", "seccomp-sim/scenario/1"}}},
            {"name", {{"type", "string"}, {"pattern", "^[a-z0-9._-]{1,100}$"}}},
            {"summary", described({{"type", "string"}}, "What the scenario shows, in a sentence.")},
            {"source", described({{"type", "string"}}, "What it was made after: a test, a report, a patch.")},
            {"note", {{"type", "string"}}},
            {"on", described(reference("constraint"), "The kernels that the scenario is for.")},
            {"set", described(choices(), "Choices on top of the kernel it runs on.")},
            {"seed", described(integer_between(0, std::numeric_limits<std::int64_t>::max()),
                               "For blocks without a schedule and a seed of their own.")},
            {"violates", described(any_of({reference("invariant"), map_of(reference("invariant"))}),
                                   "The invariant that a run should break.")},
            {"live_kernel", described(object_of({{"skip", {{"type", "string"}, {"minLength", 1}}}}, {"skip"}),
                                      "Why it is not compared with a real kernel.")},
            {"filters", described(map_of(reference("filter")), "The filters that steps install, by name.")},
            {"steps", {{"type", "array"}, {"minItems", 1}, {"items", reference("step")}}}};
}

} // namespace

std::string scenario_schema() {
    json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                   {"title", "A scenario for seccomp-sim"}};
    schema.update(object_of(top_members(), {"schema", "name", "steps"}));
    schema["$defs"] = definitions();
    return schema.dump(2) + "\n";
}

} // namespace seccomp_sim::scenario

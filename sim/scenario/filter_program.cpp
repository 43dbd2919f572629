// From a filter's text to its program.
#include "sim/scenario/filter_program.hpp"

#include "sim/scenario/filter_rules.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/input_file.hpp"
#include "sim/scenario/json_fields.hpp"
#include "sim/scenario/json_parse.hpp"

#include <array>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

// What fits in the length of a struct sock_fprog. A kernel refuses more than 4096, which is its errno.
constexpr std::size_t most_instructions = 0xffff;

sock_filter read_instruction(const document& doc, source_ref value) {
    constexpr std::array<std::uint64_t, 4> highest = {0xffff, 0xff, 0xff, 0xffffffff};
    constexpr std::string_view expected = "an instruction, [code, jt, jf, k]";
    std::array<std::uint64_t, 4> fields{};
    std::size_t count = 0;
    for (const source_ref element : array_at(doc, value, expected)) {
        if (count < fields.size())
            fields[count] = unsigned_at(doc, element, highest[count]);
        count++;
    }
    if (count != fields.size())
        fail_at(doc, value, "an instruction of " + std::to_string(count) + " numbers",
                hint_text(expected, {}));
    return {static_cast<std::uint16_t>(fields[0]), static_cast<std::uint8_t>(fields[1]),
            static_cast<std::uint8_t>(fields[2]), static_cast<std::uint32_t>(fields[3])};
}

filter_program read_raw(const document& doc, source_ref value) {
    object_reader object(doc, value, "a filter in BPF");
    const source_ref list = object.required("bpf");
    object.optional("comment");
    object.finish();
    std::vector<sock_filter> program;
    for (const source_ref element : array_at(doc, list, "an array of instructions")) {
        if (program.size() == most_instructions)
            fail_at(doc, element, "more than " + std::to_string(most_instructions) + " instructions");
        program.push_back(read_instruction(doc, element));
    }
    return {bpf_program(std::move(program)), 0, {}};
}

filter_program read_allow_all(const document& doc, source_ref value) {
    object_reader object(doc, value, "a filter that allows everything");
    const auto count = static_cast<std::size_t>(object.required_integer("allow", 0, most_instructions));
    object.optional("comment");
    object.finish();
    std::vector<sock_filter> program(count, bpf_stmt(bpf::ld | bpf::imm, 0));
    if (!program.empty())
        program.back() = bpf_stmt(bpf::ret | bpf::k, action_allow);
    return {bpf_program(std::move(program)), 0, {}};
}

// The profile inside a whole config.json, whose other members are no matter here.
source_ref profile_of_config(const document& doc, source_ref config) {
    const source_ref linux_part = doc.find(config, "linux");
    object_reader object(doc, linux_part, "the \"linux\" part of an OCI config");
    return object.required("seccomp", "a seccomp profile");
}

filter_program compile_profile(const document& doc, source_ref value, const profile_options& options) {
    oci_profile profile = read_oci_profile(doc, value, options);
    compiled_rules compiled = compile_rules(profile.rules);
    if (!compiled.error.empty())
        fail_at(doc, compiled.culprit ? profile.rule_places[*compiled.culprit] : value,
                std::move(compiled.error));
    return {bpf_program(std::move(compiled.program)), profile.flags, std::move(profile.notes)};
}

} // namespace

filter_program read_filter_program(const document& doc, source_ref value, const profile_options& options) {
    if (doc.kind(value) == json_kind::object) {
        if (doc.find(value, "bpf"))
            return read_raw(doc, value);
        if (doc.find(value, "allow"))
            return read_allow_all(doc, value);
        if (doc.find(value, "linux"))
            return compile_profile(doc, profile_of_config(doc, value), options);
    }
    return compile_profile(doc, value, options);
}

result<filter_program> load_filter_program(const std::string& path, const profile_options& options) {
    const result<std::string> text = read_input(path);
    if (!text)
        return text.error();
    const result<document> doc = parse_json(*text, path);
    if (!doc)
        return doc.error();
    profile_options for_file = options;
    for_file.skip_unknown_calls = true;
    return as_result([&] { return read_filter_program(*doc, doc->root(), for_file); });
}

} // namespace seccomp_sim::scenario

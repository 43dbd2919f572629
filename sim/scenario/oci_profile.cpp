// Reads a seccomp profile. The rules for what applies follow setupSeccomp of containers/common
// (pkg/seccomp) and runc's specconv; the OCI runtime specification says what each member means.
#include "sim/scenario/oci_profile.hpp"

#include "seccomp_sim/errno_name.hpp"
#include "seccomp_sim/request.hpp"
#include "seccomp_sim/seccomp_action.hpp"
#include "sim/scenario/json_fields.hpp"
#include "sim/scenario/system_call_name.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

constexpr std::string_view native_architecture = "amd64";
constexpr std::uint32_t eperm = 1;
// libseccomp's bound for the data of ERRNO; TRACE has 16 bits.
constexpr std::uint64_t highest_errno = 4094;
constexpr std::uint64_t highest_trace_message = 0xffff;
// A program has at most 4096 instructions, so no useful profile comes near.
constexpr std::size_t most_rules = 8192;
constexpr std::size_t names_in_a_note = 8;

constexpr std::array<enum_name<std::uint32_t>, 9> actions = {{{"SCMP_ACT_KILL", action_kill_thread},
                                                              {"SCMP_ACT_KILL_THREAD", action_kill_thread},
                                                              {"SCMP_ACT_KILL_PROCESS", action_kill_process},
                                                              {"SCMP_ACT_TRAP", action_trap},
                                                              {"SCMP_ACT_ERRNO", action_errno},
                                                              {"SCMP_ACT_TRACE", action_trace},
                                                              {"SCMP_ACT_ALLOW", action_allow},
                                                              {"SCMP_ACT_LOG", action_log},
                                                              {"SCMP_ACT_NOTIFY", action_user_notif}}};

constexpr std::array<enum_name<comparison>, 7> operators = {{{"SCMP_CMP_NE", comparison::ne},
                                                             {"SCMP_CMP_LT", comparison::lt},
                                                             {"SCMP_CMP_LE", comparison::le},
                                                             {"SCMP_CMP_EQ", comparison::eq},
                                                             {"SCMP_CMP_GE", comparison::ge},
                                                             {"SCMP_CMP_GT", comparison::gt},
                                                             {"SCMP_CMP_MASKED_EQ", comparison::masked_eq}}};

constexpr std::array<enum_name<std::uint32_t>, 4> profile_flags = {
    {{"SECCOMP_FILTER_FLAG_TSYNC", install_flag::tsync},
     {"SECCOMP_FILTER_FLAG_LOG", install_flag::log},
     {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", install_flag::spec_allow},
     {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", install_flag::wait_killable_recv}}};

// Profiles written by Go programs have null for what is empty.
source_ref member(object_reader& object, std::string_view key) {
    const source_ref value = object.optional(key);
    return value && object.doc().kind(value) != json_kind::null ? value : source_ref{};
}

std::vector<located_string> string_list(object_reader& object, std::string_view key) {
    const source_ref value = member(object, key);
    return value ? strings_at(object.doc(), value) : std::vector<located_string>{};
}

std::uint64_t errno_named(const document& doc, source_ref value) {
    const std::string_view text = string_at(doc, value, "an error's name");
    if (const auto number = errno_number(text))
        return static_cast<std::uint64_t>(*number);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && number <= highest_errno)
        return number;
    fail_unknown_name(doc, value, "error", errno_names());
}

// An action and its data: SCMP_ACT_ERRNO and SCMP_ACT_TRACE have EPERM when nothing is said, as in runc.
std::uint32_t read_action(object_reader& object, std::string_view action_key, std::string_view number_key,
                          std::string_view name_key) {
    const source_ref action_place = object.required(action_key, "an action such as \"SCMP_ACT_ALLOW\"");
    const std::uint32_t action = enum_at(object.doc(), action_place, actions, "action");
    const source_ref number = member(object, number_key);
    source_ref name = member(object, name_key);
    if (name && object.doc().kind(name) == json_kind::string && object.doc().string(name).empty())
        name = {};

    if (action != action_errno && action != action_trace) {
        if (const source_ref data = number ? number : name)
            fail_at_key(object.doc(), data,
                        std::string(object.doc().string(action_place)) + " takes no " +
                            quoted(object.doc().key(data)),
                        "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do");
        return action;
    }
    // Podman's files have both, and its reader prefers the name.
    if (name)
        return action | static_cast<std::uint32_t>(errno_named(object.doc(), name));
    const std::uint64_t highest = action == action_errno ? highest_errno : highest_trace_message;
    return action | (number ? static_cast<std::uint32_t>(unsigned_at(object.doc(), number, highest)) : eperm);
}

using kernel_version = std::pair<unsigned, unsigned>; // major and minor

kernel_version version_at(const document& doc, source_ref value) {
    const std::string_view text = string_at(doc, value, "a kernel version such as \"4.8\"");
    const char* const end = text.data() + text.size();
    kernel_version version;
    const auto major = std::from_chars(text.data(), end, version.first);
    if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
        const auto minor = std::from_chars(major.ptr + 1, end, version.second);
        if (minor.ec == std::errc() && (minor.ptr == end || *minor.ptr == '.'))
            return version;
    }
    fail_at(doc, value, quoted(text) + " is no kernel version", hint_text("two numbers, as in \"4.8\"", {}));
}

// One of `includes` and `excludes`.
struct condition {
    std::vector<located_string> capabilities;
    std::vector<located_string> architectures;
    std::optional<kernel_version> min_kernel;
};

condition read_condition(object_reader& rule, std::string_view key) {
    condition read;
    const source_ref value = member(rule, key);
    if (!value)
        return read;
    object_reader object(rule.doc(), value, "a rule's condition");
    read.capabilities = string_list(object, "caps");
    read.architectures = string_list(object, "arches");
    if (const source_ref version = member(object, "minKernel"))
        if (rule.doc().kind(version) != json_kind::string || !rule.doc().string(version).empty())
            read.min_kernel = version_at(rule.doc(), version);
    object.finish();
    return read;
}

// All capabilities are needed to include a rule, and one is enough to exclude it.
bool applies(const condition& includes, const condition& excludes, const profile_options& options) {
    const auto has_capability = [&](const located_string& name) {
        return std::find(options.capabilities.begin(), options.capabilities.end(), name.text) !=
               options.capabilities.end();
    };
    const auto is_native = [](const located_string& name) { return name.text == native_architecture; };
    const kernel_version kernel = {options.kernel_major, options.kernel_minor};
    const auto& include_arches = includes.architectures;

    if (std::any_of(excludes.architectures.begin(), excludes.architectures.end(), is_native) ||
        std::any_of(excludes.capabilities.begin(), excludes.capabilities.end(), has_capability) ||
        (excludes.min_kernel && kernel >= *excludes.min_kernel))
        return false;
    if (!include_arches.empty() && std::none_of(include_arches.begin(), include_arches.end(), is_native))
        return false;
    return std::all_of(includes.capabilities.begin(), includes.capabilities.end(), has_capability) &&
           !(includes.min_kernel && kernel < *includes.min_kernel);
}

std::vector<argument_test> read_arguments(object_reader& rule) {
    std::vector<argument_test> tests;
    const source_ref list = member(rule, "args");
    if (!list)
        return tests;
    for (const source_ref element : array_at(rule.doc(), list, "an array of conditions on arguments")) {
        object_reader object(rule.doc(), element, "a condition on an argument");
        argument_test test;
        constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
        test.index = static_cast<unsigned>(unsigned_at(rule.doc(), object.required("index", "0 to 5"), 5));
        test.op = object.required_enum("op", operators);
        test.value = unsigned_at(rule.doc(), object.required("value", "a number"), any);
        test.value_two = object.optional_unsigned("valueTwo", 0, any);
        object.finish();
        tests.push_back(test);
    }
    return tests;
}

std::vector<located_string> read_names(object_reader& rule) {
    std::vector<located_string> names = string_list(rule, "names");
    const source_ref single = member(rule, "name");
    if (single && !string_at(rule.doc(), single).empty()) {
        if (!names.empty())
            fail_at_key(rule.doc(), single, "a rule has \"names\" or \"name\", not both");
        names.push_back({string_at(rule.doc(), single), single});
    }
    if (names.empty())
        fail_at(rule.doc(), rule.where(), "a rule names no system call",
                hint_text("\"names\": [\"getppid\"]", {}));
    return names;
}

class profile_reader {
  public:
    profile_reader(const document& doc, source_ref value, const profile_options& options)
        : doc_(doc), options_(options), object_(doc, value, "a seccomp profile") {}

    oci_profile read() {
        profile_.rules.default_action =
            read_action(object_, "defaultAction", "defaultErrnoRet", "defaultErrno");
        read_architectures();
        for (const located_string& flag : string_list(object_, "flags"))
            profile_.flags |= enum_at(doc_, flag.where, profile_flags, "flag of a profile");
        for (const std::string_view key : {"listenerPath", "listenerMetadata"})
            if (const source_ref value = member(object_, key))
                note(value, quoted(key) + " has no effect: a scenario says itself who holds the listener");
        if (const source_ref rules = member(object_, "syscalls"))
            read_rules(rules);
        object_.finish();
        return std::move(profile_);
    }

  private:
    void note(source_ref where, std::string message) {
        profile_.notes.push_back({doc_.place_of(where), std::move(message), {}});
    }

    void add_architecture(const located_string& name) {
        const auto number = architecture_number(name.text);
        if (!number)
            fail_unknown_name(doc_, name.where, "architecture", architecture_names());
        profile_.rules.architectures.push_back(*number);
    }

    void read_architectures() {
        const std::vector<located_string> listed = string_list(object_, "architectures");
        const source_ref map = member(object_, "archMap");
        for (const located_string& name : listed)
            add_architecture(name);
        if (!map)
            return;
        if (!listed.empty())
            fail_at_key(doc_, map, "a profile has \"architectures\" or \"archMap\", not both");
        for (const source_ref element : array_at(doc_, map)) {
            object_reader entry(doc_, element, "an entry of archMap");
            const bool ours = entry.required_string("architecture") == "SCMP_ARCH_X86_64";
            const std::vector<located_string> others = string_list(entry, "subArchitectures");
            entry.finish();
            if (ours)
                for (const located_string& name : others)
                    add_architecture(name);
        }
    }

    void read_rules(source_ref list) {
        std::size_t left_out = 0;
        std::vector<located_string> unknown;
        for (const source_ref element : array_at(doc_, list, "an array of rules")) {
            object_reader rule(doc_, element, "a rule of a seccomp profile");
            const std::vector<located_string> names = read_names(rule);
            filter_rule read;
            read.action = read_action(rule, "action", "errnoRet", "errno");
            read.arguments = read_arguments(rule);
            const condition includes = read_condition(rule, "includes");
            const condition excludes = read_condition(rule, "excludes");
            rule.optional("comment");
            rule.finish();
            if (applies(includes, excludes, options_))
                add_rules(names, read, unknown);
            else
                left_out++;
        }
        if (left_out > 0)
            note(list, std::to_string(left_out) + " of " + std::to_string(doc_.size(list)) +
                           " rules are left out: they are for other architectures, capabilities or kernels");
        note_unknown(unknown);
    }

    void add_rules(const std::vector<located_string>& names, filter_rule& read,
                   std::vector<located_string>& unknown) {
        for (const located_string& name : names) {
            if (!known_to_libseccomp(name.text)) {
                if (!options_.skip_unknown_calls)
                    fail_unknown(name);
                unknown.push_back(name);
                continue;
            }
            if (profile_.rules.rules.size() == most_rules)
                fail_at(doc_, name.where,
                        "more than " + std::to_string(most_rules) + " rules in one profile");
            read.system_call = name.text;
            profile_.rules.rules.push_back(read);
            profile_.rule_places.push_back(name.where);
        }
    }

    // A call that is newer than libseccomp is none that this name could be a slip for.
    [[noreturn]] void fail_unknown(const located_string& name) {
        if (system_call_number(name.text))
            fail_at(doc_, name.where,
                    quoted(name.text) + " is newer than the libseccomp in use, which cannot filter it",
                    "in a profile file of its own such names are left out");
        fail_unknown_name(doc_, name.where, "system call", system_call_names());
    }

    void note_unknown(const std::vector<located_string>& unknown) {
        if (unknown.empty())
            return;
        std::string list;
        for (std::size_t i = 0; i < unknown.size() && i < names_in_a_note; i++)
            list += (i == 0 ? "" : ", ") + quoted(unknown[i].text);
        if (unknown.size() > names_in_a_note)
            list += " and " + std::to_string(unknown.size() - names_in_a_note) + " more";
        note(unknown.front().where, "left out, as libseccomp does not know them: " + list);
    }

    const document& doc_;
    const profile_options& options_;
    object_reader object_;
    oci_profile profile_;
};

} // namespace

oci_profile read_oci_profile(const document& doc, source_ref value, const profile_options& options) {
    return profile_reader(doc, value, options).read();
}

} // namespace seccomp_sim::scenario

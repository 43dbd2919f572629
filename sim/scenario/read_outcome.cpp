// Reads what a call should come to: the value of "returns".
#include "sim/scenario/reading.hpp"

#include "seccomp_sim/errno_name.hpp"
#include "sim/scenario/nearest_name.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace seccomp_sim::scenario {

namespace {

constexpr std::int64_t highest_errno = 4095;
constexpr std::string_view expected_outcome =
    "a number, an error's name, \"ok\", \"blocks\", \"dies\", or the name of a task or fd";
constexpr auto words = std::to_array<enum_name<outcome_kind>>(
    {{"ok", outcome_kind::ok}, {"blocks", outcome_kind::blocks}, {"dies", outcome_kind::dies}});

[[noreturn]] void fail_outcome(reading& r, source_ref value) {
    std::vector<std::string_view> valid(errno_names().begin(), errno_names().end());
    for (const auto& word : words)
        valid.push_back(word.name);
    for (const std::string& name : r.out.names.all())
        valid.push_back(name);
    const std::string text(r.text_at(value));
    fail_at(r.doc, value, quoted(text) + " is no outcome of a call",
            hint_text(expected_outcome, nearest_name(text, valid).value_or("")));
}

outcome read_word(reading& r, source_ref value, bool is_fd) {
    const std::string_view text = r.text_at(value);
    for (const auto& word : words)
        if (word.name == text)
            return {0, {}, word.value};
    if (const auto error = errno_number(text))
        return {*error, {}, outcome_kind::error};
    const name_id name = r.out.names.find(text);
    const bool known_fd = name && r.names.is_known(name, name_role::fd);
    const bool known_task = name && r.names.is_known(name, name_role::task);
    if (known_fd && (is_fd || !known_task))
        return {0, name, outcome_kind::fd_of};
    if (known_task)
        return {0, name, outcome_kind::pid_of};
    fail_outcome(r, value);
}

outcome read_outcome(reading& r, source_ref value, bool is_fd) {
    if (r.doc.kind(value) == json_kind::integer) {
        constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
        const std::int64_t number =
            integer_at(r.doc, value, lowest, std::numeric_limits<std::int64_t>::max());
        if (number < 0 && number >= -highest_errno)
            return {-number, {}, outcome_kind::error};
        return {number, {}, outcome_kind::value};
    }
    if (r.doc.kind(value) == json_kind::string)
        return read_word(r, value, is_fd);
    fail_at(r.doc, value, "found " + r.doc.describe(value), hint_text(expected_outcome, {}));
}

} // namespace

table_run read_outcomes(reading& r, source_ref value, bool is_fd) {
    table_run run = {static_cast<index_type>(r.out.outcomes.size()), 0};
    if (r.doc.kind(value) == json_kind::object) {
        if (r.doc.size(value) == 0)
            fail_at(r.doc, value, "an empty object", "expected {constraint: outcome}");
        for (const source_ref member : r.doc.children(value))
            r.out.outcomes.push_back({r.constraint_of_key(member), read_outcome(r, member, is_fd), member});
    } else {
        r.out.outcomes.push_back({{}, read_outcome(r, value, is_fd), value});
    }
    run.count = static_cast<index_type>(r.out.outcomes.size()) - run.first;
    return run;
}

} // namespace seccomp_sim::scenario

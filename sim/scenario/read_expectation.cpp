// Reads what is expected between steps: the value of "expect".
#include "sim/scenario/expectation_table.hpp"
#include "sim/scenario/reading.hpp"

#include <array>
#include <initializer_list>
#include <limits>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

constexpr auto conditions = std::to_array<enum_name<task_condition>>({{"running", task_condition::running},
                                                                      {"blocked", task_condition::blocked},
                                                                      {"stopped", task_condition::stopped},
                                                                      {"zombie", task_condition::zombie},
                                                                      {"gone", task_condition::gone}});
constexpr auto notify_states = std::to_array<enum_name<notify_state>>(
    {{"INIT", notify_state::init}, {"SENT", notify_state::sent}, {"REPLIED", notify_state::replied}});

constexpr std::int64_t lowest_counter = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t highest_counter = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t highest_count = 0xffff'ffff;

using members = document::child_range;

members members_of(reading& r, source_ref object, const char* expected) {
    if (r.doc.kind(object) != json_kind::object)
        fail_at(r.doc, object, quoted(r.doc.key(object)) + " is " + r.doc.describe(object),
                std::string("expected ") + expected);
    return r.doc.children(object);
}

bool is_word(const document& doc, source_ref value, std::string_view word) {
    return doc.kind(value) == json_kind::string && doc.string(value) == word;
}

name_id task_key(reading& r, source_ref member) {
    return r.known_name_at({member, true}, name_role::task);
}

std::vector<name_id> known_names_at(reading& r, source_ref list, name_role role) {
    std::vector<name_id> names;
    for (const source_ref element : array_at(r.doc, list, "an array of names"))
        names.push_back(r.known_name_at(element, role));
    return names;
}

expect_poll read_poll(reading& r, source_ref member) {
    expect_poll poll;
    poll.fd = r.known_name_at({member, true}, name_role::fd);
    poll.closed = is_word(r.doc, member, "closed");
    if (!poll.closed && r.doc.kind(member) != json_kind::array)
        fail_at(r.doc, member, quoted(r.doc.key(member)) + " is " + r.doc.describe(member),
                "expected an array of events, or \"closed\"");
    if (!poll.closed)
        poll.events = list_bits_at(r.doc, member, reported_names);
    return poll;
}

std::optional<std::int64_t> optional_number(object_reader& object, std::string_view key, std::int64_t lowest,
                                            std::int64_t highest) {
    const source_ref value = object.optional(key);
    if (!value)
        return std::nullopt;
    return integer_at(object.doc(), value, lowest, highest);
}

expect_counters read_counters(reading& r, source_ref member) {
    expect_counters counters;
    counters.filter = r.known_name_at({member, true}, name_role::filter);
    counters.freed = is_word(r.doc, member, "freed");
    if (counters.freed)
        return counters;
    if (r.doc.kind(member) != json_kind::object)
        fail_at(r.doc, member, quoted(r.doc.key(member)) + " is " + r.doc.describe(member),
                R"(expected {"usage": number, "live": number}, or "freed")");
    object_reader object(r.doc, member, "a filter's counters");
    counters.usage = optional_number(object, "usage", lowest_counter, highest_counter);
    counters.live = optional_number(object, "live", lowest_counter, highest_counter);
    object.finish();
    if (!counters.usage && !counters.live)
        fail_at(r.doc, member, "no counter is named", R"(expected "usage", "live" or both)");
    return counters;
}

expect_seccomp read_seccomp(reading& r, source_ref member) {
    expect_seccomp seccomp;
    seccomp.task = task_key(r, member);
    object_reader object(r.doc, member, "a task's seccomp state");
    seccomp.mode = optional_number(object, "mode", 0, 3);
    seccomp.filters = optional_number(object, "filters", 0, highest_counter);
    object.finish();
    if (!seccomp.mode && !seccomp.filters)
        fail_at(r.doc, member, "nothing is named", R"(expected "mode", "filters" or both)");
    return seccomp;
}

expect_notifications read_notifications(reading& r, source_ref member) {
    expect_notifications list;
    list.listener = r.known_name_at({member, true}, name_role::fd);
    for (const source_ref element : array_at(r.doc, member, "an array of notifications")) {
        object_reader object(r.doc, element, "a notification");
        expect_notifications::entry entry;
        entry.task = r.known_name_at(object.required("task", "a task's name"), name_role::task);
        entry.state = object.required_enum("state", notify_states);
        object.finish();
        list.entries.push_back(entry);
    }
    return list;
}

expect_received read_received(reading& r, source_ref member) {
    expect_received received;
    received.receiver = task_key(r, member);
    object_reader object(r.doc, member, "what was received");
    if (const source_ref task = object.optional("task"))
        received.task = r.known_name_at(task, name_role::task);
    if (const source_ref pid = object.optional("pid")) {
        if (r.doc.kind(pid) == json_kind::string)
            received.pid = outcome{0, r.known_name_at(pid, name_role::task), outcome_kind::pid_of};
        else
            received.pid = outcome{integer_at(r.doc, pid, 0, highest_counter), {}, outcome_kind::value};
    }
    object.finish();
    if (!received.task && !received.pid)
        fail_at(r.doc, member, "nothing is named", R"(expected "task", "pid" or both)");
    return received;
}

// As wait has it: the status in the second byte, or the signal in the first.
std::int32_t exit_code_at(const document& doc, source_ref value) {
    if (doc.kind(value) == json_kind::string)
        return signal_at(doc, value);
    return static_cast<std::int32_t>(integer_at(doc, value, 0, 255)) << 8;
}

// An object whose members are one observation each.
template <class Read>
void each_member(reading& r, source_ref value, expect_step& out, const char* expected, Read&& read) {
    for (const source_ref member : members_of(r, value, expected))
        out.observations.push_back({member, read(member)});
}

std::int64_t count_at(reading& r, source_ref value) {
    return integer_at(r.doc, value, 0, highest_count);
}

constexpr auto rows = std::to_array<expectation_row>({
    {"poll", "What poll with timeout 0 reports, by fd; RDNORM and WRNORM left out.",
     R"({"type": "object", "additionalProperties": {"anyOf": [{"$ref": "#/$defs/events"}, {"const": "closed"}]}})",
     [](reading& r, source_ref value, expect_step& out) {
         each_member(r, value, out, "an object: {fd: [events]}",
                     [&](source_ref m) { return read_poll(r, m); });
     }},
    {"counters", "A filter's counters; \"live\" is not looked at on a kernel that has no second counter.",
     R"({"type": "object", "additionalProperties": {"anyOf": [{"const": "freed"}, {"type": "object",
         "properties": {"usage": {"type": "integer"}, "live": {"type": "integer"}},
         "minProperties": 1, "additionalProperties": false}]}})",
     [](reading& r, source_ref value, expect_step& out) {
         each_member(r, value, out, "an object: {filter: counters}",
                     [&](source_ref m) { return read_counters(r, m); });
     }},
    {"tasks", "What tasks do.",
     R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/condition"}})",
     [](reading& r, source_ref value, expect_step& out) {
         each_member(r, value, out, "an object: {task: condition}", [&](source_ref m) {
             return expect_task{task_key(r, m), enum_at(r.doc, m, conditions, "condition of a task")};
         });
     }},
    {"returned", "What a task's last call came to.",
     R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/outcome"}})",
     [](reading& r, source_ref value, expect_step& out) {
         each_member(r, value, out, "an object: {task: outcome}", [&](source_ref m) {
             return expect_returned{task_key(r, m), read_outcomes(r, m, false)};
         });
     }},
    {"blocked", "Exactly these tasks sleep in a call.", R"({"$ref": "#/$defs/names"})",
     [](reading& r, source_ref value, expect_step& out) {
         out.observations.push_back({value, expect_blocked{known_names_at(r, value, name_role::task)}});
     }},
    {"woken", "Exactly these tasks were woken by the step before.", R"({"$ref": "#/$defs/names"})",
     [](reading& r, source_ref value, expect_step& out) {
         out.observations.push_back({value, expect_woken{known_names_at(r, value, name_role::task)}});
     }},
    {"parent", "Whose child a task is.",
     R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/name"}})",
     [](reading& r, source_ref value, expect_step& out) {
         each_member(r, value, out, "an object: {task: its parent}", [&](source_ref m) {
             return expect_parent{task_key(r, m), r.known_name_at(m, name_role::task)};
         });
     }},
    {"seccomp", "A task's mode and number of filters, as /proc/PID/status has them.",
     R"({"type": "object", "additionalProperties": {"type": "object",
         "properties": {"mode": {"type": "integer", "minimum": 0, "maximum": 3},
                        "filters": {"type": "integer", "minimum": 0}},
         "minProperties": 1, "additionalProperties": false}})",
     [](reading& r, source_ref value, expect_step& out) {
         each_member(r, value, out, "an object: {task: {\"mode\": number}}",
                     [&](source_ref m) { return read_seccomp(r, m); });
     }},
    {"fds", "Exactly these named fds are open in a task.",
     R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/names"}})",
     [](reading& r, source_ref value, expect_step& out) {
         each_member(r, value, out, "an object: {task: [fds]}", [&](source_ref m) {
             return expect_fds{task_key(r, m), known_names_at(r, m, name_role::fd)};
         });
     }},
    {"fd_count", "How many fds a task has, the three standard ones left out.",
     R"({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}})",
     [](reading& r, source_ref value, expect_step& out) {
         each_member(r, value, out, "an object: {task: number}", [&](source_ref m) {
             return expect_fd_count{task_key(r, m), count_at(r, m)};
         });
     }},
    {"notifications", "A listener's notifications, in the order of the list.",
     R"({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "object",
         "properties": {"task": {"$ref": "#/$defs/name"}, "state": {"$ref": "#/$defs/notification_state"}},
         "required": ["task", "state"], "additionalProperties": false}}})",
     [](reading& r, source_ref value, expect_step& out) {
         each_member(r, value, out, "an object: {listener: [notifications]}",
                     [&](source_ref m) { return read_notifications(r, m); });
     }},
    {"received", "What RECV last handed out to a task: whose call it was, and the pid that was told.",
     R"({"type": "object", "additionalProperties": {"type": "object",
         "properties": {"task": {"$ref": "#/$defs/name"},
                        "pid": {"anyOf": [{"type": "integer", "minimum": 0}, {"$ref": "#/$defs/name"}]}},
         "minProperties": 1, "additionalProperties": false}})",
     [](reading& r, source_ref value, expect_step& out) {
         each_member(r, value, out, "an object: {task: {\"task\": name, \"pid\": number}}",
                     [&](source_ref m) { return read_received(r, m); });
     }},
    {"exit_code", "How a task ended: its exit status, or the signal that killed it.",
     R"({"type": "object", "additionalProperties": {"anyOf": [
         {"type": "integer", "minimum": 0, "maximum": 255}, {"$ref": "#/$defs/signal"}]}})",
     [](reading& r, source_ref value, expect_step& out) {
         each_member(r, value, out, "an object: {task: status or signal}", [&](source_ref m) {
             return expect_exit_code{task_key(r, m), exit_code_at(r.doc, m)};
         });
     }},
    {"warnings", "How many warnings the kernel has printed so far.", R"({"type": "integer", "minimum": 0})",
     [](reading& r, source_ref value, expect_step& out) {
         out.observations.push_back({value, expect_warnings{count_at(r, value)}});
     }},
    {"leaked", "How many notification objects failed installs have leaked so far.",
     R"({"type": "integer", "minimum": 0})",
     [](reading& r, source_ref value, expect_step& out) {
         out.observations.push_back({value, expect_leaked{count_at(r, value)}});
     }},
});

} // namespace

std::span<const expectation_row> expectation_rows() {
    return rows;
}

std::span<const enum_name<task_condition>> task_conditions() {
    return conditions;
}

std::span<const enum_name<notify_state>> notification_states() {
    return notify_states;
}

expect_step read_expectations(reading& r, source_ref value) {
    expect_step out;
    object_reader object(r.doc, value, "an expectation");
    for (const expectation_row& row : rows)
        object.optional(row.key);
    object.finish();
    for (const source_ref member : r.doc.children(value))
        for (const expectation_row& row : rows)
            if (row.key == r.doc.key(member))
                row.read(r, member, out);
    if (out.observations.empty())
        fail_at(r.doc, value, "nothing is expected",
                R"(expected something such as {"poll": {"L": ["HUP"]}})");
    return out;
}

table_run read_reports(reading& r, source_ref value) {
    table_run run = {static_cast<index_type>(r.out.reports.size()), 0};
    for (const source_ref member : members_of(r, value, "an object: {fd: [events]}"))
        r.out.reports.push_back(
            {r.known_name_at({member, true}, name_role::fd), list_bits_at(r.doc, member, reported_names)});
    run.count = static_cast<index_type>(r.out.reports.size()) - run.first;
    return run;
}

} // namespace seccomp_sim::scenario

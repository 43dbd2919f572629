// Reads what is expected between steps: the value of "expect".
#include "sim/scenario/reading.hpp"

#include "sim/scenario/signal_name.hpp"

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

// As wait has it: the status in the second byte, or the signal in the first.
std::int32_t exit_code_at(const document& doc, source_ref value) {
    if (doc.kind(value) == json_kind::string)
        return signal_at(doc, value);
    return static_cast<std::int32_t>(integer_at(doc, value, 0, 255)) << 8;
}

// One key of "expect": its name, what it is in words, and how its value becomes observations.
struct expectation_reader {
    reading& r;
    expect_step& out;
    source_ref value;

    template <class Read>
    void each(const char* expected, Read&& read) {
        for (const source_ref member : members_of(r, value, expected))
            out.observations.push_back({member, read(member)});
    }
    std::int64_t number() const { return integer_at(r.doc, value, 0, highest_count); }
};

struct expectation_row {
    std::string_view key;
    void (*read)(expectation_reader);
};

constexpr auto rows = std::to_array<expectation_row>({
    {"poll",
     [](expectation_reader e) {
         e.each("an object: {fd: [events]}", [&](source_ref m) { return read_poll(e.r, m); });
     }},
    {"counters",
     [](expectation_reader e) {
         e.each("an object: {filter: counters}", [&](source_ref m) { return read_counters(e.r, m); });
     }},
    {"tasks",
     [](expectation_reader e) {
         e.each("an object: {task: condition}", [&](source_ref m) {
             return expect_task{task_key(e.r, m), enum_at(e.r.doc, m, conditions, "condition of a task")};
         });
     }},
    {"returned",
     [](expectation_reader e) {
         e.each("an object: {task: outcome}", [&](source_ref m) {
             return expect_returned{task_key(e.r, m), read_outcomes(e.r, m, false)};
         });
     }},
    {"blocked",
     [](expectation_reader e) {
         e.out.observations.push_back(
             {e.value, expect_blocked{known_names_at(e.r, e.value, name_role::task)}});
     }},
    {"woken",
     [](expectation_reader e) {
         e.out.observations.push_back({e.value, expect_woken{known_names_at(e.r, e.value, name_role::task)}});
     }},
    {"parent",
     [](expectation_reader e) {
         e.each("an object: {task: its parent}", [&](source_ref m) {
             return expect_parent{task_key(e.r, m), e.r.known_name_at(m, name_role::task)};
         });
     }},
    {"seccomp",
     [](expectation_reader e) {
         e.each("an object: {task: {\"mode\": number}}", [&](source_ref m) { return read_seccomp(e.r, m); });
     }},
    {"fds",
     [](expectation_reader e) {
         e.each("an object: {task: [fds]}", [&](source_ref m) {
             return expect_fds{task_key(e.r, m), known_names_at(e.r, m, name_role::fd)};
         });
     }},
    {"fd_count",
     [](expectation_reader e) {
         e.each("an object: {task: number}", [&](source_ref m) {
             return expect_fd_count{task_key(e.r, m), integer_at(e.r.doc, m, 0, highest_count)};
         });
     }},
    {"notifications",
     [](expectation_reader e) {
         e.each("an object: {listener: [notifications]}",
                [&](source_ref m) { return read_notifications(e.r, m); });
     }},
    {"exit_code",
     [](expectation_reader e) {
         e.each("an object: {task: status or signal}", [&](source_ref m) {
             return expect_exit_code{task_key(e.r, m), exit_code_at(e.r.doc, m)};
         });
     }},
    {"warnings",
     [](expectation_reader e) {
         e.out.observations.push_back({e.value, expect_warnings{e.number()}});
     }},
    {"leaked",
     [](expectation_reader e) {
         e.out.observations.push_back({e.value, expect_leaked{e.number()}});
     }},
});

} // namespace

expect_step read_expectations(reading& r, source_ref value) {
    expect_step out;
    object_reader object(r.doc, value, "an expectation");
    for (const expectation_row& row : rows)
        object.optional(row.key);
    object.finish();
    for (const source_ref member : r.doc.children(value))
        for (const expectation_row& row : rows)
            if (row.key == r.doc.key(member))
                row.read({r, out, member});
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

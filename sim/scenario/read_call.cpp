// Reads steps with "do": walks over the row of the operation, argument by argument.
#include "sim/scenario/call_reader.hpp"

#include "seccomp_sim/errno_name.hpp"
#include "sim/scenario/signal_name.hpp"
#include "sim/scenario/system_call_name.hpp"

#include <array>
#include <type_traits>
#include <variant>

namespace seccomp_sim::scenario {

namespace {

constexpr std::int64_t lowest_error = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t highest_error = std::numeric_limits<std::int32_t>::max();

bool introduces(argument_type type) {
    return type == argument_type::new_task || type == argument_type::new_fd ||
           type == argument_type::new_filter || type == argument_type::new_notification;
}

name_role role_of(argument_type type) {
    switch (type) {
    case argument_type::fd:
    case argument_type::new_fd:
        return name_role::fd;
    case argument_type::new_filter:
        return name_role::filter;
    case argument_type::notification:
    case argument_type::new_notification:
        return name_role::notification;
    default:
        return name_role::task;
    }
}

// "ENOMEM" is what user space sees of it: -12.
std::int64_t error_at(const document& doc, source_ref value) {
    if (doc.kind(value) != json_kind::string)
        return integer_at(doc, value, lowest_error, highest_error);
    if (const auto number = errno_number(doc.string(value)))
        return -*number;
    fail_unknown_name(doc, value, "error", errno_names());
}

std::uint32_t signal_mask_at(const document& doc, source_ref value) {
    std::uint32_t mask = 0;
    for (const source_ref signal : array_at(doc, value, "an array of signals"))
        mask |= std::uint32_t{1} << (signal_at(doc, signal) - 1);
    return mask;
}

std::uint32_t raw_bits_at(const document& doc, source_ref value) {
    return static_cast<std::uint32_t>(unsigned_at(doc, value, 0xffff'ffff));
}

} // namespace

call_reader::call_reader(reading& r, object_reader& step, const operation_row& row, constraint_id on)
    : r_(r), step_(step), row_(row), on_(on), makes_fd_(row.makes_fd) {
    call_.asked.op = row.op;
    call_.asked.system_call = row.system_call;
    call_.special = row.special;
}

call_step call_reader::read() {
    call_.task = r_.known_name_at(step_.required("task", "a task's name"), name_role::task);
    for (const argument& a : row_.arguments) {
        const source_ref value = a.required ? step_.required(a.key) : step_.optional(a.key);
        if (!value) {
            if (a.fallback)
                store(a, *a.fallback);
        } else if (!introduces(a.type)) {
            read_argument(a, value);
        }
    }
    call_.asked.flags |= row_.flags;
    // What the call makes is not there before it: a dup cannot be of itself.
    for (const argument& a : row_.arguments)
        if (introduces(a.type))
            if (const source_ref value = step_.optional(a.key))
                introduce(a, value);
    if (row_.finish)
        row_.finish(*this);
    if (const source_ref value = step_.optional("returns"))
        call_.returns = read_outcomes(r_, value, makes_fd_);
    step_.finish();
    return call_;
}

void call_reader::refuse(std::initializer_list<std::string_view> keys, std::string_view why) {
    for (const std::string_view key : keys)
        if (const source_ref value = given(key))
            fail_at_key(r_.doc, value, quoted(key) + " has no meaning with " + std::string(why));
}

void call_reader::fail(std::string_view key, std::string message, std::string hint) {
    const source_ref value = given(key);
    fail_at(r_.doc, value ? value : step_.where(), std::move(message), std::move(hint));
}

bool call_reader::is_init_process() const {
    return r_.names.process_of(call_.task) == scenario::init();
}

void call_reader::read_argument(const argument& a, source_ref value) {
    const document& doc = r_.doc;
    switch (a.type) {
    case argument_type::task_or_any:
        if (doc.kind(value) == json_kind::string && doc.string(value) == "any")
            return;
        [[fallthrough]];
    case argument_type::task:
    case argument_type::fd:
    case argument_type::notification:
        return store(a, r_.known_name_at(value, role_of(a.type)));
    case argument_type::filter:
        call_.asked.program = filter_at(value);
        return;
    case argument_type::integer:
        return store(a, integer_at(doc, value, a.lowest, a.highest));
    case argument_type::boolean:
        return store(a, boolean_at(doc, value) ? 1 : 0);
    case argument_type::word_or_integer:
        if (doc.kind(value) == json_kind::integer)
            return store(a, raw_bits_at(doc, value));
        [[fallthrough]];
    case argument_type::word:
        return store(a, bits_at(doc, value, *a.names));
    case argument_type::words_or_integer:
        if (doc.kind(value) == json_kind::integer)
            return store(a, raw_bits_at(doc, value));
        [[fallthrough]];
    case argument_type::words:
        return store(a, list_bits_at(doc, value, *a.names));
    case argument_type::signal:
        return store(a, signal_at(doc, value));
    case argument_type::signals:
        return store(a, signal_mask_at(doc, value));
    case argument_type::error:
        return store(a, error_at(doc, value));
    case argument_type::system_call:
        if (const auto number = system_call_number(string_at(doc, value, "a system call's name")))
            return store(a, *number);
        fail_unknown_name(doc, value, "system call of x86-64", system_call_names());
    case argument_type::arguments:
        return read_system_call_arguments(value);
    case argument_type::polled:
        return read_polled(value);
    case argument_type::reported:
        call_.reports = read_reports(r_, value);
        return;
    case argument_type::new_task:
    case argument_type::new_fd:
    case argument_type::new_filter:
    case argument_type::new_notification:
        return;
    }
}

void call_reader::store(const argument& a, std::int64_t value) {
    std::visit(
        [&](auto field) {
            using field_type = decltype(field);
            if constexpr (std::is_same_v<field_type, std::int64_t request::*> ||
                          std::is_same_v<field_type, std::uint32_t request::*> ||
                          std::is_same_v<field_type, std::int32_t request::*> ||
                          std::is_same_v<field_type, fault request::*>)
                call_.asked.*field =
                    static_cast<std::remove_reference_t<decltype(call_.asked.*field)>>(value);
        },
        a.into);
}

void call_reader::store(const argument& a, name_id value) {
    if (const auto* field = std::get_if<name_id request::*>(&a.into))
        call_.asked.** field = value;
}

void call_reader::introduce(const argument& a, source_ref value) {
    const name_id name = r_.name_at({value});
    if (a.type == argument_type::new_task || a.type == argument_type::new_fd)
        r_.names.refuse_reserved(name, {value});
    if (a.type == argument_type::new_task)
        bear(name, value);
    else
        r_.names.introduce(name, role_of(a.type));
    store(a, name);
}

// A fork that must fail gives birth to nobody; others may still say that its child is gone.
void call_reader::bear(name_id child, source_ref value) {
    const source_ref returns = step_.optional("returns");
    const bool fails = returns && r_.doc.kind(returns) == json_kind::string &&
                       errno_number(r_.doc.string(returns)).has_value();
    const bool is_thread = (call_.asked.flags & clone_flag::thread) != 0;
    const name_id process = is_thread ? r_.names.process_of(call_.task) : child;
    r_.names.bear(child, process, fails ? 0 : r_.presets_on(on_), {value});
}

program_id call_reader::filter_at(source_ref value) {
    const std::string_view text = r_.text_at(value, "the name of a filter");
    if (const name_id found = r_.filter_names.find(text))
        return {found.value};
    std::vector<std::string_view> valid(r_.filter_names.all().begin(), r_.filter_names.all().end());
    if (text == r_.doc.string(value))
        fail_unknown_name(r_.doc, value, "filter of this scenario", valid);
    fail_at(r_.doc, value, quoted(text) + " is no filter of this scenario");
}

void call_reader::read_polled(source_ref value) {
    if (r_.doc.kind(value) != json_kind::object)
        fail_at(r_.doc, value, "\"fds\" is " + r_.doc.describe(value), "expected an object: {fd: [events]}");
    call_.asked.first_poll = static_cast<index_type>(r_.out.poll_list.size());
    call_.asked.polls = static_cast<index_type>(r_.doc.size(value));
    for (const source_ref member : r_.doc.children(value)) {
        const name_id fd = r_.known_name_at({member, true}, name_role::fd);
        r_.out.poll_list.push_back({fd, list_bits_at(r_.doc, member, poll_names)});
    }
}

void call_reader::read_system_call_arguments(source_ref value) {
    constexpr std::size_t most = std::extent_v<decltype(request::args)>;
    std::size_t count = 0;
    for (const source_ref element : array_at(r_.doc, value, "an array of integers")) {
        if (count == most)
            fail_at(r_.doc, element, "a seventh argument", "expected up to six");
        const bool fits_signed = r_.doc.kind(element) == json_kind::integer && r_.doc.to_int64(element);
        call_.asked.args[count++] =
            fits_signed ? static_cast<std::uint64_t>(*r_.doc.to_int64(element))
                        : unsigned_at(r_.doc, element, std::numeric_limits<std::uint64_t>::max());
    }
}

call_step read_call(reading& r, object_reader& step, constraint_id on) {
    const source_ref verb = step.required("do");
    if (const operation_row* row = find_operation(string_at(r.doc, verb, "what to do"))) {
        object_reader typed(r.doc, step.where(), row->what);
        for (const std::string_view key : {"do", "note", "at", "on"})
            typed.optional(key);
        return call_reader(r, typed, *row, on).read();
    }
    std::vector<std::string_view> valid;
    for (const operation_row* row : all_operations())
        valid.push_back(row->name);
    fail_unknown_name(r.doc, verb, "operation", valid);
}

} // namespace seccomp_sim::scenario

// Writes a call as a step of a scenario, argument by argument.
#include "sim/scenario/write_call.hpp"

#include "seccomp_sim/filter.hpp"
#include "sim/scenario/signal_name.hpp"
#include "sim/scenario/system_call_name.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <type_traits>
#include <variant>

namespace seccomp_sim::scenario {

namespace {

using json = nlohmann::ordered_json;

class call_writer {
  public:
    call_writer(const call_names& with, const operation_row& row, const request& asked,
                std::span<const poll_request> polled)
        : with_(with), row_(row), asked_(asked), polled_(polled) {
        // The other half of finish_unshare: one word chooses between two operations.
        if (row.op == operation::unshare_pid_ns)
            asked_.value = asked.op == operation::unshare_files ? 1 : 0;
        asked_.flags &= ~row.flags;
    }

    json write(name_id task) {
        json out = {{"task", with_.names[task]}, {"do", std::string(row_.name)}};
        for (const argument& a : row_.arguments) {
            json value = std::visit([&](auto field) { return value_of(a, field); }, a.into);
            if (!value.is_null())
                out[std::string(a.key)] = std::move(value);
        }
        // A number without flags would mean the flag SETFD.
        if (row_.op == operation::addfd && out.contains("newfd") && !out.contains("flags"))
            out["flags"] = json::array();
        return out;
    }

  private:
    json value_of(const argument& a, std::monostate) const {
        if (a.type == argument_type::arguments)
            return arguments();
        if (a.type == argument_type::polled)
            return polled();
        return nullptr;
    }
    json value_of(const argument&, name_id request::*field) const {
        const name_id name = asked_.*field;
        return name ? json(with_.names[name]) : json();
    }
    json value_of(const argument&, program_id request::*field) const {
        const program_id program = asked_.*field;
        return program ? json(with_.names[with_.filters[program.value].name]) : json();
    }
    template <class T>
    json value_of(const argument& a, T request::*field) const {
        const auto value = static_cast<std::int64_t>(asked_.*field);
        const std::int64_t left_out = a.fallback.value_or(static_cast<std::int64_t>(request{}.*field));
        if (!a.required && value == left_out)
            return nullptr;
        return number(a, value);
    }

    static json number(const argument& a, std::int64_t value) {
        switch (a.type) {
        case argument_type::boolean:
            return value != 0;
        case argument_type::signal:
            return signal_text(static_cast<int>(value));
        case argument_type::signals:
            return signals(static_cast<std::uint32_t>(value));
        case argument_type::system_call:
            return std::string(system_call_name(static_cast<std::int32_t>(value)));
        case argument_type::word:
        case argument_type::word_or_integer:
            return word(*a.names, value);
        case argument_type::words:
        case argument_type::words_or_integer:
            return words(*a.names, static_cast<std::uint32_t>(value));
        default:
            return value;
        }
    }

    static json word(const name_set& set, std::int64_t value) {
        const auto found = std::find_if(set.names.begin(), set.names.end(),
                                        [&](const named_bits& entry) { return entry.value == value; });
        return found == set.names.end() ? json(value) : json(std::string(found->name));
    }

    static json words(const name_set& set, std::uint32_t bits) {
        json out = json::array();
        std::uint32_t named = 0;
        for (const named_bits& entry : set.names) {
            if ((bits & entry.value) == 0)
                continue;
            out.push_back(std::string(entry.name));
            named |= entry.value;
        }
        return named == bits ? out : json(bits);
    }

    static json signals(std::uint32_t mask) {
        json out = json::array();
        for (int signal = 1; signal <= last_signal; ++signal)
            if ((mask >> (signal - 1) & 1) != 0)
                out.push_back(signal_text(signal));
        return out;
    }

    json arguments() const {
        json out = asked_.args;
        while (!out.empty() && out.back() == 0)
            out.erase(out.size() - 1);
        return out.empty() ? json() : out;
    }

    json polled() const {
        json out = json::object();
        for (const poll_request& p : polled_)
            out[with_.names[p.fd]] = words(poll_names, p.events);
        return out;
    }

    const call_names& with_;
    const operation_row& row_;
    request asked_;
    std::span<const poll_request> polled_;
};

} // namespace

nlohmann::ordered_json write_call(const call_names& with, const operation_row& row, name_id task,
                                  const request& asked, std::span<const poll_request> polled) {
    return call_writer(with, row, asked, polled).write(task);
}

} // namespace seccomp_sim::scenario

// A history as a scenario file.
#include "sim/property/history_scenario.hpp"

#include "sim/property/filter_shelf.hpp"
#include "sim/scenario/json_layout.hpp"
#include "sim/scenario/known_names.hpp"
#include "sim/scenario/read_scenario.hpp"
#include "sim/scenario/write_call.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace seccomp_sim::property {

namespace {

using json = nlohmann::ordered_json;
using scenario::argument_type;
using scenario::name_role;

struct named_argument {
    name_role role;
    bool introduces;
    name_id request::*field;
};

/// The names in a call of this row, and what they stand for.
std::vector<named_argument> names_in(const scenario::operation_row& row) {
    std::vector<named_argument> out;
    for (const scenario::argument& a : row.arguments) {
        const auto* field = std::get_if<name_id request::*>(&a.into);
        if (field == nullptr)
            continue;
        switch (a.type) {
        case argument_type::task:
        case argument_type::task_or_any:
            out.push_back({name_role::task, false, *field});
            break;
        case argument_type::new_task:
            out.push_back({name_role::task, true, *field});
            break;
        case argument_type::fd:
            out.push_back({name_role::fd, false, *field});
            break;
        case argument_type::new_fd:
            out.push_back({name_role::fd, true, *field});
            break;
        case argument_type::new_filter:
            out.push_back({name_role::filter, true, *field});
            break;
        case argument_type::notification:
            out.push_back({name_role::notification, false, *field});
            break;
        case argument_type::new_notification:
            out.push_back({name_role::notification, true, *field});
            break;
        default:
            break;
        }
    }
    return out;
}

/// What earlier calls have made.
class made_names {
  public:
    made_names() { add(scenario::scenario::init(), name_role::task); }

    void add(name_id name, name_role role) {
        if (roles_.size() <= name.value)
            roles_.resize(name.value + 64);
        roles_[name.value] |= bit(role);
    }
    bool has(name_id name, name_role role) const {
        return name.value < roles_.size() && (roles_[name.value] & bit(role)) != 0;
    }
    void add_all_of(const planned_call& call) {
        for (const named_argument& a : names_in(*call.row))
            if (a.introduces && call.asked.*a.field)
                add(call.asked.*a.field, a.role);
    }
    /// Whether the call can be said. A notification that nobody received is not named instead.
    bool can_say(planned_call& call) const {
        if (!has(call.task, name_role::task))
            return false;
        for (const named_argument& a : names_in(*call.row)) {
            name_id& name = call.asked.*a.field;
            if (a.introduces || !name || has(name, a.role))
                continue;
            if (a.role != name_role::notification)
                return false;
            name = none;
        }
        const auto end = std::remove_if(call.polled.begin(), call.polled.begin() + call.asked.polls,
                                        [&](const poll_request& p) { return !has(p.fd, name_role::fd); });
        const bool polls = call.asked.polls > 0;
        call.asked.polls = static_cast<index_type>(end - call.polled.begin());
        return !polls || call.asked.polls > 0;
    }

  private:
    static std::uint32_t bit(name_role role) { return 1U << static_cast<unsigned>(role); }
    std::vector<std::uint32_t> roles_;
};

/// Gives each life of a task that shares its name with earlier ones a name of its own.
class life_names {
  public:
    explicit life_names(const scenario::name_table& names) : names_(names) {}

    void bear(name_id child) {
        const std::uint32_t life = ++lives_[child];
        now_[child] = life == 1 ? child : names_.intern(names_[child] + "-" + std::to_string(life));
    }
    name_id operator()(name_id task) const {
        const auto found = now_.find(task);
        return found == now_.end() ? task : found->second;
    }
    const scenario::name_table& names() const { return names_; }

  private:
    scenario::name_table names_;
    std::map<name_id, std::uint32_t> lives_;
    std::map<name_id, name_id> now_;
};

class history_writer {
  public:
    explicit history_writer(const scenario::name_table& names) : lives_(names) {}

    json write(const planned_step& step) {
        for (const auto& branch : step.branches)
            for (const planned_call& call : branch)
                if (call.asked.child)
                    lives_.bear(call.asked.child);
        if (!step.is_block())
            return write(step.branches.front().front());
        json branches = json::array();
        for (const auto& branch : step.branches) {
            json calls = json::array();
            for (const planned_call& call : branch)
                calls.push_back(write(call));
            branches.push_back(std::move(calls));
        }
        json out = {{"concurrently", std::move(branches)}};
        json schedule = json::array();
        for (const planned_turn& turn : step.schedule)
            schedule.push_back(lives_.names()[lives_(turn.task)] + ": " +
                               std::string(label_name(turn.label)));
        out["schedule"] = std::move(schedule);
        return out;
    }

    bool is_used(std::size_t program) const { return program < used_.size() && used_[program]; }

  private:
    json write(const planned_call& call) {
        request asked = call.asked;
        if (asked.child)
            asked.child = lives_(asked.child);
        if (asked.target)
            asked.target = lives_(asked.target);
        if (asked.program) {
            used_.resize(std::max<std::size_t>(used_.size(), asked.program.value + 1));
            used_[asked.program.value] = true;
        }
        return scenario::write_call({lives_.names(), shelf().filters}, *call.row, lives_(call.task), asked,
                                    std::span(call.polled).first(asked.polls));
    }

    life_names lives_;
    std::vector<bool> used_;
};

} // namespace

void drop_unsayable(history& steps) {
    made_names made;
    for (planned_step& step : steps) {
        // What one branch of a block makes, the others may name; what is left out makes nothing.
        for (bool changed = true; changed;) {
            made_names there = made;
            for (const auto& branch : step.branches)
                for (const planned_call& call : branch)
                    if (step.is_block())
                        there.add_all_of(call);
            changed = false;
            for (auto& branch : step.branches)
                changed =
                    std::erase_if(branch, [&](planned_call& call) { return !there.can_say(call); }) > 0 ||
                    changed;
        }
        std::erase_if(step.branches, [](const auto& branch) { return branch.empty(); });
        for (const auto& branch : step.branches)
            for (const planned_call& call : branch)
                made.add_all_of(call);
        std::erase_if(step.schedule, [&](const planned_turn& turn) {
            return turn.task != scenario::scenario::rcu() && !made.has(turn.task, name_role::task);
        });
    }
    std::erase_if(steps, [](const planned_step& step) { return step.branches.empty(); });
}

std::string scenario_text(const history& steps, const scenario::name_table& names,
                          const scenario_head& head) {
    history_writer writer(names);
    json list = json::array();
    for (const planned_step& step : steps)
        list.push_back(writer.write(step));
    json out = {{"schema", "seccomp-sim/scenario/1"}, {"name", head.name}};
    if (!head.summary.empty())
        out["summary"] = head.summary;
    if (!head.source.empty())
        out["source"] = head.source;
    if (!head.on.empty())
        out["on"] = head.on;
    if (head.violates)
        out["violates"] = std::string(name_of(*head.violates));
    const json all_filters = json::parse(shelf().text);
    json filters = json::object();
    std::size_t number = 0;
    for (const auto& [name, filter] : all_filters.items())
        if (writer.is_used(number++))
            filters[name] = filter;
    if (!filters.empty())
        out["filters"] = std::move(filters);
    out["steps"] = std::move(list);
    return scenario::laid_out(out);
}

result<scenario::scenario> to_scenario(const history& steps, const scenario::name_table& names,
                                       const scenario_head& head) {
    return scenario::read_scenario(scenario_text(steps, names, head), head.name);
}

} // namespace seccomp_sim::property

// What can happen at all in the rest of a scenario, by the calls that are in it and the filters they meet:
// some steps are private only because of what nobody in the scenario ever does.
#pragma once

#include "seccomp_sim/kernel.hpp"
#include "sim/scenario/scenario.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace seccomp_sim::explore {

/// The parts of the partial order reduction (label_effects.hpp) that can be left out one by one.
struct reduction_parts {
    bool counts = true;        ///< counting beside a user that stays
    bool sections = true;      ///< sections under a lock that are private as a whole
    bool lock_pairs = true;    ///< two locks that are taken one after the other
    bool passing_calls = true; ///< calls that every filter lets pass
    friend bool operator==(const reduction_parts&, const reduction_parts&) = default;
};

/// A part by its name.
struct reduction_part {
    std::string_view name;
    bool reduction_parts::*part;
};
inline constexpr std::array reduction_part_names{
    reduction_part{"counts", &reduction_parts::counts},
    reduction_part{"sections", &reduction_parts::sections},
    reduction_part{"lock-pairs", &reduction_parts::lock_pairs},
    reduction_part{"passing-calls", &reduction_parts::passing_calls},
};

struct scenario_facts {
    reduction_parts parts;
    bool kills = false; ///< a task may die of another's doing, or stop, or change its process by exec
    bool takes_fd_tables = false;  ///< somebody looks into another task's fd table, or leaves a shared one
    bool looks_at_filters = false; ///< somebody looks at another task's filters
    std::vector<name_id> exiting;  ///< the tasks that exit by themselves
    std::vector<std::uint8_t> passing; ///< by request: every filter there is lets it pass

    bool may_exit(name_id task) const;
    bool lets_pass(request_id call) const { return call.value < passing.size() && passing[call.value] != 0; }
};
scenario_facts facts_of(const scenario::scenario& s, const scenario::applicability& applies);

/// By request: whether every filter that there will ever be lets it pass.
std::vector<std::uint8_t> passing_requests(const kernel& k);

/// A task that lives on: nothing that is left of the scenario makes it exit.
bool stays(const kernel& k, const scenario_facts& facts, task_id who);

/// A thread whose group's leader stays: its group is never empty, and never dies as a whole.
bool leader_stays(const kernel& k, const scenario_facts& facts, task_id who);

} // namespace seccomp_sim::explore

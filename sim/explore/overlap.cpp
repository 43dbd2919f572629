// Lets the steps of named tasks overlap.
#include "sim/explore/overlap.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/nearest_name.hpp"
#include "sim/scenario/read_scenario.hpp"
#include "sim/scenario/write_scenario.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace seccomp_sim::explore {
namespace {

using json = nlohmann::ordered_json;

[[noreturn]] void fail(const scenario::scenario& s, std::string what, std::string hint) {
    throw scenario::input_error(
        {s.text ? place{s.text->file(), 1, 1, ""} : place{}, std::move(what), std::move(hint)});
}

bool is_by(const json& step, const std::vector<std::string>& tasks) {
    return step.contains("task") && std::find(tasks.begin(), tasks.end(), step["task"]) != tasks.end();
}

} // namespace

scenario::scenario overlap_tasks(const scenario::scenario& s, const std::vector<std::string>& tasks) {
    json text = json::parse(scenario::write_scenario(s));
    json& steps = text["steps"];
    for (const std::string& task : tasks)
        if (std::none_of(steps.begin(), steps.end(), [&](const json& step) { return is_by(step, {task}); }))
            fail(s, "no step of this scenario is made by a task \"" + task + "\"",
                 "expected tasks that make steps outside of repeats and concurrent blocks");
    const auto first =
        std::find_if(steps.begin(), steps.end(), [&](const json& step) { return is_by(step, tasks); });
    auto last = steps.end();
    while (!is_by(*(last - 1), tasks))
        --last;
    json branches = json::array();
    std::vector<std::string> order;
    for (auto step = first; step != last; ++step) {
        if (step->contains("expect"))
            continue;
        if (!step->contains("task"))
            fail(s, "a repeat or a concurrent block stands between the steps that are to overlap",
                 "expected single calls there");
        const auto who = (*step)["task"].get<std::string>();
        auto place = std::find(order.begin(), order.end(), who);
        if (place == order.end()) {
            order.push_back(who);
            branches.push_back(json::array());
            place = order.end() - 1;
        }
        json call = *step;
        call.erase("returns"); // what it gives back may depend on the order now
        call.erase("reports");
        branches[static_cast<std::size_t>(place - order.begin())].push_back(std::move(call));
    }
    json changed = json::array();
    for (auto step = steps.begin(); step != first; ++step)
        changed.push_back(*step);
    changed.push_back({{"concurrently", std::move(branches)}});
    for (auto step = last; step != steps.end(); ++step)
        if (!step->contains("expect"))
            changed.push_back(*step);
    steps = std::move(changed);
    return scenario::value_or_throw(
        scenario::read_scenario(text.dump(2), s.text ? s.text->file() : std::string("overlap")));
}

} // namespace seccomp_sim::explore

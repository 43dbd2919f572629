// The defect of the posted patch as a scenario: TSYNC while a thread exits.
#pragma once

#include "sim/explore/search.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <stdexcept>
#include <string>

namespace seccomp_sim::explore {

inline scenario::scenario scenario_of(const std::string& text) {
    return scenario::value_or_throw(scenario::read_scenario(text, "example.json"));
}

inline scenario::chosen_kernel kernel_named(std::string_view name) {
    return scenario::choose(scenario::value_or_throw(scenario::parse_preset(name)));
}

/// `threads` siblings of the worker exit while it installs a second filter with TSYNC. What stands before and
/// after makes no difference to it.
inline scenario::scenario tsync_while_threads_exit(unsigned threads) {
    std::string forks;
    std::string exits;
    for (unsigned i = 0; i < threads; ++i) {
        const std::string name = "t" + std::to_string(i);
        forks += R"({"task": "worker", "do": "thread", "child": ")" + name + R"("},)";
        exits += R"(, [{"task": ")" + name + R"(", "do": "exit"}])";
    }
    return scenario_of(R"({
        "schema": "seccomp-sim/scenario/1", "name": "tsync-exit",
        "filters": {"first": {"allow": 4}, "second": {"allow": 4}, "unrelated": {"allow": 4}},
        "steps": [
            {"task": "init", "do": "fork", "child": "bystander"},
            {"task": "bystander", "do": "seccomp", "filter": "unrelated", "returns": "ok"},
            {"task": "init", "do": "fork", "child": "worker", "returns": "worker"},
            {"task": "worker", "do": "seccomp", "filter": "first"},)" +
                       forks + R"(
            {"concurrently": [[{"task": "worker", "do": "seccomp", "filter": "second", "flags": ["TSYNC"],
                                "returns": "ok"}])" +
                       exits + R"(]},
            {"task": "bystander", "do": "exit"},
            {"expect": {"counters": {"unrelated": {"usage": 0}}}}
        ]})");
}

/// The first finding of that invariant; throws if there is none.
inline finding found_in(const scenario::scenario& s, const scenario::chosen_kernel& on, invariant which,
                        const position_options& in_position) {
    search_options o;
    o.in_position = in_position;
    o.all_findings = true;
    o.max_states = 300'000;
    for (finding& f : search(s, on, o).run().findings)
        if (f.what.which == which)
            return std::move(f);
    throw std::runtime_error("the example does not break " + std::string(name_of(which)));
}

} // namespace seccomp_sim::explore

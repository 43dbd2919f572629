// Short ways to write scenarios in tests, and to say what reading them comes to.
#pragma once

#include "sim/scenario/read_scenario.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <utility>

/// One name for it where both namespaces are open.
using scenario_data = seccomp_sim::scenario::scenario;

/// A scenario with a filter `watch` and these steps: the text between the brackets. Other members may come
/// first.
inline std::string scenario_text(std::string_view steps, std::string_view members = {}) {
    std::string text = R"({"schema": "seccomp-sim/scenario/1", "name": "test", )";
    text += members;
    if (members.find("\"filters\"") == std::string_view::npos)
        text += R"("filters": {"watch": {"allow": 1}}, )";
    return text + "\"steps\": [\n" + std::string(steps) + "]}";
}

inline scenario_data scenario_with(std::string_view steps, std::string_view members = {}) {
    auto read = seccomp_sim::scenario::read_scenario(scenario_text(steps, members), "f.json");
    if (!read)
        FAIL(seccomp_sim::to_text(read.error()));
    return std::move(*read);
}

/// What a user is told, without the file's name.
inline std::string told(std::string_view steps, std::string_view members = {}) {
    const auto read = seccomp_sim::scenario::read_scenario(scenario_text(steps, members), "f.json");
    return read ? "accepted" : seccomp_sim::to_text(read.error()).substr(std::string_view("f.json:").size());
}

/// The request of the step with this index.
inline const seccomp_sim::scenario::call_step& call_at(const scenario_data& s, std::size_t step)
{ return std::get<seccomp_sim::scenario::call_step>(s.steps.at(step).what); }

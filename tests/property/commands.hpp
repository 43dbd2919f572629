// What RapidCheck makes and shrinks: a list of commands, each a handful of numbers that the generator takes
// its choices from.
#pragma once

#include "sim/property/random_scenario.hpp"
#include "sim/scenario/output_file.hpp"

#include <rapidcheck.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

namespace seccomp_sim::property {

using command = std::array<std::uint32_t, 24>;
using commands = std::vector<command>;

/// A history that grows by one step for each command, with the kernel it runs on.
class commanded_story {
  public:
    commanded_story(const revision& on, const generator_options& options)
        : world(on), next_(options, choices_) {}

    /// Makes up a step from the command and runs it; false if the command came to nothing.
    bool obey(const command& c) {
        choices_ = listed_source(c);
        planned_step step;
        if (!next_.next_step(world, step))
            return false;
        if (step.branches.size() > 1) {
            uniform_scheduler any(choices_);
            world.run_block(step.branches, any, &step.schedule);
            steps.push_back(std::move(step));
            return true;
        }
        for (const planned_call& call : step.branches.front())
            if (world.is_possible(call)) {
                world.run_call(call);
                steps.push_back({{{call}}, {}});
            }
        return true;
    }

    const scenario::name_table& names() const { return next_.names(); }
    /// The history so far as a scenario file in the folder for temporary files; its path. RapidCheck runs
    /// the smallest failing commands last, so that is what is left there.
    std::string written(const std::string& name, const std::string& revision_name) {
        drop_unsayable(steps);
        scenario_head head;
        head.name = name;
        head.summary = "A property test failed here on " + revision_name + ".";
        const std::string path = (std::filesystem::temp_directory_path() / (name + ".json")).string();
        auto file = scenario::output_file::open(path);
        RC_ASSERT(file.has_value());
        file->write(scenario_text(steps, next_.names(), head));
        RC_ASSERT(file->commit().has_value());
        return path;
    }

    execution world;
    history steps;

  private:
    listed_source choices_{{}};
    generator next_;
};

inline rc::Gen<command> any_command() {
    return rc::gen::container<command>(rc::gen::inRange<std::uint32_t>(0, 1U << 20));
}
inline rc::Gen<commands> any_commands() {
    return rc::gen::container<commands>(any_command());
}

} // namespace seccomp_sim::property

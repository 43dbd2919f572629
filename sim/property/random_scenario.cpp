// Random scenarios, and the test for calls whose outcome hangs on the order of things.
#include "sim/property/random_scenario.hpp"

#include "sim/scenario/input_error.hpp"

#include <algorithm>
#include <map>

namespace seccomp_sim::property {

namespace {

/// The values that calls return, by task.
class return_watch final : public observer {
  public:
    explicit return_watch(const kernel& k) : k_(k) {}
    void on_return(task_id who, request_id, std::int64_t value) override {
        values[k_.w.tasks[who].name].push_back(value);
    }
    void on_event(task_id who, name_id fd, std::uint32_t events) override {
        values[k_.w.tasks[who].name].push_back(static_cast<std::int64_t>(fd.value) << 32 | events);
    }
    void on_exit(task_id who, std::int32_t code) override { values[k_.w.tasks[who].name].push_back(code); }
    std::map<name_id, std::vector<std::int64_t>> values;

  private:
    const kernel& k_;
};

std::string outcome_of(const execution& before, const planned_call& call, std::uint64_t schedule) {
    execution world(before);
    return_watch watch(world.k);
    world.k.watch = &watch;
    if (schedule == 0) {
        world.run_call(call);
    } else {
        random_source order(schedule);
        uniform_scheduler any(order);
        const std::vector<std::vector<planned_call>> alone{{call}};
        world.run_block(alone, any);
    }
    world.k.watch = nullptr;
    std::string text;
    for (const auto& [task, values] : watch.values) {
        text += std::to_string(task.value) + ":";
        for (const std::int64_t value : values)
            text += " " + std::to_string(value);
        text += "\n";
    }
    return text + visible_state(world);
}

bool has_one_outcome(const execution& before, const planned_call& call, std::uint32_t schedules) {
    const std::string expected = outcome_of(before, call, 0);
    for (std::uint32_t i = 1; i <= schedules; ++i)
        if (outcome_of(before, call, i) != expected)
            return false;
    return true;
}

} // namespace

std::string visible_state(execution& at_rest) {
    kernel& k = at_rest.k;
    std::vector<std::string> lines;
    const auto number = [](auto value) { return " " + std::to_string(value); };
    const auto named = [&](filter_id f) { return f ? number(k.w.filters[f].name.value) : std::string(" -"); };
    for (const task_id id : at_rest.tasks()) {
        const task& t = k.w.tasks[id];
        std::string line = "task" + number(t.name.value) + number(t.pid) + number(static_cast<int>(t.state)) +
                           number(static_cast<int>(t.exit_state)) + number(static_cast<int>(t.mode)) +
                           number(t.filter_count) + named(t.filter) + number(t.call ? 1 : 0) +
                           number(t.exit_code) + number(t.pending);
        if (t.files)
            for (const fd_slot& slot : k.w.fd_tables[t.files].slots)
                line += number(slot.fd) + number(slot.name.value);
        lines.push_back(line);
    }
    k.w.filters.for_each([&](filter_id, const filter& f) {
        lines.push_back("filter" + number(f.name.value) + number(f.usage) + number(f.live) + named(f.prev));
    });
    k.w.open_files.for_each([&](file_id id, const file& f) {
        if (f.kind == file_kind::listener)
            lines.push_back("listener" + number(f.name.value) + number(f.refs) + number(k.poll_now(id)));
    });
    k.w.knotifs.for_each([&](knotif_id, const knotif& n) {
        lines.push_back("notification" + named(n.filter) + number(k.w.tasks[n.task].name.value) +
                        number(n.cookie) + number(static_cast<int>(n.state)));
    });
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines)
        text += line + "\n";
    return text;
}

random_options replayable_on_a_kernel() {
    random_options options;
    options.calls.faults = false;
    options.calls.leaders_fork = true;
    // Distributions' kernels have no such file.
    scenario::value_or_throw(set_weight(options.calls.weights, "read_seccomp_cache=0"));
    options.schedules_tried = 6;
    return options;
}

random_history make_history(const revision& on, const random_options& options, choice_source& choices) {
    constexpr int tries = 20;
    execution world(on);
    generator next(options.calls, choices);
    random_history made;
    for (int tried = 0; made.steps.size() < options.steps && tried < tries; ++tried) {
        planned_step step;
        if (!next.next_step(world, step))
            continue;
        if (step.is_block()) {
            uniform_scheduler any(choices);
            world.run_block(step.branches, any, &step.schedule);
        } else {
            const planned_call& call = step.branches.front().front();
            if (options.schedules_tried > 0 && !has_one_outcome(world, call, options.schedules_tried))
                continue;
            world.run_call(call);
        }
        made.steps.push_back(std::move(step));
        tried = -1;
    }
    made.names = next.names();
    return made;
}

scenario::scenario random_scenario(const scenario::chosen_kernel& on, const random_options& options,
                                   std::uint64_t seed) {
    random_source choices(seed);
    random_history made = make_history(on.choices, options, choices);
    drop_unsayable(made.steps);
    scenario_head head;
    head.name = "random-" + std::to_string(seed);
    head.summary = "Made by chance.";
    return scenario::value_or_throw(to_scenario(made.steps, made.names, head));
}

} // namespace seccomp_sim::property

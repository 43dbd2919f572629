// Metamorphic properties: changes to a history that must not change what comes of it.
#include "tests/property/commands.hpp"

#include "seccomp_sim/errno_name.hpp"
#include "sim/replay/run.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

#include <algorithm>
#include <functional>
#include <random>

using namespace seccomp_sim;
using property::any_commands;
using property::commanded_story;
using property::execution;
using property::history;
using property::planned_call;
using property::planned_step;

namespace {

const preset& any_preset() {
    return all_presets()[*rc::gen::inRange<std::size_t>(0, all_presets().size())];
}

history any_history(const preset& on, const property::generator_options& options, double size = 1) {
    commanded_story story(on.choices, options);
    for (const property::command& c : *rc::gen::scale(size, any_commands()))
        story.obey(c);
    return story.steps;
}

/// Every name in a call goes through `rename`.
template <class Rename>
planned_call renamed(planned_call call, Rename&& rename) {
    for (name_id* name : {&call.task, &call.asked.child, &call.asked.fd, &call.asked.as, &call.asked.target,
                          &call.asked.notification, &call.asked.source})
        if (*name)
            *name = rename(*name);
    for (poll_request& p : call.polled)
        if (p.fd)
            p.fd = rename(p.fd);
    return call;
}
template <class Rename>
planned_step renamed(planned_step step, Rename&& rename) {
    for (auto& branch : step.branches)
        for (planned_call& call : branch)
            call = renamed(call, rename);
    for (property::planned_turn& turn : step.schedule)
        if (turn.task != scenario::scenario::rcu())
            turn.task = rename(turn.task);
    return step;
}

/// What tasks, filters and listeners of one container look like at rest: those whose names are in a range.
std::vector<std::string> state_of(execution& world, index_type first, index_type last) {
    kernel& k = world.k;
    std::vector<std::string> lines;
    const auto name = [&](name_id n) {
        return n ? " " + std::to_string(n.value - first) : std::string(" -");
    };
    const auto number = [](auto value) { return " " + std::to_string(value); };
    const auto is_of = [&](name_id n) { return n && n.value >= first && n.value < last; };
    const auto filter_name = [&](filter_id f) { return f ? name(k.w.filters[f].name) : std::string(" -"); };
    for (const task_id id : world.tasks()) {
        const task& t = k.w.tasks[id];
        if (!is_of(t.name))
            continue;
        std::string line = "task" + name(t.name) + number(t.ns_pid) + number(static_cast<int>(t.state)) +
                           number(static_cast<int>(t.exit_state)) + number(static_cast<int>(t.mode)) +
                           filter_name(t.filter) + number(t.call ? 1 : 0) + number(t.pending);
        if (t.files)
            for (const fd_slot& slot : k.w.fd_tables[t.files].slots)
                line += number(slot.fd) + name(slot.name);
        lines.push_back(line);
    }
    k.w.filters.for_each([&](filter_id, const filter& f) {
        if (is_of(f.name))
            lines.push_back("filter" + name(f.name) + number(f.usage) + number(f.live) + filter_name(f.prev));
    });
    k.w.open_files.for_each([&](file_id id, const file& f) {
        if (f.kind == file_kind::listener && is_of(f.name))
            lines.push_back("listener" + name(f.name) + number(f.refs) + number(k.poll_now(id)));
    });
    std::sort(lines.begin(), lines.end());
    return lines;
}

/// Two worlds are compared after each step: shorter histories, to take a second.
constexpr double contained_size = 0.4;
constexpr index_type container_names = 4'000;
constexpr index_type first_of_a = container_names, first_of_b = 2 * container_names;

/// The history of a container: what `init` did is done by its root, which is the init of a pid namespace.
history contained(const history& steps, index_type first) {
    history out;
    for (const planned_step& step : steps)
        out.push_back(renamed(step, [&](name_id n) { return name_id{n.value + first}; }));
    return out;
}

void make_root(execution& world, index_type first) {
    planned_call fork;
    fork.row = scenario::find_operation("fork");
    fork.task = scenario::scenario::init();
    fork.asked.op = operation::fork;
    fork.asked.system_call = fork.row->system_call;
    fork.asked.flags = clone_flag::new_pid;
    fork.asked.child = {first};
    world.run_call(fork);
}

void run_possible(execution& world, const planned_step& step) {
    if (step.is_block() || world.is_possible(step.branches.front().front()))
        world.run_step(step);
}

/// Containers must not meet: no pids of others are seen, and a death is the root's own affair.
property::generator_options for_containers(std::uint32_t block_percent) {
    property::generator_options options;
    options.block_percent = block_percent;
    return options;
}

std::string told(const scenario::scenario& s, const scenario::chosen_kernel& on,
                 const std::function<std::string(std::string_view)>& name) {
    replay::run r(s, on);
    std::string out;
    const auto text = [&](name_id n) { return n ? " " + name(s.name_of(n)) : std::string(" -"); };
    while (const auto step = r.next()) {
        RC_ASSERT(step->has_value());
        const replay::step_report& report = **step;
        out += std::to_string(report.number) + " " + std::to_string(static_cast<int>(report.end)) + " " +
               std::to_string(report.value);
        for (const replay::event& e : report.events)
            out += "; " + std::to_string(static_cast<int>(e.what)) + text(e.who) + text(e.fd) +
                   text(e.target) + " " + std::to_string(e.events) + " " + std::to_string(e.number);
        for (const replay::counter_change& c : report.counters)
            out += "; " + text(c.filter) + " " + std::to_string(c.usage_after) + " " +
                   std::to_string(c.live_after);
        for (const replay::poll_state& p : report.polls)
            out += "; " + text(p.fd) + " " + std::to_string(p.events);
        out += "\n";
    }
    return out;
}

} // namespace

TEST_CASE("renaming tasks changes nothing but names") {
    rc::prop("on any kernel", [] {
        const preset& on = any_preset();
        property::generator_options options;
        options.block_percent = 30;
        commanded_story story(on.choices, options);
        for (const property::command& c : *any_commands())
            story.obey(c);
        property::drop_unsayable(story.steps);
        RC_PRE(!story.steps.empty());
        // The same names and, in a second table, others for the tasks, in the opposite order.
        scenario::name_table names = story.names();
        scenario::name_table other;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string& name = names.all()[i];
            const bool is_task = name.front() == 't' && name.find_first_not_of("0123456789", 1) == name.npos;
            other.intern(is_task ? "Z" + std::to_string(1000 - std::stoi(name.substr(1))) : name);
        }
        const auto chosen = scenario::choose(static_cast<std::uint8_t>(&on - all_presets().data()));
        const property::scenario_head head{"renamed", {}, {}, {}, {}};
        const auto first = scenario::value_or_throw(property::to_scenario(story.steps, names, head));
        const auto second = scenario::value_or_throw(property::to_scenario(story.steps, other, head));
        const auto back = [](std::string_view name) {
            return name.front() == 'Z' ? "t" + std::to_string(1000 - std::stoi(std::string(name.substr(1))))
                                       : std::string(name);
        };
        RC_ASSERT(told(first, chosen, [](std::string_view n) { return std::string(n); }) ==
                  told(second, chosen, back));
    });
}

TEST_CASE("a revision and itself never differ") {
    rc::prop("on any kernel", [] {
        const preset& on = any_preset();
        property::generator_options options;
        options.block_percent = 30;
        const history steps = any_history(on, options);
        execution first(on.choices);
        execution second(on.choices);
        for (const planned_step& step : steps) {
            first.run_step(step);
            second.run_step(step);
            RC_ASSERT(first.k.w == second.k.w);
            RC_ASSERT(hash_of(first.k.w) == hash_of(second.k.w));
        }
    });
}

TEST_CASE("a recorded schedule leads to the same states") {
    rc::prop("on any kernel", [] {
        const preset& on = any_preset();
        property::generator_options options;
        options.block_percent = 80;
        commanded_story story(on.choices, options);
        execution again(on.choices);
        std::size_t done = 0;
        for (const property::command& c : *any_commands()) {
            story.obey(c);
            for (; done < story.steps.size(); ++done)
                again.run_step(story.steps[done]);
            RC_ASSERT(property::visible_state(again) == property::visible_state(story.world));
        }
    });
}

TEST_CASE("an unrelated container changes nothing for the first") {
    rc::prop("on any kernel", [] {
        const preset& on = any_preset();
        const history a = contained(any_history(on, for_containers(20), contained_size), first_of_a);
        const history b = contained(any_history(on, for_containers(20), contained_size), first_of_b);
        execution alone(on.choices);
        execution beside(on.choices);
        make_root(alone, first_of_a);
        make_root(beside, first_of_a);
        make_root(beside, first_of_b);
        std::size_t next_of_b = 0;
        for (const planned_step& step : a) {
            for (auto turns = *rc::gen::inRange(0, 3); turns > 0 && next_of_b < b.size(); --turns)
                run_possible(beside, b[next_of_b++]);
            run_possible(alone, step);
            run_possible(beside, step);
            RC_ASSERT(state_of(alone, first_of_a, first_of_a + container_names) ==
                      state_of(beside, first_of_a, first_of_a + container_names));
        }
    });
}

TEST_CASE("independent branches commute") {
    rc::prop("on any kernel", [] {
        const preset& on = any_preset();
        const history a = contained(any_history(on, for_containers(0), contained_size), first_of_a);
        const history b = contained(any_history(on, for_containers(0), contained_size), first_of_b);
        execution one_then_other(on.choices);
        execution together(on.choices);
        for (execution* world : {&one_then_other, &together}) {
            make_root(*world, first_of_a);
            make_root(*world, first_of_b);
        }
        property::random_source choices(*rc::gen::arbitrary<std::uint64_t>());
        property::uniform_scheduler any(choices);
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
            run_possible(one_then_other, b[i]);
            run_possible(one_then_other, a[i]);
            const std::vector<std::vector<planned_call>> both{a[i].branches.front(), b[i].branches.front()};
            together.run_block(both, any);
            for (const index_type first : {first_of_a, first_of_b})
                RC_ASSERT(state_of(one_then_other, first, first + container_names) ==
                          state_of(together, first, first + container_names));
        }
    });
}

TEST_CASE("closing and passing an fd again changes no counter at rest") {
    rc::prop("on any kernel", [] {
        const preset& on = any_preset();
        property::generator_options options;
        options.errors = 0;
        for (const char* weight : {"fork=40", "seccomp=40", "exit=1", "exit_group=1", "kill=1", "tgkill=1"})
            RC_ASSERT(property::set_weight(options.weights, weight).has_value());
        commanded_story story(on.choices, options);
        // Always so many: a short history seldom has a listener and somebody to pass it to.
        for (const property::command& c :
             *rc::gen::container<property::commands>(60, property::any_command()))
            story.obey(c);
        kernel& k = story.world.k;
        RC_PRE(k.violations.empty());
        const auto is_free = [&](task_id t) {
            const task& record = k.w.tasks[t];
            return !record.call && record.state == task_state::running &&
                   record.mode != seccomp_mode::strict && record.exit_state == exit_state::alive &&
                   !record.tracer && k.w.groups[record.group].limit_nofile > 100;
        };
        // Any holder of a listener, and any other task with an fd table of its own.
        planned_call there;
        task_id from, to;
        for (const task_id t : story.world.tasks()) {
            if (!is_free(t) || !k.w.tasks[t].files)
                continue;
            for (const fd_slot& slot : k.w.fd_tables[k.w.tasks[t].files].slots)
                if (slot.file && k.w.open_files[slot.file].kind == file_kind::listener && !from) {
                    from = t;
                    there.asked.fd = slot.name;
                }
        }
        for (const task_id t : story.world.tasks())
            if (from && is_free(t) && k.w.tasks[t].files != k.w.tasks[from].files)
                to = t;
        RC_PRE(bool{from});
        RC_PRE(bool{to});
        const auto counters = [&] {
            std::vector<std::int32_t> all;
            k.w.filters.for_each([&](filter_id, const filter& f) {
                all.push_back(f.usage);
                all.push_back(f.live);
            });
            return all;
        };
        const auto before = counters();
        const name_id away{first_of_a}, back{first_of_b};
        const auto call = [&](const char* verb, task_id who, name_id fd, task_id target, name_id as) {
            planned_call c;
            c.row = scenario::find_operation(verb);
            c.task = k.w.tasks[who].name;
            c.asked.op = c.row->op;
            c.asked.system_call = c.row->system_call;
            c.asked.fd = fd;
            c.asked.target = target ? k.w.tasks[target].name : name_id{};
            c.asked.as = as;
            RC_ASSERT(story.world.is_possible(c));
            story.world.run_call(c);
        };
        call("send_fd", from, there.asked.fd, to, away);
        call("close", from, there.asked.fd, {}, {});
        call("send_fd", to, away, from, back);
        call("close", to, away, {}, {});
        RC_ASSERT(k.violations.empty());
        RC_ASSERT(counters() == before);
    });
}

TEST_CASE("what these properties compare tells a broken kernel from a whole one") {
    const preset& on = all_presets().back();
    std::mt19937 numbers(1);
    int worlds = 0, visible = 0, containers = 0;
    for (int i = 0; i < 80; ++i) {
        revision broken = on.choices;
        broken.mutant = i % 2 == 0 ? mutant::poll_forgets_hup : mutant::attach_skips_count;
        commanded_story story(on.choices, for_containers(0));
        for (int n = 0; n < 60; ++n) {
            property::command c;
            for (std::uint32_t& number : c)
                number = numbers() % (1U << 20);
            story.obey(c);
        }
        execution whole(on.choices);
        execution other(broken);
        for (const planned_step& step : contained(story.steps, 0)) {
            run_possible(whole, step);
            run_possible(other, step);
        }
        worlds += whole.k.w == other.k.w ? 0 : 1;
        visible += property::visible_state(whole) == property::visible_state(other) ? 0 : 1;
        containers += state_of(whole, 0, container_names) == state_of(other, 0, container_names) ? 0 : 1;
    }
    CHECK(worlds > 0);
    CHECK(visible > 0);
    CHECK(containers > 0);
}

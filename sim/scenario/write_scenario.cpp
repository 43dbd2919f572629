// Turns a scenario's document into JSON again, changed.
#include "sim/scenario/write_scenario.hpp"

#include "sim/scenario/flag_names.hpp"
#include "sim/scenario/json_layout.hpp"
#include "sim/scenario/schedule_text.hpp"
#include "sim/scenario/step_walk.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

using json = nlohmann::ordered_json;

json settings_json(const std::vector<choice_setting>& settings) {
    json out = json::object();
    for (const choice_setting& setting : settings) {
        const choice& subject = all_choices()[setting.choice];
        out[std::string(subject.name)] = std::string(subject.values[setting.value].name);
    }
    return out;
}

// As a program, so that the file can be put anywhere.
json program_json(const named_filter& filter) {
    json instructions = json::array();
    for (const sock_filter& i : filter.program.classic())
        instructions.push_back({i.code, i.jt, i.jf, i.k});
    return {{"bpf", std::move(instructions)}, {"comment", "from " + filter.file}};
}

class writer {
  public:
    writer(const scenario& s, const scenario_changes& changes) : s_(s), doc_(*s.text), changes_(changes) {}

    json write() {
        json top = json::object();
        for (const source_ref member : doc_.children(doc_.root())) {
            const std::string key(doc_.key(member));
            if (key == "steps")
                top[key] = write_steps(member);
            else if (key == "filters")
                top[key] = write_filters(member);
            else
                top[key] = value_of(member);
        }
        change(top, "name", changes_.name);
        change(top, "summary", changes_.summary);
        change(top, "source", changes_.source);
        change(top, "note", changes_.note);
        change(top, "on", changes_.on);
        change(top, "seed", changes_.seed);
        if (changes_.violates)
            place(top, "violates", std::string(seccomp_sim::name_of(*changes_.violates)));
        if (changes_.set)
            place(top, "set", settings_json(*changes_.set));
        return top;
    }

  private:
    using alternatives = std::vector<std::string>; // of a constraint; none: always

    // New members stand before the steps.
    static void place(json& top, const char* key, json value) {
        if (top.contains(key)) {
            top[key] = std::move(value);
            return;
        }
        json steps = std::move(top["steps"]);
        top.erase("steps");
        top[key] = std::move(value);
        top["steps"] = std::move(steps);
    }

    template <class T>
    static void change(json& top, const char* key, const std::optional<T>& value) {
        if (value)
            place(top, key, *value);
    }

    // NOLINTNEXTLINE(misc-no-recursion): the parser has limited the depth
    json value_of(source_ref value) {
        switch (doc_.kind(value)) {
        case json_kind::null:
            return nullptr;
        case json_kind::boolean:
            return doc_.boolean(value);
        case json_kind::integer:
            if (const auto number = doc_.to_int64(value))
                return *number;
            return *doc_.to_uint64(value);
        case json_kind::real:
            return doc_.real(value);
        case json_kind::string:
            return std::string(variables_.replace(doc_.string(value)));
        case json_kind::array: {
            json out = json::array();
            for (const source_ref element : doc_.children(value))
                out.push_back(value_of(element));
            return out;
        }
        case json_kind::object: {
            json out = json::object();
            for (const source_ref member : doc_.children(value)) {
                std::string key(variables_.replace(doc_.key(member)));
                out[std::move(key)] = value_of(member);
            }
            return out;
        }
        }
        return nullptr;
    }

    json write_filters(source_ref filters) {
        json out = json::object();
        index_type number = 0;
        for (const source_ref member : doc_.children(filters)) {
            const named_filter& filter = s_.filters[number++];
            out[std::string(doc_.key(member))] =
                filter.file.empty() ? value_of(member) : program_json(filter);
        }
        return out;
    }

    bool is_repeat(source_ref step) const { return static_cast<bool>(doc_.find(step, "repeat")); }

    // Whether a change is about one round of a repeat, so that rounds are no longer alike.
    bool must_unroll(source_ref list) const {
        const auto in_repeat = [&](const scenario_changes::block_schedule& b) {
            return doc_.parent(s_.steps[b.step].info.where) != list;
        };
        return changes_.steps || !changes_.left_out.empty() || !changes_.expectations ||
               std::any_of(changes_.schedules.begin(), changes_.schedules.end(), in_repeat);
    }

    json write_steps(source_ref list) {
        json out = json::array();
        if (must_unroll(list)) {
            const std::size_t count = std::min(changes_.steps.value_or(s_.steps.size()), s_.steps.size());
            step_walk<alternatives> walk(doc_, list, variables_);
            for (std::size_t number = 0; number < count;) {
                const source_ref step = walk.next();
                if (is_repeat(step)) {
                    enter(walk, step);
                    continue;
                }
                if (!is_left_out(step, number))
                    out.push_back(write_step(step, number, walk.around()));
                ++number;
            }
            return out;
        }
        for (const source_ref step : doc_.children(list))
            out.push_back(write_step(step, number_of(step), {}));
        return out;
    }

    bool is_left_out(source_ref step, std::size_t number) const {
        return std::binary_search(changes_.left_out.begin(), changes_.left_out.end(), number) ||
               (!changes_.expectations && doc_.find(step, "expect"));
    }

    // Of a call: what it should come to, and what poll should report.
    static void strip_expectations(json& call) {
        for (const char* key : {"returns", "revents"})
            call.erase(key);
        if (call.value("do", "") != "epoll_ctl")
            call.erase("events");
    }

    // The index of a step that is in no repeat.
    std::size_t number_of(source_ref step) const {
        for (const auto& block : changes_.schedules)
            if (s_.steps[block.step].info.where == step)
                return block.step;
        return s_.steps.size();
    }

    void enter(step_walk<alternatives>& walk, source_ref repeat) {
        const auto rounds = doc_.to_uint64(doc_.find(repeat, "repeat")).value_or(1);
        alternatives around = both(walk.around(), alternatives_at(doc_.find(repeat, "on")));
        walk.enter(doc_.find(repeat, "steps"), doc_.string(doc_.find(repeat, "as")), rounds,
                   std::move(around));
    }

    alternatives alternatives_at(source_ref on) {
        if (!on)
            return {};
        if (doc_.kind(on) == json_kind::string)
            return {std::string(doc_.string(on))};
        alternatives out;
        for (const source_ref element : doc_.children(on))
            out.emplace_back(doc_.string(element));
        return out;
    }

    static alternatives both(const alternatives& a, const alternatives& b) {
        if (a.empty() || b.empty())
            return a.empty() ? b : a;
        alternatives out;
        for (const std::string& x : a)
            for (const std::string& y : b)
                out.push_back(x + " " + y);
        return out;
    }

    json write_step(source_ref step, std::size_t number, const alternatives& around) {
        json out = value_of(step);
        name_flags(out);
        if (!changes_.expectations) {
            strip_expectations(out);
            if (out.contains("concurrently"))
                for (json& branch : out["concurrently"])
                    for (json& call : branch)
                        strip_expectations(call);
        }
        if (!around.empty())
            out["on"] = both(around, alternatives_at(doc_.find(step, "on")));
        for (const auto& block : changes_.schedules) {
            if (block.step != number)
                continue;
            json schedule = json::array();
            for (const schedule_entry& entry : block.entries)
                schedule.push_back(schedule_entry_text(s_, entry.task, entry.label));
            out["schedule"] = std::move(schedule);
        }
        return out;
    }

    // The flags of a profile that was in a file are not in its program: each step that relied on them gets
    // them.
    // NOLINTNEXTLINE(misc-no-recursion): the reader has limited how deep repeats are nested
    void name_flags(json& step) {
        if (step.contains("concurrently"))
            for (json& branch : step["concurrently"])
                for (json& call : branch)
                    name_flags(call);
        if (step.contains("repeat"))
            for (json& inner : step["steps"])
                name_flags(inner);
        if (step.value("do", "") != "seccomp" || !step.contains("filter") || step.contains("flags"))
            return;
        for (const named_filter& filter : s_.filters)
            if (!filter.file.empty() && filter.flags != 0 && s_.name_of(filter.name) == step["filter"])
                for (const named_bits& flag : install_names.names)
                    if ((filter.flags & flag.value) != 0)
                        step["flags"].push_back(std::string(flag.name));
    }

    const scenario& s_;
    const document& doc_;
    const scenario_changes& changes_;
    repeat_variables variables_;
};

} // namespace

std::string write_scenario(const scenario& s, const scenario_changes& changes) {
    return laid_out(writer(s, changes).write());
}

} // namespace seccomp_sim::scenario

// Makes a failing scenario smaller while it still fails. It works on the scenario's JSON, so that whatever a
// file can say can be left out of it; the reader says what no longer makes sense then.
#include "sim/property/shrink.hpp"

#include "sim/replay/run.hpp"
#include "sim/scenario/json_layout.hpp"
#include "sim/scenario/read_scenario.hpp"
#include "sim/scenario/write_scenario.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>

namespace seccomp_sim::property {

namespace {

using json = nlohmann::ordered_json;
using json_list = std::vector<json>;

/// Takes the innermost thing that `pointer` is about, and that can be left out, out of the scenario.
bool remove_at(json& script, const std::string& pointer) {
    json::json_pointer at(pointer);
    while (!at.empty()) {
        const json::json_pointer list = at.parent_pointer();
        const bool can_go = !list.empty() && script.contains(list) && script[list].is_array() &&
                            (list.back() == "steps" || list.back() == "schedule" ||
                             list.parent_pointer().back() == "concurrently");
        if (can_go) {
            script[list].erase(std::stoul(at.back()));
            if (script[list].empty() && list.back() != "steps" && list.back() != "schedule")
                script[list.parent_pointer()].erase(std::stoul(list.back()));
            return true;
        }
        at = list;
    }
    return false;
}

bool is_block(const json& step) {
    return step.contains("concurrently");
}

/// A block without anything to interleave is a list of steps.
void unfold_blocks(json& script) {
    json steps = json::array();
    for (json& step : script["steps"]) {
        const bool empty = is_block(step) && step["concurrently"].empty();
        const bool alone = is_block(step) && step["concurrently"].size() == 1 &&
                           step.value("schedule", json::array()).empty();
        if (alone)
            for (json& call : step["concurrently"].front())
                steps.push_back(std::move(call));
        else if (!empty)
            steps.push_back(std::move(step));
    }
    script["steps"] = std::move(steps);
}

/// Filters that no step names.
void drop_unused_filters(json& script) {
    if (!script.contains("filters"))
        return;
    std::set<std::string> used;
    const auto look_at = [&](const json& call) {
        if (call.contains("filter"))
            used.insert(call["filter"].get<std::string>());
    };
    for (const json& step : script["steps"]) {
        look_at(step);
        if (is_block(step))
            for (const json& branch : step["concurrently"])
                for (const json& call : branch)
                    look_at(call);
    }
    json kept = json::object();
    for (const auto& [name, filter] : script["filters"].items())
        if (used.count(name) != 0)
            kept[name] = filter;
    if (kept.empty())
        script.erase("filters");
    else
        script["filters"] = std::move(kept);
}

class shrinker {
  public:
    shrinker(const scenario::scenario& first, const still_fails& judge, const shrink_options& options)
        : judge_(judge), options_(options), file_(first.text->file()) {
        scenario::scenario_changes unrolled;
        unrolled.steps = first.steps.size();
        best_ = json::parse(write_scenario(first, unrolled));
    }

    shrunk_scenario run(const scenario::scenario& first) {
        without_expectations();
        for (bool smaller = true; smaller && !spent();) {
            smaller = fewer_steps();
            smaller = fewer_tasks() || smaller;
            smaller = smaller_blocks() || smaller;
            smaller = fewer_filters() || smaller;
            smaller = fewer_arguments() || smaller;
        }
        result<scenario::scenario> smallest = scenario::read_scenario(scenario::laid_out(best_), file_);
        const bool changed = best_read_ && smallest.has_value();
        return {changed ? std::move(smallest).value() : first, candidates_};
    }

  private:
    bool spent() const { return candidates_ >= options_.most_candidates; }

    /// Judges a candidate, without what makes no sense in it; it becomes the best one if it fails.
    bool accept(json candidate) {
        if (spent())
            return false;
        const auto read = make_sensible(candidate);
        if (!read || candidate["steps"].empty() || candidate == best_)
            return false;
        ++candidates_;
        if (!judge_(*read))
            return false;
        best_ = std::move(candidate);
        best_read_ = true;
        return true;
    }

    /// The candidate as read, once all that could not be read or asked for is left out of it.
    std::optional<scenario::scenario> make_sensible(json& candidate) const {
        for (;;) {
            unfold_blocks(candidate);
            drop_unused_filters(candidate);
            result<scenario::scenario> read = scenario::read_scenario(scenario::laid_out(candidate), file_);
            const std::optional<place> wrong = read ? first_impossible(*read) : read.error().where;
            if (!wrong)
                return std::move(read).value();
            if (!remove_at(candidate, wrong->pointer))
                return std::nullopt;
        }
    }

    std::optional<place> first_impossible(const scenario::scenario& s) const {
        if (!options_.on)
            return std::nullopt;
        replay::run_options quick;
        quick.invariants = false;
        quick.watch_polls = false;
        replay::run r(s, *options_.on, quick);
        while (const auto step = r.next())
            if (!*step)
                return step->error().where;
        return std::nullopt;
    }

    void without_expectations() {
        json candidate = best_;
        json steps = json::array();
        const auto strip = [](json& call) {
            for (const char* key : {"returns", "events", "revents", "note", "at"})
                if (call.contains(key) &&
                    !(std::string_view(key) == "events" && call.value("do", "") == "epoll_ctl"))
                    call.erase(key);
        };
        for (json& step : candidate["steps"]) {
            if (step.contains("expect"))
                continue;
            strip(step);
            if (is_block(step))
                for (json& branch : step["concurrently"])
                    for (json& call : branch)
                        strip(call);
            steps.push_back(std::move(step));
        }
        candidate["steps"] = std::move(steps);
        accept(std::move(candidate));
    }

    json with_steps(const json_list& steps) const {
        json candidate = best_;
        candidate["steps"] = steps;
        return candidate;
    }

    /// Delta debugging on `steps`: what a removal makes senseless goes with it.
    bool fewer_steps() {
        bool smaller = false;
        for (std::size_t size = std::max<std::size_t>(best_["steps"].size() / 2, 1);; size /= 2) {
            for (std::size_t end = best_["steps"].size(); end > 0 && !spent();) {
                const std::size_t begin = end > size ? end - size : 0;
                json_list steps = best_["steps"];
                steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(begin),
                            steps.begin() + static_cast<std::ptrdiff_t>(end));
                smaller = accept(with_steps(steps)) || smaller;
                end = std::min(begin, best_["steps"].size());
            }
            if (size == 1)
                return smaller;
        }
    }

    bool fewer_tasks() {
        std::set<std::string> tasks;
        for (const json& step : best_["steps"])
            if (step.contains("child"))
                tasks.insert(step["child"].get<std::string>());
        bool smaller = false;
        for (const std::string& task : tasks) {
            json candidate = best_;
            json steps = json::array();
            for (json& step : candidate["steps"]) {
                const bool gone = step.value("task", "") == task || step.value("child", "") == task;
                if (!gone)
                    steps.push_back(std::move(step));
            }
            candidate["steps"] = std::move(steps);
            smaller = accept(std::move(candidate)) || smaller;
        }
        return smaller;
    }

    /// A filter gives way to another that is there anyway.
    bool fewer_filters() {
        if (!best_.contains("filters"))
            return false;
        std::vector<std::string> names;
        for (const auto& [name, filter] : best_["filters"].items())
            names.push_back(name);
        bool smaller = false;
        for (const std::string& from : names)
            for (const std::string& to : names) {
                if (from == to || !best_["filters"].contains(from) || !best_["filters"].contains(to))
                    continue;
                json candidate = best_;
                const auto rename = [&](json& call) {
                    if (call.value("filter", "") == from)
                        call["filter"] = to;
                };
                for (json& step : candidate["steps"]) {
                    rename(step);
                    if (is_block(step))
                        for (json& branch : step["concurrently"])
                            for (json& call : branch)
                                rename(call);
                }
                smaller = accept(std::move(candidate)) || smaller;
            }
        return smaller;
    }

    bool fewer_arguments() {
        static const std::set<std::string> kept = {"task",     "do",     "child",    "concurrently",
                                                   "schedule", "filter", "listener", "expect"};
        bool smaller = false;
        for (std::size_t i = 0; i < best_["steps"].size(); ++i) {
            std::vector<std::string> keys;
            for (const auto& [key, value] : best_["steps"][i].items())
                if (kept.count(key) == 0)
                    keys.push_back(key);
            for (const std::string& key : keys) {
                json candidate = best_;
                candidate["steps"][i].erase(key);
                const std::size_t steps = candidate["steps"].size();
                // Without a required argument the step itself would go, which was tried before.
                if (make_sensible(candidate) && candidate["steps"].size() == steps)
                    smaller = accept(std::move(candidate)) || smaller;
            }
        }
        return smaller;
    }

    bool smaller_blocks() {
        bool smaller = false;
        for (std::size_t i = 0; i < best_["steps"].size(); ++i) {
            const std::size_t steps = best_["steps"].size();
            if (is_block(best_["steps"][i]))
                smaller = smaller_block(i) || smaller;
            if (best_["steps"].size() < steps)
                --i;
        }
        return smaller;
    }

    bool smaller_block(std::size_t i) {
        const auto still_block = [&] { return i < best_["steps"].size() && is_block(best_["steps"][i]); };
        const std::size_t steps = best_["steps"].size();
        bool smaller = false;
        if (accept(block_as_steps(i)))
            return true;
        for (std::size_t b = 0; still_block() && b < best_["steps"][i]["concurrently"].size();) {
            json candidate = best_;
            candidate["steps"][i]["concurrently"].erase(b);
            if (accept(std::move(candidate)))
                smaller = true;
            else
                ++b;
        }
        for (std::size_t b = 0; still_block() && b < best_["steps"][i]["concurrently"].size(); ++b)
            for (std::size_t c = best_["steps"][i]["concurrently"][b].size(); c-- > 0 && still_block();) {
                if (b >= best_["steps"][i]["concurrently"].size() ||
                    best_["steps"][i]["concurrently"][b].size() < 2 ||
                    c >= best_["steps"][i]["concurrently"][b].size())
                    continue;
                json candidate = best_;
                candidate["steps"][i]["concurrently"][b].erase(c);
                smaller = accept(std::move(candidate)) || smaller;
            }
        if (!still_block() || best_["steps"].size() != steps || !best_["steps"][i].contains("schedule"))
            return smaller;
        json_list turns = best_["steps"][i]["schedule"];
        smaller = shrink_list(turns,
                              [&](const json_list& rest) {
                                  if (!still_block())
                                      return false;
                                  json candidate = best_;
                                  candidate["steps"][i]["schedule"] = rest;
                                  return accept(std::move(candidate));
                              }) ||
                  smaller;
        return fewer_switches(i) || smaller;
    }

    /// The block's calls one after the other.
    json block_as_steps(std::size_t i) const {
        json candidate = best_;
        json out = json::array();
        for (std::size_t s = 0; s < candidate["steps"].size(); ++s) {
            if (s != i) {
                out.push_back(candidate["steps"][s]);
                continue;
            }
            for (const json& branch : candidate["steps"][s]["concurrently"])
                for (const json& call : branch)
                    out.push_back(call);
        }
        candidate["steps"] = std::move(out);
        return candidate;
    }

    static std::size_t switches_in(const json_list& turns) {
        const auto task = [](const json& turn) {
            const auto text = turn.get<std::string>();
            return text.substr(0, text.find(':'));
        };
        std::size_t count = 0;
        for (std::size_t t = 1; t < turns.size(); ++t)
            count += task(turns[t]) != task(turns[t - 1]) ? 1U : 0U;
        return count;
    }

    /// Two neighbouring turns change places where that makes for fewer context switches.
    bool fewer_switches(std::size_t i) {
        bool smaller = false;
        for (std::size_t t = 0;; ++t) {
            if (i >= best_["steps"].size() || !best_["steps"][i].contains("schedule"))
                return smaller;
            json_list turns = best_["steps"][i]["schedule"];
            if (t + 1 >= turns.size())
                return smaller;
            const std::size_t before = switches_in(turns);
            std::swap(turns[t], turns[t + 1]);
            if (switches_in(turns) >= before)
                continue;
            json candidate = best_;
            candidate["steps"][i]["schedule"] = turns;
            smaller = accept(std::move(candidate)) || smaller;
        }
    }

    const still_fails& judge_;
    const shrink_options& options_;
    std::string file_;
    json best_;
    bool best_read_ = false; ///< best_ is no longer the first one
    std::size_t candidates_ = 0;
};

} // namespace

shrunk_scenario shrink(const scenario::scenario& failing, const still_fails& judge,
                       const shrink_options& options) {
    return shrinker(failing, judge, options).run(failing);
}

} // namespace seccomp_sim::property

// All small scenarios up to a size, each explored on each kernel.
#include "sim/explore/campaign.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <tuple>

namespace seccomp_sim::explore {
namespace {

using json = nlohmann::ordered_json;

/// A call that one of the tasks can make while others make theirs.
struct move {
    const char* task;
    const char* call; ///< JSON without the task
};

constexpr std::array moves = std::to_array<move>({
    {"worker", R"({"do": "exit"})"},
    {"worker", R"({"do": "exit_group"})"},
    {"worker", R"({"do": "fork", "child": "born"})"},
    {"worker", R"({"do": "thread", "child": "born"})"},
    {"worker", R"({"do": "exec"})"},
    {"worker", R"({"do": "seccomp", "filter": "plain"})"},
    {"worker", R"({"do": "seccomp", "filter": "plain", "flags": ["TSYNC"]})"},
    {"worker", R"({"do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L2"})"},
    {"worker",
     R"({"do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER", "TSYNC"], "listener": "L2"})"},
    {"worker",
     R"({"do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER", "TSYNC", "TSYNC_ESRCH"], "listener": "L2"})"},
    {"worker", R"({"do": "syscall", "name": "getppid"})"},
    {"thread", R"({"do": "exit"})"},
    {"thread", R"({"do": "fork", "child": "young"})"},
    {"thread", R"({"do": "exec"})"},
    {"thread", R"({"do": "seccomp", "filter": "plain"})"},
    {"thread", R"({"do": "seccomp", "filter": "plain", "flags": ["TSYNC"]})"},
    {"thread", R"({"do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L3"})"},
    {"thread", R"({"do": "syscall", "name": "getppid"})"},
    {"child", R"({"do": "exit"})"},
    {"child", R"({"do": "syscall", "name": "getppid"})"},
    {"init", R"({"do": "kill", "to": "worker", "signal": "SIGKILL"})"},
    {"init", R"({"do": "kill", "to": "child", "signal": "SIGKILL"})"},
    {"init", R"({"do": "close", "fd": "L"})"},
    {"init", R"({"do": "poll", "fds": {"L": []}, "timeout": -1})"},
    {"init", R"({"do": "recv", "fd": "L"})"},
    {"init", R"({"do": "recv", "fd": "L", "fault": "bad_pointer"})"},
    {"init", R"({"do": "wait"})"},
    {"agent", R"({"do": "recv", "fd": "L", "then": "send"})"},
    {"agent", R"({"do": "recv", "fd": "L", "then": "addfd"})"},
    {"agent", R"({"do": "poll", "fds": {"L": []}, "timeout": -1})"},
    {"tracer", R"({"do": "ptrace_seize", "target": "thread"})"},
    {"tracer", R"({"do": "exit"})"},
});

bool uses(const std::vector<const move*>& chosen, std::string_view task, std::string_view word = {}) {
    return std::any_of(chosen.begin(), chosen.end(), [&](const move* m) {
        return m->task == task ||
               (!word.empty() && std::string_view(m->call).find(word) != std::string_view::npos);
    });
}

/// Who races for a listener has none to begin with.
bool races_for_listener(const std::vector<const move*>& chosen) {
    return uses(chosen, "", "NEW_LISTENER");
}

std::string scenario_text(const std::vector<const move*>& chosen, std::size_t number) {
    json steps = json::array();
    const auto add = [&](const char* text) { steps.push_back(json::parse(text)); };
    add(R"({"task": "init", "do": "fork", "child": "worker"})");
    if (uses(chosen, "agent"))
        add(R"({"task": "init", "do": "fork", "child": "agent"})");
    if (uses(chosen, "tracer"))
        add(R"({"task": "init", "do": "fork", "child": "tracer"})");
    if (!races_for_listener(chosen)) {
        add(R"({"task": "worker", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"], "listener": "L"})");
        add(R"({"task": "worker", "do": "send_fd", "fd": "L", "to": "init"})");
        if (uses(chosen, "agent"))
            add(R"({"task": "worker", "do": "send_fd", "fd": "L", "to": "agent"})");
        add(R"({"task": "worker", "do": "close", "fd": "L"})");
    }
    if (uses(chosen, "thread", "\"thread\""))
        add(R"({"task": "worker", "do": "thread", "child": "thread"})");
    if (uses(chosen, "child", "\"child\""))
        add(R"({"task": "worker", "do": "fork", "child": "child"})");
    json branches = json::array();
    std::string name = "campaign-" + std::to_string(number);
    for (const move* m : chosen) {
        json call = json::parse(m->call);
        std::string then;
        if (call.contains("then")) {
            then = call["then"].get<std::string>();
            call.erase("then");
        }
        json first = {{"task", m->task}};
        first.update(call);
        json branch = json::array({first});
        if (then == "send")
            branch.push_back({{"task", m->task}, {"do", "send"}, {"fd", "L"}, {"value", 7}});
        if (then == "addfd")
            branch.push_back({{"task", m->task},
                              {"do", "addfd"},
                              {"fd", "L"},
                              {"src", "L"},
                              {"as", "copy"},
                              {"flags", json::array({"SEND"})}});
        branches.push_back(std::move(branch));
    }
    steps.push_back({{"concurrently", std::move(branches)}});
    const json out = {
        {"schema", "seccomp-sim/scenario/1"},
        {"name", name},
        {"summary", "Found by exploring every small scenario."},
        {"source", "explore --campaign"},
        {"filters",
         {{"watch",
           {{"defaultAction", "SCMP_ACT_ALLOW"},
            {"syscalls", json::array({{{"names", {"getppid"}}, {"action", "SCMP_ACT_NOTIFY"}}})}}},
          {"plain", {{"defaultAction", "SCMP_ACT_ALLOW"}}}}},
        {"steps", std::move(steps)}};
    return out.dump(2);
}

std::string function_of(label_id label) {
    const std::string_view name = label_name(label);
    return label == 0 ? "rest" : std::string(name.substr(0, name.find('/')));
}

using defect_key = std::tuple<std::uint8_t, invariant, std::string>;

class campaign {
  public:
    campaign(const std::vector<std::uint8_t>& presets, const campaign_options& options)
        : presets_(presets), options_(options), texts_(campaign_scenarios(options.size)) {}

    campaign_result run(const campaign_progress& progress) {
        std::vector<std::thread> threads;
        for (unsigned i = 1; i < std::max(1U, options_.workers); ++i)
            threads.emplace_back([&] { work({}); });
        work(progress);
        for (std::thread& t : threads)
            t.join();
        result_.scenarios = texts_.size();
        for (auto& [key, d] : found_)
            result_.defects.push_back(std::move(d));
        return std::move(result_);
    }

  private:
    void work(const campaign_progress& progress) {
        for (std::size_t i = next_++; i < texts_.size(); i = next_++) {
            const auto read = scenario::read_scenario(texts_[i], "campaign");
            if (!read)
                throw scenario::input_error(read.error());
            for (const std::uint8_t preset : presets_)
                explore_one(read.value(), i, preset);
            if (progress)
                progress(i, texts_.size());
        }
    }

    void explore_one(const scenario::scenario& s, std::size_t number, std::uint8_t preset) {
        search_options options;
        options.max_states = options_.max_states;
        options.all_findings = true;
        const scenario::chosen_kernel kernel = scenario::choose(preset);
        const search_result r = search(s, kernel, options).run();
        const std::lock_guard hold(mutex_);
        ++result_.explorations;
        result_.states += r.states;
        result_.cut_off += r.why == stop_reason::exhausted ? 0U : 1U;
        std::set<defect_key> here;
        for (const finding& f : r.findings) {
            const defect_key key{preset, f.what.which, function_of(f.at)};
            defect& d = found_[key];
            d.times += here.insert(key).second ? 1U : 0U;
            // The shortest way, and of several the first scenario: the same however many work.
            const std::size_t other = place_[key];
            if (d.times > 1 || !d.scenario.empty())
                if (std::tuple(d.shortest.way.size(), other) <= std::tuple(f.way.size(), number))
                    continue;
            d.which = f.what.which;
            d.function = function_of(f.at);
            d.other = function_of(f.before_it);
            d.preset = std::string(all_presets()[preset].name);
            d.scenario = texts_[number];
            d.shortest = f;
            place_[key] = number;
        }
    }

    const std::vector<std::uint8_t>& presets_;
    const campaign_options& options_;
    std::vector<std::string> texts_;
    std::atomic<std::size_t> next_{0};
    std::mutex mutex_;
    std::map<defect_key, defect> found_;
    std::map<defect_key, std::size_t> place_;
    campaign_result result_;
};

} // namespace

std::vector<std::string> campaign_scenarios(unsigned size) {
    std::vector<std::string> texts;
    std::vector<const move*> chosen;
    // As deep as scenarios are large: at most 4. NOLINTNEXTLINE(misc-no-recursion)
    const auto choose_from = [&](auto&& self, std::size_t from) -> void {
        const bool possible = !races_for_listener(chosen) || !uses(chosen, "", "\"L\"");
        if (possible && !chosen.empty() && (chosen.size() > 1 || size == 1))
            texts.push_back(scenario_text(chosen, texts.size() + 1));
        if (chosen.size() == size)
            return;
        for (std::size_t i = from; i < moves.size(); ++i) {
            if (uses(chosen, moves[i].task)) // one call a task; tasks do not overlap with themselves
                continue;
            chosen.push_back(&moves[i]);
            self(self, i + 1);
            chosen.pop_back();
        }
    };
    choose_from(choose_from, 0);
    return texts;
}

campaign_result run_campaign(const std::vector<std::uint8_t>& presets, const campaign_options& options,
                             const campaign_progress& progress) {
    return campaign(presets, options).run(progress);
}

std::string campaign_table(const campaign_result& r) {
    std::map<std::tuple<invariant, std::string>, std::map<std::string, const defect*>> rows;
    for (const defect& d : r.defects)
        rows[{d.which, d.function}][d.preset] = &d;
    std::string text = "| invariant | broken in | beside |";
    std::string line = "|---|---|---|";
    for (const preset& p : all_presets()) {
        text += " " + std::string(p.name) + " |";
        line += "---|";
    }
    text += "\n" + line + "\n";
    for (const auto& [key, by_preset] : rows) {
        text += "| `" + std::string(name_of(std::get<0>(key))) + "` | `" + std::get<1>(key) + "` | `" +
                by_preset.begin()->second->other + "` |";
        for (const preset& p : all_presets()) {
            const auto found = by_preset.find(std::string(p.name));
            text += found == by_preset.end() ? " - |" : " " + std::to_string(found->second->times) + " |";
        }
        text += "\n";
    }
    return text;
}

std::string defect_file_name(const defect& d) {
    return d.preset + "-" + std::string(name_of(d.which)) + "-" + d.function + ".json";
}

} // namespace seccomp_sim::explore

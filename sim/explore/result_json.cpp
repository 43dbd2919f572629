// A search's result as JSON, and back.
#include "sim/explore/result_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace seccomp_sim::explore {
namespace {

using json = nlohmann::ordered_json;

constexpr std::array reasons = std::to_array<std::string_view>(
    {"exhausted", "violation", "max-states", "max-memory", "max-time", "interrupted"});

label_id label_of(const json& name) {
    return find_label(name.get<std::string>());
}

} // namespace

std::string_view name_of(stop_reason why) {
    return reasons[static_cast<std::size_t>(why)];
}

json to_json(const search_result& r) {
    json labels = json::object();
    for (std::size_t i = 1; i < r.label_counts.size(); ++i)
        if (r.label_counts[i] != 0)
            labels[std::string(yield_labels[i])] = r.label_counts[i];
    json pairs = json::array();
    for (const auto& [before, now] : r.pairs)
        pairs.push_back({label_name(before), label_name(now)});
    json tested = json::object();
    for (std::size_t i = 0; i < r.tested.size(); ++i)
        tested[std::string(invariants[i].name)] = r.tested[i];
    json findings = json::array();
    for (const finding& f : r.findings)
        findings.push_back({{"invariant", name_of(f.what.which)},
                            {"message", f.what.message},
                            {"at", label_name(f.at)},
                            {"after", label_name(f.before_it)},
                            {"times", f.times},
                            {"way", f.way}});
    json endings = json::array();
    for (const auto& [text, e] : r.endings)
        endings.push_back({{"outcome", text}, {"count", e.count}, {"way", e.way}});
    json made = json::array();
    for (const auto& step : r.made)
        made.push_back(step);
    return {{"states", r.states},
            {"transitions", r.transitions},
            {"atomic_steps", r.atomic_steps},
            {"rests", r.rests},
            {"cycles", r.cycles},
            {"depth", r.depth},
            {"seconds", r.seconds},
            {"visited_bytes", r.visited_bytes},
            {"bytes_per_state",
             r.states == 0 ? 0.0 : static_cast<double>(r.visited_bytes) / static_cast<double>(r.states)},
            {"collision_bound", r.collision_bound},
            {"stopped", name_of(r.why)},
            {"bounded", r.bounded},
            {"exhausted", r.why == stop_reason::exhausted && !r.bounded},
            {"tested", std::move(tested)},
            {"findings", std::move(findings)},
            {"outcomes", std::move(endings)},
            {"made", std::move(made)},
            {"labels", std::move(labels)},
            {"label_pairs", std::move(pairs)}};
}

void from_json(const json& from, search_result& r) {
    from.at("states").get_to(r.states);
    from.at("transitions").get_to(r.transitions);
    from.at("atomic_steps").get_to(r.atomic_steps);
    from.at("rests").get_to(r.rests);
    from.at("cycles").get_to(r.cycles);
    from.at("depth").get_to(r.depth);
    from.at("seconds").get_to(r.seconds);
    from.at("bounded").get_to(r.bounded);
    r.label_counts.assign(yield_labels.size(), 0);
    for (const auto& [label, count] : from.at("labels").items())
        r.label_counts[find_label(label)] = count.get<std::uint64_t>();
    for (const json& pair : from.at("label_pairs"))
        r.pairs.emplace_back(label_of(pair.at(0)), label_of(pair.at(1)));
    std::sort(r.pairs.begin(), r.pairs.end());
    for (std::size_t i = 0; i < r.tested.size(); ++i)
        from.at("tested").at(std::string(invariants[i].name)).get_to(r.tested[i]);
    for (const json& f : from.at("findings")) {
        finding& out = r.findings.emplace_back();
        const auto name = f.at("invariant").get<std::string>();
        const auto known = std::find_if(invariants.begin(), invariants.end(),
                                        [&](const invariant_info& i) { return i.name == name; });
        if (known == invariants.end())
            throw json::other_error::create(501, "no invariant", nullptr);
        out.what = {static_cast<invariant>(known - invariants.begin()), f.at("message").get<std::string>()};
        out.at = label_of(f.at("at"));
        out.before_it = label_of(f.at("after"));
        f.at("times").get_to(out.times);
        out.way = f.at("way").get<path>();
    }
    for (const json& e : from.at("outcomes"))
        r.endings[e.at("outcome").get<std::string>()] = {e.at("count").get<std::uint64_t>(),
                                                         e.at("way").get<path>()};
    for (const json& step : from.at("made"))
        r.made.push_back(step.get<std::vector<std::uint32_t>>());
}

} // namespace seccomp_sim::explore

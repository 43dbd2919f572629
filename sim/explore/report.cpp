// What a search came to, in words and as a certificate.
#include "sim/explore/report.hpp"

#include "seccomp_sim/table.hpp"
#include "sim/explore/result_json.hpp"
#include "sim/scenario/write_scenario.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <set>

namespace seccomp_sim::explore {
namespace {

using json = nlohmann::ordered_json;

std::string number(std::uint64_t n) {
    std::string text = std::to_string(n);
    for (std::size_t at = text.size(); at > 3;)
        text.insert(at -= 3, ",");
    return text;
}

std::string decimal(double value, const char* format) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

std::string_view function_of(std::string_view label) {
    return label.substr(0, label.find('/'));
}

std::string reductions_text(const explored_subject& of) {
    const position_options& p = of.options.in_position;
    std::string text = p.partial_order ? "partial order reduction on" : "partial order reduction off";
    for (const reduction_part& part : reduction_part_names)
        if (p.partial_order && !(p.parts.*part.part))
            text += " without " + std::string(part.name);
    text += p.symmetric && of.no_symmetry.empty() ? ", symmetry on" : ", symmetry off";
    if (p.symmetric && !of.no_symmetry.empty())
        text += " (" + of.no_symmetry + ")";
    if (of.options.bitstate != 0)
        text += ", bitstate: a state may have been taken for one seen before";
    return text;
}

} // namespace

std::string scenario_hash(const scenario::scenario& s) {
    const std::string text = scenario::write_scenario(s);
    mixer mix;
    mix(text.data(), text.size());
    std::array<char, 20> hex{};
    std::snprintf(hex.data(), hex.size(), "%016llx", static_cast<unsigned long long>(mix.value()));
    return hex.data();
}

std::string verdict_text(const search_result& r) {
    if (!r.findings.empty()) {
        std::set<std::string_view> broken;
        for (const finding& f : r.findings)
            broken.insert(name_of(f.what.which));
        std::string text;
        for (const std::string_view name : broken)
            text += (text.empty() ? "" : ", ") + std::string(name);
        return text + (broken.size() == 1 ? " is broken" : " are broken");
    }
    if (r.cycles > 0)
        return "nothing is broken, but " + std::to_string(r.cycles) +
               " ways go round for ever: what is due may never come";
    if (r.why == stop_reason::exhausted && !r.bounded)
        return "every invariant holds in every state of every interleaving";
    if (r.why == stop_reason::exhausted)
        return "nothing is broken within the bound on preemptions; more were cut off";
    return "nothing was found broken before the search was stopped (" + std::string(name_of(r.why)) +
           "); the rest was not explored";
}

std::string coverage_text(const explored_subject& of, const search_result& r) {
    std::string text = "  " + number(r.states) + " states, " + number(r.transitions) + " transitions, " +
                       number(r.atomic_steps) + " atomic steps, depth " + std::to_string(r.depth) + ", " +
                       number(r.rests) + " at rest\n";
    text += "  " + decimal(r.seconds, "%.2f s, ") +
            decimal(r.seconds > 0 ? static_cast<double>(r.transitions) / r.seconds / 1e6 : 0,
                    "%.2f million transitions a second, ") +
            decimal(r.states > 0 ? static_cast<double>(r.visited_bytes) / static_cast<double>(r.states) : 0,
                    "%.1f bytes a state\n");
    text += "  " + reductions_text(of) + "\n";
    if (of.options.bitstate == 0)
        text += "  fingerprints of 64 bits: two states were confused with a probability of at most " +
                decimal(r.collision_bound, "%.1e") + "\n";
    if (of.options.cycles && r.cycles == 0 && r.why == stop_reason::exhausted)
        text += "  fairness: no schedule goes round for ever, so each comes to rest, where every HUP that is "
                "due was delivered\n";
    std::size_t labels = 0;
    for (const std::uint64_t count : r.label_counts)
        labels += count != 0 ? 1U : 0U;
    text += "  " + std::to_string(labels) + " labels and " + std::to_string(r.pairs.size()) +
            " pairs of labels of two tasks were passed\n  tested:";
    std::size_t column = 9;
    for (std::size_t i = 0; i < r.tested.size(); ++i) {
        if (r.tested[i] == 0)
            continue;
        const std::string one = " " + std::string(invariants[i].name) + " " + number(r.tested[i]);
        if (column + one.size() > 110) {
            text += "\n         ";
            column = 9;
        }
        text += one;
        column += one.size();
    }
    return text + "\n";
}

std::vector<std::string> unreached_labels(const search_result& r) {
    std::set<std::string_view> entered;
    for (std::size_t i = 1; i < r.label_counts.size(); ++i)
        if (r.label_counts[i] != 0)
            entered.insert(function_of(yield_labels[i]));
    std::vector<std::string> unreached;
    for (std::size_t i = 1; i < r.label_counts.size(); ++i)
        if (r.label_counts[i] == 0 && entered.count(function_of(yield_labels[i])) != 0)
            unreached.emplace_back(yield_labels[i]);
    return unreached;
}

std::vector<std::string> never_made_calls(const scenario::scenario& s, const search_result& r) {
    std::vector<std::string> calls;
    const auto add = [&](const scenario::step_info& info, const scenario::call_step& call) {
        calls.push_back(s.place_of(info.where).pointer + " " + std::string(s.name_of(call.task)) + ": " +
                        std::string(s.verb_of(info)));
    };
    for (std::size_t i = 0; i < s.steps.size() && i < r.made.size(); ++i) {
        if (r.made[i].empty())
            continue;
        if (const auto* call = std::get_if<scenario::call_step>(&s.steps[i].what)) {
            if (r.made[i][0] == 0)
                add(s.steps[i].info, *call);
        } else if (const auto* block = std::get_if<scenario::concurrent_step>(&s.steps[i].what)) {
            for (std::size_t b = 0; b < block->branches.size(); ++b)
                for (std::size_t c = r.made[i][b]; c < block->branches[b].size(); ++c)
                    add(block->branches[b][c].info, block->branches[b][c].call);
        }
    }
    return calls;
}

std::string certificate_json(const explored_subject& of, const search_result& r) {
    json choices = json::object();
    for (const seccomp_sim::choice& c : all_choices())
        choices[std::string(c.name)] = c.value_in(of.choices.choices);
    json out = {{"format", "seccomp-sim/certificate/1"},
                {"version", SECCOMP_SIM_VERSION},
                {"scenario", of.script->name},
                {"scenario_hash", scenario_hash(*of.script)},
                {"kernel", of.kernel},
                {"choices", std::move(choices)},
                {"verdict", verdict_text(r)},
                {"partial_order_reduction", of.options.in_position.partial_order},
                {"symmetry", of.options.in_position.symmetric && of.no_symmetry.empty()},
                {"bitstate", of.options.bitstate}};
    if (!of.no_symmetry.empty())
        out["no_symmetry"] = of.no_symmetry;
    out["limits"] = {
        {"max_states", of.options.max_states},
        {"max_memory", of.options.max_memory},
        {"max_seconds", of.options.max_seconds},
        {"max_preemptions", of.options.max_preemptions ? json(*of.options.max_preemptions) : json()}};
    out["never_made"] = never_made_calls(*of.script, r);
    out["unreached_labels"] = unreached_labels(r);
    out.update(to_json(r));
    return out.dump(2) + "\n";
}

} // namespace seccomp_sim::explore

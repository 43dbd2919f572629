// A search that was stopped, as a file.
#include "sim/explore/checkpoint.hpp"

#include "sim/explore/result_json.hpp"

#include <nlohmann/json.hpp>

namespace seccomp_sim::explore {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view format_name = "seccomp-sim/checkpoint/3";
constexpr std::size_t most_work = 1U << 20;
constexpr std::size_t most_choices = 1U << 20;

/// What must be the same for whoever goes on.
json identity(const explored_subject& of) {
    json choices = json::object();
    for (const seccomp_sim::choice& c : all_choices())
        choices[std::string(c.name)] = c.value_in(of.choices.choices);
    const position_options& p = of.options.in_position;
    return {
        {"format", format_name},
        {"version", SECCOMP_SIM_VERSION},
        {"scenario", scenario_hash(*of.script)},
        {"choices", std::move(choices)},
        {"partial_order", p.partial_order},
        {"reduction_parts", {p.parts.counts, p.parts.sections, p.parts.lock_pairs, p.parts.passing_calls}},
        {"symmetric", p.symmetric},
        {"outcomes", of.options.outcomes},
        {"bitstate", of.options.bitstate},
        {"max_preemptions", of.options.max_preemptions ? json(*of.options.max_preemptions) : json()}};
}

/// Leaves out a number that no count can be made of: whoever asks for it finds it missing.
bool keep_number(int, json::parse_event_t, const json& parsed) {
    constexpr double too_great = 1e18;
    return !parsed.is_number_float() || (parsed.get<double>() >= 0 && parsed.get<double>() < too_great);
}

} // namespace

std::string write_checkpoint(const explored_subject& of, const unfinished_search& rest) {
    json head = identity(of);
    head["so_far"] = to_json(rest.so_far);
    json work = json::array();
    for (const work_item& w : rest.work)
        work.push_back({{"way", w.way},
                        {"left", w.begun ? json(w.left) : json()},
                        {"moved", w.moved},
                        {"preemptions", w.preemptions},
                        {"last", w.last}});
    head["work"] = std::move(work);
    head["visited"] = rest.visited.size();
    std::string out = head.dump() + "\n";
    out.reserve(out.size() + rest.visited.size() * 8);
    for (const std::uint64_t fingerprint : rest.visited)
        for (unsigned byte = 0; byte < 8; ++byte)
            out += static_cast<char>((fingerprint >> (8 * byte)) & 0xff);
    return out;
}

result<unfinished_search> read_checkpoint(std::string_view bytes, const std::string& file_name,
                                          const explored_subject& of) {
    const auto fail = [&](std::string what, std::string hint) {
        return diagnostic{{file_name, 1, 1, ""}, std::move(what), std::move(hint)};
    };
    const std::size_t end = bytes.find('\n');
    const json head = json::parse(bytes.substr(0, end), keep_number, false);
    if (end == std::string_view::npos || head.is_discarded() || !head.is_object() ||
        !head.contains("format") || head["format"] != format_name)
        return fail("this is no checkpoint", "expected a file that `explore --checkpoint` wrote");
    const json expected = identity(of);
    for (const auto& [key, value] : expected.items())
        if (!head.contains(key) || head[key] != value)
            return fail("the checkpoint is of another search: \"" + key + "\" differs",
                        "expected " + value.dump().substr(0, 60));
    unfinished_search rest;
    try {
        from_json(head.at("so_far"), rest.so_far);
        const json& work = head.at("work");
        if (!work.is_array() || work.size() > most_work)
            return fail("the checkpoint's list of work is broken", "");
        for (const json& w : work) {
            work_item item;
            item.way = w.at("way").get<path>();
            item.begun = !w.at("left").is_null();
            if (item.begun)
                item.left = w["left"].get<std::vector<choice>>();
            item.moved = w.at("moved").get<bool>();
            item.preemptions = w.at("preemptions").get<std::uint32_t>();
            item.last = w.at("last").get<choice>();
            if (item.way.size() > most_choices || item.left.size() > most_choices)
                return fail("the checkpoint's list of work is broken", "");
            rest.work.push_back(std::move(item));
        }
        const auto count = head.at("visited").get<std::uint64_t>();
        const std::string_view set = bytes.substr(end + 1);
        if (set.size() % 8 != 0 || set.size() / 8 != count)
            return fail("the checkpoint is cut off",
                        "expected " + std::to_string(count) + " states behind the first line");
        rest.visited.reserve(count);
        for (std::size_t at = 0; at < set.size(); at += 8) {
            std::uint64_t fingerprint = 0;
            for (unsigned byte = 0; byte < 8; ++byte)
                fingerprint |= std::uint64_t{static_cast<unsigned char>(set[at + byte])} << (8 * byte);
            rest.visited.push_back(fingerprint);
        }
    } catch (const nlohmann::json::exception&) {
        return fail("the checkpoint's first line is broken", "expected what `explore --checkpoint` wrote");
    }
    return rest;
}

} // namespace seccomp_sim::explore

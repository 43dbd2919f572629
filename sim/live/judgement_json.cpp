// Judgements as JSON lines.
#include "sim/live/judgement.hpp"

#include <array>
#include <nlohmann/json.hpp>

namespace seccomp_sim::live {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 3> verdicts = {"agrees", "differs", "cannot run"};

judgement judgement_of(const json& j) {
    judgement out;
    out.kernel = j.at("kernel");
    out.scenario = j.at("scenario");
    const std::string how = j.at("result");
    for (std::size_t i = 0; i < verdicts.size(); ++i)
        if (how == verdicts[i])
            out.how = static_cast<verdict>(i);
    out.steps = j.at("steps");
    out.seconds = j.value("seconds", 0.0);
    out.failing_step = j.value("failing_step", std::size_t{0});
    out.step = j.value("step", "");
    out.why = j.value("why", "");
    out.minimal = j.value("minimal", "");
    out.agreeing_choices = j.value("agreeing_choices", std::vector<std::string>{});
    for (const json& d : j.value("differences", json::array()))
        out.differences.push_back({d.at("what"), d.at("model"), d.at("kernel")});
    return out;
}

campaign campaign_of(const json& j) {
    campaign c;
    c.kernel = j.at("kernel");
    c.scenarios = j.at("scenarios");
    c.steps = j.at("steps");
    c.differing = j.at("differing");
    c.seconds = j.at("seconds");
    c.cut_short = j.at("cut_short").get<std::map<std::string, std::size_t>>();
    return c;
}

} // namespace

std::string to_json(const judgement& j) {
    json out = {{"kernel", j.kernel},
                {"scenario", j.scenario},
                {"result", verdicts[static_cast<std::size_t>(j.how)]},
                {"steps", j.steps},
                {"seconds", j.seconds}};
    if (j.failing_step != 0) {
        out["failing_step"] = j.failing_step;
        out["step"] = j.step;
    }
    if (!j.why.empty())
        out["why"] = j.why;
    for (const difference& d : j.differences)
        out["differences"].push_back({{"what", d.what}, {"model", d.model}, {"kernel", d.kernel}});
    if (!j.agreeing_choices.empty())
        out["agreeing_choices"] = j.agreeing_choices;
    if (!j.minimal.empty())
        out["minimal"] = j.minimal;
    return out.dump();
}

std::string to_json(const campaign& c) {
    return json({{"kernel", c.kernel},
                 {"campaign", true},
                 {"scenarios", c.scenarios},
                 {"steps", c.steps},
                 {"differing", c.differing},
                 {"seconds", c.seconds},
                 {"cut_short", c.cut_short}})
        .dump();
}

std::variant<std::monostate, judgement, campaign> from_json(const std::string& line) {
    const json j = json::parse(line, nullptr, false);
    if (!j.is_object() || !j.contains("kernel"))
        return {};
    if (j.contains("campaign"))
        return campaign_of(j);
    return judgement_of(j);
}

} // namespace seccomp_sim::live

// libFuzzer: the schedule reader. Each line is an entry of the schedule of one fixed block, which is then
// run.
#include "sim/replay/run.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <nlohmann/json.hpp>

#include <sstream>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace seccomp_sim;
    using json = nlohmann::json;
    json script = json::parse(R"({
      "schema": "seccomp-sim/scenario/1", "name": "fuzzed",
      "filters": {"watch": {"defaultAction": "SCMP_ACT_ALLOW"}},
      "steps": [
        {"task": "init", "do": "fork", "child": "a"},
        {"task": "a", "do": "thread", "child": "b"},
        {"concurrently": [
          [{"task": "a", "do": "seccomp", "filter": "watch", "flags": ["TSYNC"]}, {"task": "a", "do": "exit"}],
          [{"task": "b", "do": "fork", "child": "c"}, {"task": "b", "do": "exit_group"}],
          [{"task": "init", "do": "kill", "to": "a", "signal": "SIGKILL"}, {"task": "init", "do": "wait"}]]}
      ]})");
    json schedule = json::array();
    std::istringstream lines(std::string(reinterpret_cast<const char*>(data), size));
    for (std::string line; std::getline(lines, line);)
        schedule.push_back(line);
    script["steps"][2]["schedule"] = std::move(schedule);
    const auto read = scenario::read_scenario(script.dump(-1, ' ', false, json::error_handler_t::replace),
                                              "fuzzed", {"/nonexistent", 1'000, 1'000});
    if (!read)
        return 0;
    for (std::uint8_t preset = 0; preset < all_presets().size(); ++preset) {
        replay::run r(*read, scenario::choose(preset));
        while (const auto step = r.next())
            if (!*step)
                break;
    }
    return 0;
}

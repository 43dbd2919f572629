// libFuzzer: the checkpoint reader, and the search that goes on from what it accepts. What says of which
// search a checkpoint is, is put in place, so that the rest is reached. With FUZZ_SEEDS=FOLDER, checkpoints
// of real searches are written there first.
#include "sim/explore/checkpoint.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

namespace {

using namespace seccomp_sim;

const scenario::scenario& subject() {
    static const scenario::scenario read = scenario::value_or_throw(scenario::read_scenario(R"({
      "schema": "seccomp-sim/scenario/1", "name": "fuzzed",
      "filters": {"watch": {"defaultAction": "SCMP_ACT_ALLOW"}},
      "steps": [
        {"task": "init", "do": "fork", "child": "a"},
        {"task": "a", "do": "thread", "child": "b"},
        {"concurrently": [
          [{"task": "a", "do": "seccomp", "filter": "watch", "flags": ["TSYNC"]}, {"task": "a", "do": "exit"}],
          [{"task": "b", "do": "exit_group"}]]}
      ]})",
                                                                                            "subject"));
    return read;
}

explore::search_options limits(std::uint64_t states) {
    explore::search_options options;
    options.max_states = states;
    options.max_memory = 64U << 20;
    options.max_seconds = 0.2;
    return options;
}

const explore::explored_subject& of() {
    static const explore::explored_subject it{
        &subject(),
        "v6.15",
        scenario::choose(static_cast<std::uint8_t>(all_presets().size() - 1)),
        limits(2000),
        {}};
    return it;
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    const char* folder = std::getenv("FUZZ_SEEDS");
    for (const std::uint64_t states : {1UL, 10UL, 100UL}) {
        if (folder == nullptr)
            break;
        explore::search some(subject(), of().choices, limits(states));
        some.run();
        std::ofstream(std::string(folder) + "/seed-" + std::to_string(states), std::ios::binary)
            << explore::write_checkpoint(of(), some.take_unfinished());
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    std::string bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    static const auto own = nlohmann::ordered_json::parse(explore::write_checkpoint(of(), {}));
    auto head = nlohmann::ordered_json::parse(bytes.substr(0, end), nullptr, false);
    if (head.is_object()) {
        for (const auto& [key, value] : own.items())
            if ((key != "so_far" && key != "work" && key != "visited") || !head.contains(key))
                head[key] = value;
        using handler = nlohmann::ordered_json::error_handler_t;
        bytes = head.dump(-1, ' ', false, handler::replace) + bytes.substr(end);
    }
    auto rest = explore::read_checkpoint(bytes, "fuzzed", of());
    if (!rest)
        return 0;
    explore::search again(subject(), of().choices, of().options);
    try {
        again.resume(std::move(*rest));
        again.run();
    } catch (const scenario::input_error&) { // a way that the scenario does not have
    }
    return 0;
}

// What several subcommands take.
#include "sim/cli/options.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <system_error>

namespace seccomp_sim::cli {
namespace {

std::vector<std::uint8_t> presets_of(const std::vector<std::string>& revisions) {
    std::vector<std::uint8_t> presets;
    for (const std::string& name : revisions) {
        if (name == "all")
            for (std::size_t i = 0; i < all_presets().size(); ++i)
                presets.push_back(static_cast<std::uint8_t>(i));
        else
            presets.push_back(scenario::value_or_throw(scenario::parse_preset(name)));
    }
    if (presets.empty())
        presets.push_back(static_cast<std::uint8_t>(all_presets().size() - 1));
    return presets;
}

} // namespace

void add_revision_options(CLI::App& app, std::vector<std::string>& revisions,
                          std::vector<std::string>& settings, const std::string& help) {
    app.add_option("-r,--revision", revisions, help)
        ->type_name("REVISION")
        ->take_all()
        ->allow_extra_args(false);
    app.add_option("--set", settings, "Change a choice of the revision, as in release=exit (see 'revisions')")
        ->type_name("CHOICE=VALUE")
        ->take_all()
        ->allow_extra_args(false);
}

void check_revision_options(const std::vector<std::string>& revisions,
                            const std::vector<std::string>& settings) {
    presets_of(revisions);
    for (const std::string& text : settings)
        scenario::value_or_throw(scenario::parse_choice_setting(text));
}

std::vector<named_kernel> kernels_for(const scenario::scenario& s, const std::vector<std::string>& revisions,
                                      const std::vector<std::string>& settings) {
    std::vector<scenario::choice_setting> chosen = s.set;
    for (const std::string& text : settings)
        chosen.push_back(scenario::value_or_throw(scenario::parse_choice_setting(text)));
    std::string changes;
    for (const scenario::choice_setting& c : chosen)
        changes += " " + std::string(all_choices()[c.choice].name) + "=" +
                   std::string(all_choices()[c.choice].values[c.value].name);
    std::vector<named_kernel> kernels;
    for (const std::uint8_t preset : presets_of(revisions))
        kernels.push_back(
            {std::string(all_presets()[preset].name) + changes, scenario::choose(preset, chosen)});
    return kernels;
}

std::string no_seed(const std::string& text) {
    std::uint64_t seed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    const bool fits = error == std::errc() && end == text.data() + text.size();
    return fits ? std::string()
                : seccomp_sim::quoted(text) + " is no seed; expected a number from 0 to 2^64 - 1";
}

scenario::scenario read_one(const std::string& path) {
    return scenario::value_or_throw(scenario::read_scenario_file(path));
}

} // namespace seccomp_sim::cli

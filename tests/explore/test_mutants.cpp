// Each mutant dies in one of the scenarios made for them, by the invariant that its entry in the table names,
// within a few random schedules; the kernel as it is survives all of these.
#include "seccomp_sim/mutant.hpp"
#include "sim/replay/run.hpp"
#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace seccomp_sim;

namespace {

constexpr std::uint64_t seeds = 400;

const std::vector<scenario::scenario>& arena() {
    static const std::vector<scenario::scenario> all = [] {
        const std::vector<std::string> folder{"scenarios/mutants"};
        const std::vector<std::string> files = scenario::find_scenarios(folder).value();
        std::vector<scenario::scenario> read;
        for (const std::string& file : files)
            read.push_back(scenario::read_scenario_file(file).value());
        return read;
    }();
    return all;
}

/// What one run came to.
struct verdict {
    std::vector<violation> violations;
    std::vector<replay::failure> failures;
    bool clean() const { return violations.empty() && failures.empty(); }
    bool broke(invariant which) const {
        return std::any_of(violations.begin(), violations.end(),
                           [&](const violation& v) { return v.which == which; });
    }
};

bool is_for(const scenario::scenario& s, const scenario::chosen_kernel& kernel) {
    return scenario::applicability(s, kernel)(s.on);
}

/// Up to the first step at which something is wrong.
verdict judge(const scenario::scenario& s, const scenario::chosen_kernel& kernel, std::uint64_t seed) {
    replay::run_options options;
    options.seed = seed;
    replay::run run(s, kernel, options);
    verdict result;
    while (result.clean()) {
        const auto step = run.next();
        if (!step)
            break;
        if (!*step) {
            result.failures.push_back({{}, "a step that cannot be asked for"});
            break;
        }
        result.violations = run.violations();
        result.failures = (*step)->failures;
    }
    return result;
}

scenario::chosen_kernel kernel_with(std::uint8_t preset, mutant which) {
    scenario::chosen_kernel kernel = scenario::choose(preset);
    kernel.choices.mutant = which;
    return kernel;
}

bool kills(const verdict& v, const mutant_info& m) {
    return m.killed_by ? v.broke(*m.killed_by) : !v.failures.empty();
}

/// The first seed with which a scenario kills the mutant; `seeds` if none does.
std::uint64_t seeds_until_death(const mutant_info& m, std::uint8_t preset) {
    const scenario::chosen_kernel kernel = kernel_with(preset, m.which);
    for (std::uint64_t seed = 0; seed < seeds; ++seed)
        for (const scenario::scenario& s : arena())
            if (is_for(s, kernel) && kills(judge(s, kernel, seed), m))
                return seed;
    return seeds;
}

} // namespace

TEST_CASE("Each mutant dies as its table says", "[mutants]") {
    for (const mutant_info& m : all_mutants())
        for (std::uint8_t preset = 0; preset < all_presets().size(); ++preset)
            if (!m.is_equivalent() && m.applies_to(preset)) {
                INFO(m.name << " on " << all_presets()[preset].name);
                CHECK(seeds_until_death(m, preset) < seeds);
            }
}

TEST_CASE("The kernel as it is, and a mutant that nothing can tell from it, survive", "[mutants]") {
    std::vector<mutant> survivors{mutant::nothing};
    for (const mutant_info& m : all_mutants())
        if (m.is_equivalent())
            survivors.push_back(m.which);
    for (const mutant which : survivors)
        for (std::uint8_t preset = 0; preset < all_presets().size(); ++preset)
            for (const scenario::scenario& s : arena()) {
                const scenario::chosen_kernel kernel = kernel_with(preset, which);
                if (!is_for(s, kernel))
                    continue;
                for (std::uint64_t seed = 0; seed < 60; ++seed) {
                    INFO(s.name << " on " << all_presets()[preset].name << " with seed " << seed);
                    const verdict v = judge(s, kernel, seed);
                    CHECK(v.violations.empty());
                    CHECK(v.failures.empty());
                }
            }
}

TEST_CASE("The table of mutants is whole", "[mutants]") {
    std::set<std::string_view> names;
    std::size_t number = 1;
    for (const mutant_info& m : all_mutants()) {
        INFO(m.name);
        CHECK(static_cast<std::size_t>(m.which) == number++);
        CHECK(names.insert(m.name).second);
        REQUIRE(find_preset(m.first_preset));
        REQUIRE(find_preset(m.last_preset));
        CHECK(find_preset(m.first_preset) <= find_preset(m.last_preset));
        CHECK(find_value(*find_choice("mutant"), m.name) == static_cast<std::uint8_t>(m.which));
        CHECK(!(m.killed_by && m.is_equivalent()));
    }
    CHECK(names.size() >= 40);
}

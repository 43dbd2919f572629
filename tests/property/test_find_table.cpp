// What random histories should find: every mutant has its row, none makes the model itself fall over, and two
// kernels side by side differ only where they are different.
#include "sim/property/find_table.hpp"
#include "sim/property/lockstep.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace seccomp_sim;
using namespace seccomp_sim::property;

namespace {

fuzz_options short_runs() {
    fuzz_options options = default_find_options().runs;
    options.seed = 1;
    return options;
}

revision mutated(mutant which) {
    revision choices = all_presets().back().choices;
    choices.mutant = which;
    return choices;
}

} // namespace

TEST_CASE("the table has a row for each mutant that something can tell") {
    const std::vector<target> targets = all_targets();
    for (const mutant_info& m : all_mutants()) {
        const std::string ending = " mutant=" + std::string(m.name);
        const bool there = std::any_of(targets.begin(), targets.end(),
                                       [&](const target& t) { return t.name.ends_with(ending); });
        INFO(m.name);
        CHECK(there == (!m.is_equivalent() && m.which != mutant::fork_without_siglock));
    }
}

TEST_CASE("what leads to freed memory in a mutated kernel is a violation and no crash") {
    for (const mutant_info& m : all_mutants()) {
        scenario::chosen_kernel kernel =
            scenario::choose(static_cast<std::uint8_t>(all_presets().size() - 1));
        kernel.choices.mutant = m.which;
        std::uint64_t broken = 0;
        for (std::uint64_t run = 1; run <= 40; ++run)
            broken += fuzz_run(kernel, {}, run, short_runs(), false).findings.size();
        INFO(m.name);
        if (m.is_equivalent())
            CHECK(broken == 0);
    }
}

TEST_CASE("two kernels side by side differ where a mutant shows, and never by themselves") {
    const revision plain = all_presets().back().choices;
    CHECK(runs_until_different(plain, plain, short_runs(), 100) == 0);
    CHECK(runs_until_different(plain, mutated(mutant::attach_skips_count), short_runs(), 100) != 0);
    CHECK(runs_until_different(mutated(mutant::tsync_skips_mode), plain, short_runs(), 1000) != 0);
}

// Step by step, from a seed.
#include "sim/property/story.hpp"

namespace seccomp_sim::property {

story::story(const revision& on, const fuzz_options& options, std::uint64_t seed)
    : choices_(seed), next_(options.calls, choices_), world(on) {
    if (options.schedules == schedule_kind::pct)
        who_ = std::make_unique<pct_scheduler>(choices_, options.depth);
    else
        who_ = std::make_unique<uniform_scheduler>(choices_);
    world.k.check_invariants = options.invariants;
}

bool story::go_on(bool records) {
    constexpr int tries = 50;
    for (int i = 0; i < tries; ++i) {
        if (!next_.next_step(world, last))
            continue;
        if (last.branches.size() > 1)
            world.run_block(last.branches, *who_, records ? &last.schedule : nullptr);
        else
            for (const planned_call& call : last.branches.front())
                if (world.is_possible(call))
                    world.run_call(call);
        return true;
    }
    return false;
}

std::uint64_t seed_of(std::uint64_t seed, std::uint64_t run, std::uint64_t number) {
    random_source mixed(seed);
    random_source of_run(mixed.next() ^ run * 0x2545f4914f6cdd1dULL);
    random_source of_history(of_run.next() ^ number * 0x9e3779b97f4a7c15ULL);
    return of_history.next();
}

} // namespace seccomp_sim::property

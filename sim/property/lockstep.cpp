// One history on each kernel, from the same seed: they are the same until something differs.
#include "sim/property/lockstep.hpp"

#include "sim/property/story.hpp"

#include <tuple>
#include <vector>

namespace seccomp_sim::property {
namespace {

class side final : public observer {
  public:
    side(const revision& choices, const fuzz_options& options, std::uint64_t seed)
        : story_(choices, options, seed) {
        story_.world.k.watch = this;
    }
    side(const side&) = delete;
    side& operator=(const side&) = delete;

    void on_label(task_id, label_id) override { ++steps_; }
    void on_return(task_id who, request_id, std::int64_t value) override {
        values_.emplace_back(story_.world.k.w.tasks[who].name, value);
    }

    /// Makes up a call and makes it; false if nobody can act.
    bool go_on() {
        values_.clear();
        return story_.go_on(false);
    }

    bool asked_the_same(const side& other) const {
        return asked().task == other.asked().task && asked().row == other.asked().row;
    }
    bool shows_the_same(const side& other) const {
        return values_ == other.values_ && filters() == other.filters();
    }
    std::uint64_t steps() const { return steps_; }
    bool is_broken() const { return !story_.world.k.violations.empty(); }

  private:
    const planned_call& asked() const { return story_.last.branches.front().front(); }
    /// Seccomp and Seccomp_filters, thread by thread.
    std::vector<std::tuple<name_id, seccomp_mode, index_type>> filters() const {
        std::vector<std::tuple<name_id, seccomp_mode, index_type>> shown;
        for (const task_id t : story_.world.tasks()) {
            const task& one = story_.world.k.w.tasks[t];
            shown.emplace_back(one.name, one.mode, one.filter_count);
        }
        return shown;
    }

    story story_;
    std::vector<std::pair<name_id, std::int64_t>> values_; ///< of the present call and those that it ended
    std::uint64_t steps_ = 0;
};

/// Whether they differ before the run is over.
bool differ_in_run(const revision& a, const revision& b, const fuzz_options& options, std::uint64_t run) {
    fuzz_options apart = options;
    apart.calls.block_percent = 0;
    std::uint64_t steps = 0;
    for (std::uint64_t worlds = 0; steps < options.steps; ++worlds) {
        const std::uint64_t seed = seed_of(options.seed, run, worlds);
        side one(a, apart, seed);
        side other(b, apart, seed);
        while (steps + one.steps() < options.steps && one.go_on() && other.go_on() &&
               one.asked_the_same(other) && !one.is_broken() && !other.is_broken())
            if (!one.shows_the_same(other))
                return true;
        steps += one.steps() + 1;
    }
    return false;
}

} // namespace

std::uint64_t runs_until_different(const revision& a, const revision& b, const fuzz_options& options,
                                   std::uint64_t most) {
    for (std::uint64_t run = 1; run <= most; ++run)
        if (differ_in_run(a, b, options, run))
            return run;
    return 0;
}

} // namespace seccomp_sim::property

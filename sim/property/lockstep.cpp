// One history on each kernel, from the same seed: they are the same until something differs.
#include "sim/property/lockstep.hpp"

#include "sim/property/generator.hpp"

#include <tuple>
#include <vector>

namespace seccomp_sim::property {
namespace {

class side final : public observer {
  public:
    side(const revision& choices, const generator_options& calls, std::uint64_t seed)
        : choices_(seed), next_(calls, choices_), world_(choices) {
        world_.k.watch = this;
    }
    side(const side&) = delete;
    side& operator=(const side&) = delete;

    void on_label(task_id, label_id) override { ++steps_; }
    void on_return(task_id who, request_id, std::int64_t value) override {
        values_.emplace_back(world_.k.w.tasks[who].name, value);
    }

    /// Makes up a call and makes it; false if nobody can act.
    bool go_on() {
        values_.clear();
        constexpr int tries = 50;
        for (int i = 0; i < tries; ++i)
            if (next_.next_call(world_, last_)) {
                if (world_.is_possible(last_))
                    world_.run_call(last_);
                return true;
            }
        return false;
    }

    bool asked_the_same(const side& other) const {
        return last_.task == other.last_.task && last_.row == other.last_.row;
    }
    bool shows_the_same(const side& other) const {
        return values_ == other.values_ && filters() == other.filters();
    }
    std::uint64_t steps() const { return steps_; }
    bool is_broken() const { return !world_.k.violations.empty(); }

  private:
    /// Seccomp and Seccomp_filters, thread by thread.
    std::vector<std::tuple<name_id, seccomp_mode, index_type>> filters() const {
        std::vector<std::tuple<name_id, seccomp_mode, index_type>> shown;
        for (const task_id t : world_.tasks()) {
            const task& one = world_.k.w.tasks[t];
            shown.emplace_back(one.name, one.mode, one.filter_count);
        }
        return shown;
    }

    random_source choices_;
    generator next_;
    execution world_;
    planned_call last_;
    std::vector<std::pair<name_id, std::int64_t>> values_; ///< of the present call and those that it ended
    std::uint64_t steps_ = 0;
};

/// Whether they differ before the run is over.
bool differ_in_run(const revision& a, const revision& b, const fuzz_options& options, std::uint64_t run) {
    random_source seeds(options.seed * 0x9e3779b97f4a7c15ULL + run);
    for (std::uint64_t steps = 0; steps < options.steps;) {
        const std::uint64_t seed = seeds.next();
        side one(a, options.calls, seed);
        side other(b, options.calls, seed);
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

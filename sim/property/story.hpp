// A history while it is made up: the generator, the scheduler and the kernel that go with one seed.
#pragma once

#include "sim/property/fuzz.hpp"
#include "sim/property/generator.hpp"

#include <cstdint>
#include <memory>

namespace seccomp_sim::property {

/// One history on one fresh kernel, in progress.
class story {
  public:
    story(const revision& on, const fuzz_options& options, std::uint64_t seed);

    /// Makes up the next step and runs it; false if nobody can act any more. The step is left in `last`.
    bool go_on(bool records);
    const scenario::name_table& names() const { return next_.names(); }

  private:
    random_source choices_;
    generator next_;
    std::unique_ptr<scheduler> who_;

  public:
    execution world;
    planned_step last;
};

/// The seed of the history of that number in a run.
std::uint64_t seed_of(std::uint64_t seed, std::uint64_t run, std::uint64_t number);

} // namespace seccomp_sim::property

// What a kernel was made to do: calls and their results, labels, and choices of the revision.
#pragma once

#include "seccomp_sim/kernel.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace seccomp_sim::property {

/// Counts, by name or number, so that those of several runs add up to the same in any order.
struct coverage {
    static constexpr std::size_t operations = 48;

    std::array<std::uint64_t, operations> calls{};             ///< returned, by operation
    std::map<std::pair<operation, int>, std::uint64_t> errors; ///< by operation and errno
    std::array<std::uint64_t, yield_labels.size()> labels{};   ///< passed
    std::array<std::uint64_t, invariants.size()> broken{};     ///< runs that each invariant ended
    std::map<std::string, std::uint64_t> choices;              ///< "release=exit": times a kernel with it ran
    std::uint64_t steps = 0;                                   ///< atomic steps
    std::uint64_t started = 0;                                 ///< calls
    std::uint64_t blocks = 0;
    std::uint64_t worlds = 0; ///< kernels booted

    void add(const coverage& other);
};

/// Fills a coverage from what a kernel does.
class coverage_watch final : public observer {
  public:
    coverage_watch(coverage& into, const kernel& k) : into_(into), k_(k) {}
    void on_label(task_id, label_id where) override {
        ++into_.labels[where];
        ++into_.steps;
    }
    void on_return(task_id who, request_id call, std::int64_t value) override;

  private:
    coverage& into_;
    const kernel& k_;
};

/// The coverage as text for a reader: what was reached how often, and what never was.
std::string to_text(const coverage& reached);

} // namespace seccomp_sim::property

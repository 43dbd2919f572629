// Makes a failing scenario smaller while it still fails.
#pragma once

#include "sim/scenario/constraint.hpp"
#include "sim/scenario/scenario.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace seccomp_sim::property {

/// Whether a smaller scenario still shows what the first one showed.
using still_fails = std::function<bool(const scenario::scenario&)>;

struct shrink_options {
    /// The kernel that candidates can be run on: steps that it cannot be asked for any more are left out of a
    /// candidate before it is judged. Without one, the judge gets candidates as they are.
    std::optional<scenario::chosen_kernel> on;
    /// How many candidates are judged at most. Fewer where a judge is slow, such as a real kernel.
    std::size_t most_candidates = 20'000;
};

struct shrunk_scenario {
    scenario::scenario smallest; ///< the first one if nothing smaller failed
    std::size_t candidates = 0;  ///< judged
};

/// Leaves out expectations, then steps, tasks, filters, arguments, turns of schedules and context switches,
/// again and again until nothing more can go. Deterministic if the judge is.
shrunk_scenario shrink(const scenario::scenario& failing, const still_fails& judge,
                       const shrink_options& options = {});

/// Delta debugging (Zeller and Hildebrandt 2002) of a list: leaves out ever smaller stretches as long as
/// `fails(list)` says so. True if anything was left out.
template <class T, class Fails>
bool shrink_list(std::vector<T>& list, Fails&& fails) {
    bool smaller = false;
    for (std::size_t size = std::max<std::size_t>(list.size() / 2, 1); !list.empty(); size /= 2) {
        for (std::size_t end = list.size(); end > 0;) {
            const std::size_t begin = end > size ? end - size : 0;
            std::vector<T> rest(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(begin));
            rest.insert(rest.end(), list.begin() + static_cast<std::ptrdiff_t>(end), list.end());
            if (fails(rest)) {
                smaller = true;
                list = std::move(rest);
                end = std::min(begin, list.size());
            } else {
                end = begin;
            }
        }
        if (size == 1)
            break;
    }
    return smaller;
}

} // namespace seccomp_sim::property

// Atomic steps as the schedule that repeats them.
#include "sim/replay/schedule.hpp"

#include <algorithm>

namespace seccomp_sim::replay {

std::vector<scenario::schedule_entry> schedule_of(std::span<const pass> steps) {
    std::vector<scenario::schedule_entry> entries;
    for (auto begin = steps.begin(); begin != steps.end();) {
        const auto end = std::find_if(begin, steps.end(), [&](const pass& s) { return s.who != begin->who; });
        const label_id last = std::prev(end)->label;
        const auto times = std::count_if(begin, end, [&](const pass& s) { return s.label == last; });
        entries.insert(entries.end(), static_cast<std::size_t>(times), {begin->who, last, {}});
        begin = end;
    }
    return entries;
}

} // namespace seccomp_sim::replay

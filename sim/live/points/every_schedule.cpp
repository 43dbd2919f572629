// A run leaves, for each step after the choices that it was given, the other choices of that step: each is
// the beginning of further schedules. They wait in line by their number of context switches, so none is run
// twice.
#include "sim/live/points/every_schedule.hpp"

#include <algorithm>
#include <deque>

namespace seccomp_sim::live {
namespace {

class waiting_line {
  public:
    explicit waiting_line(std::optional<std::size_t> most_switches) : most_(most_switches), lines_(1) {
        lines_[0].emplace_back();
    }

    /// The next in line; nothing: there is none.
    std::optional<choice_list> next() {
        for (std::deque<choice_list>& line : lines_)
            if (!line.empty()) {
                choice_list first = std::move(line.front());
                line.pop_front();
                return first;
            }
        return {};
    }

    bool empty() const {
        return std::all_of(lines_.begin(), lines_.end(), [](const auto& line) { return line.empty(); });
    }

    /// Puts in line what branches off a run behind its first `given` choices.
    void add(const schedule_run& run, std::size_t given) {
        choice_list way;
        for (std::size_t depth = 0; depth < run.choices.size(); ++depth) {
            const choice_point& at = run.choices[depth];
            const std::size_t switches = at.switches + (at.could_go_on ? 1U : 0U);
            if (depth >= given && (!most_ || switches <= *most_))
                for (std::uint8_t other = 1; other < at.among; ++other) {
                    lines_.resize(std::max(lines_.size(), switches + 1));
                    lines_[switches].push_back(way);
                    lines_[switches].back().push_back(other);
                }
            way.push_back(at.taken);
        }
    }

  private:
    std::optional<std::size_t> most_;
    std::vector<std::deque<choice_list>> lines_; ///< by switches
};

/// Whether the run took the choices that it was given.
bool has_strayed(const schedule_run& run, const choice_list& given) {
    if (run.choices.size() < given.size())
        return true;
    for (std::size_t i = 0; i < given.size(); ++i)
        if (run.choices[i].taken != given[i])
            return true;
    return false;
}

schedule_run run_one(const scenario::scenario& s, const scenario::chosen_kernel& on, schedule_tools& tools,
                     const choice_list& given) {
    schedule_run run = schedule_runner(s, on, tools).run(given);
    const bool warned = std::any_of(run.broken.begin(), run.broken.end(), [](const kernel_violation& v) {
        return v.which == invariant::no_refcount_warning;
    });
    if (!warned)
        return run;
    // Once more, to see after which step.
    return schedule_runner(s, on, tools).run(given, true);
}

void remember_broken(exploration& all, const schedule_run& run) {
    for (std::size_t i = 0; i < run.broken.size(); ++i) {
        const kernel_violation& v = run.broken[i];
        const bool known = std::any_of(all.broken.begin(), all.broken.end(), [&](const schedule_run& r) {
            return r.broken.front().which == v.which;
        });
        if (known)
            continue;
        schedule_run one = run;
        one.broken = {v};
        one.entries.resize(run.broken_after[i]);
        all.broken.push_back(std::move(one));
    }
}

} // namespace

exploration explore_here(const scenario::scenario& s, const scenario::chosen_kernel& on,
                         points_device& points, white_box& memory, const exploration_limits& limits) {
    exploration all;
    const auto start = std::chrono::steady_clock::now();
    waiting_line line(limits.switches);
    schedule_tools tools{points, memory};
    while (all.schedules < limits.schedules && !(limits.stop_at_first && !all.broken.empty())) {
        const std::optional<choice_list> given = line.next();
        if (!given)
            break;
        const schedule_run run = run_one(s, on, tools, *given);
        ++all.schedules;
        ++all.outcomes[run.outcome];
        if (!run.choices.empty())
            all.switches = std::max<std::size_t>(all.switches, run.choices.back().switches);
        remember_broken(all, run);
        // What branches off a run that went astray branches off another schedule, too.
        if (has_strayed(run, *given))
            ++all.strayed;
        else
            line.add(run, given->size());
    }
    all.exhausted = line.empty();
    all.time = std::chrono::steady_clock::now() - start;
    return all;
}

} // namespace seccomp_sim::live

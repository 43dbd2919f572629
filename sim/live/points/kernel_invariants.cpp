// Holders are counted from the tasks' pointers, the chains and the listeners; what a counter says beyond that
// is a leak, what it lacks is a use after free to come.
#include "sim/live/points/kernel_invariants.hpp"

#include "seccomp_sim/file.hpp"
#include "sim/replay/words.hpp"

#include <algorithm>
#include <bit>

namespace seccomp_sim::live {
namespace {

/// refcount_t saturates at INT_MIN / 2; whatever is below zero is on its way there.
bool is_saturated(std::uint32_t counter) {
    return std::bit_cast<std::int32_t>(counter) < 0;
}

std::string count_text(std::uint32_t counter) {
    return is_saturated(counter) ? "saturated" : std::to_string(counter);
}

template <class Holds>
std::uint32_t count_tasks(const seccomp_state& state, Holds holds) {
    return static_cast<std::uint32_t>(std::count_if(state.tasks.begin(), state.tasks.end(), holds));
}

/// Whether a task runs under the filter: it, or an ancestor of what it points at.
bool is_under(const seccomp_state& state, const task_record& task, std::uint64_t filter) {
    std::size_t steps = 0;
    for (std::uint64_t f = task.filter; f != 0 && steps++ < state.filters.size() + 1;) {
        if (f == filter)
            return true;
        const filter_record* record = state.filter_at(f);
        f = record != nullptr ? record->prev : 0;
    }
    return false;
}

} // namespace

std::string invariant_watch::name_of(std::uint64_t filter) const {
    const auto name = names_.find(filter);
    return name != names_.end() ? name->second : "at " + std::to_string(filter);
}

void invariant_watch::check_counters(const kernel_look& look, const filter_record& f,
                                     std::vector<kernel_violation>& found) {
    const std::uint32_t tasks =
        count_tasks(look.state, [&](const task_record& t) { return t.filter == f.address; });
    std::uint32_t above = 0;
    std::uint32_t above_in_use = 0;
    for (const filter_record& other : look.state.filters)
        if (other.prev == f.address) {
            ++above;
            above_in_use += other.live.value_or(0) != 0 ? 1U : 0U;
        }
    const std::uint32_t holders = tasks + above + (f.has_listener ? 1U : 0U);
    if (look.at_rest && f.usage != holders)
        found.push_back({invariant::usage_exact, "filter " + name_of(f.address) +
                                                     ": the count of references is " + count_text(f.usage) +
                                                     ", but " + std::to_string(holders) + " hold it"});
    if (f.usage == 0 && holders != 0)
        found.push_back({invariant::no_use_after_free,
                         "filter " + name_of(f.address) + " is pointed at, but nobody holds it"});
    if (is_saturated(f.usage) || is_saturated(f.live.value_or(0)))
        found.push_back(
            {invariant::no_refcount_warning, "filter " + name_of(f.address) + ": a counter is saturated"});
    if (!f.live)
        return;
    if (look.at_rest && *f.live != tasks + above_in_use)
        found.push_back({invariant::live_exact, "filter " + name_of(f.address) + ": the count of users is " +
                                                    count_text(*f.live) + ", but " +
                                                    std::to_string(tasks + above_in_use) + " use it"});
    if (look.at_rest && *f.live > f.usage)
        found.push_back({invariant::live_within_usage, "filter " + name_of(f.address) + " has " +
                                                           count_text(*f.live) + " users, but only " +
                                                           count_text(f.usage) + " references"});
}

void invariant_watch::check_use(const kernel_look& look, const filter_record& f,
                                std::vector<kernel_violation>& found) {
    if (!f.live)
        return;
    const bool unused = *f.live == 0;
    if (unused)
        out_of_use_.insert(f.address);
    else if (out_of_use_.count(f.address) != 0)
        found.push_back({invariant::hup_final, "filter " + name_of(f.address) + " is in use again"});
    const std::uint32_t users =
        count_tasks(look.state, [&](const task_record& t) { return is_under(look.state, t, f.address); });
    if (look.at_rest && unused && users != 0)
        found.push_back({invariant::hup_prompt, "nobody is said to use filter " + name_of(f.address) +
                                                    ", but " + std::to_string(users) +
                                                    (users == 1 ? " task runs" : " tasks run") +
                                                    " under it"});
    if (look.at_rest && !unused && users == 0)
        found.push_back({invariant::hup_prompt, "no task is left under filter " + name_of(f.address) +
                                                    ", but it is said to be used"});
    const auto poll = look.polls.find(f.address);
    if (poll != look.polls.end() && ((poll->second & poll_event::hup) != 0) != unused)
        found.push_back({invariant::hup_true, "the listener of filter " + name_of(f.address) + " reports " +
                                                  replay::event_names(poll->second) + " with " +
                                                  count_text(*f.live) + " users"});
}

void invariant_watch::check_sleepers(const kernel_look& look, std::vector<kernel_violation>& found) const {
    for (const kernel_look::sleeper& s : look.sleepers) {
        const auto poll = look.polls.find(s.filter);
        if (poll != look.polls.end() && (poll->second & s.events) != 0)
            found.push_back({invariant::no_lost_wakeup, s.who + " sleeps, but the listener of filter " +
                                                            name_of(s.filter) + " reports " +
                                                            replay::event_names(poll->second)});
    }
    for (const kernel_look::trapped_task& t : look.trapped) {
        const notification_record* its = nullptr;
        for (const filter_record& f : look.state.filters)
            for (const notification_record& n : f.notifications)
                if (n.tid == t.task)
                    its = &n;
        if (its == nullptr || its->state == notification_record::notify_state::replied)
            found.push_back({invariant::notifications_end,
                             t.who + " sleeps in a trapped call " +
                                 (its == nullptr ? "that no listener knows of" : "that has been answered")});
    }
}

std::vector<kernel_violation> invariant_watch::check(const kernel_look& look) {
    std::vector<kernel_violation> found;
    if (!look.unreadable.empty())
        found.push_back({invariant::no_use_after_free,
                         "tasks or listeners point to what is no filter any more: " + look.unreadable});
    for (const filter_record& f : look.state.filters) {
        check_counters(look, f, found);
        check_use(look, f, found);
    }
    if (look.warnings > warnings_)
        found.push_back({invariant::no_refcount_warning, "the kernel warns of a reference count"});
    warnings_ = std::max(warnings_, look.warnings);
    if (look.at_rest)
        check_sleepers(look, found);
    return found;
}

} // namespace seccomp_sim::live

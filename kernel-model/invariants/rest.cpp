// The invariants that hold at rest, when no call can go on: on the filters touched since the last rest, and
// on every task that sleeps.
#include "seccomp_sim/kernel.hpp"

#include "kernel-model/invariants/sleeper.hpp"

#include <algorithm>
#include <utility>

namespace seccomp_sim {

namespace {

/// How many sleepers one rest looks at: all of them in worlds where each step counts. With very many, a rest
/// goes on where the last one ended, so that resting often stays cheap; a lost wakeup stays lost.
constexpr std::size_t sleepers_at_a_rest = 64;

} // namespace

void kernel::check_filter_at_rest(filter_id f, const account& holders) {
    if (!w.filters.is_live(f))
        return;
    const filter& record = std::as_const(w.filters)[f];
    count_test(invariant::no_leak);
    if (holders.usage == 0)
        violate(invariant::no_leak, describe(f) + " is still there, but nothing reaches it");
    if (!rev.has_live() || !record.has(filter_flag::attached))
        return;
    count_test(invariant::live_within_usage);
    count_test(invariant::hup_prompt);
    if (record.live > record.usage)
        violate(invariant::live_within_usage, describe(f) + ": live is " + std::to_string(record.live) +
                                                  ", usage only " + std::to_string(record.usage));
    if (record.live == 0 && holders.used())
        violate(invariant::hup_prompt, "live of " + describe(f) + " is 0, but a task uses it");
    if (record.live != 0 && !holders.used())
        violate(invariant::hup_prompt, "live of " + describe(f) + " is " + std::to_string(record.live) +
                                           ", but no task uses it any more");
}

void kernel::check_sleepers(std::size_t at_most) {
    for (std::size_t looks = std::min(at_most, sleepers_.size()); looks > 0 && !sleepers_.empty(); --looks) {
        if (next_sleeper_ >= sleepers_.size())
            next_sleeper_ = 0;
        const task_id who = sleepers_[next_sleeper_];
        if (!w.tasks.is_live(who) || !is_asleep(w.tasks[who])) {
            sleepers_[next_sleeper_] = sleepers_.back();
            sleepers_.pop_back();
            continue;
        }
        ++next_sleeper_;
        const sleeper_state state = look_at_sleeper(*this, who);
        count_test(invariant::no_lost_wakeup);
        count_test(invariant::notifications_end);
        if (state == sleeper_state::condition_holds)
            violate(invariant::no_lost_wakeup, describe(who) + " sleeps although what it waits for is there");
        if (state == sleeper_state::not_ended)
            violate(invariant::notifications_end,
                    "the notified call of " + describe(who) +
                        " goes on although it was answered, or its listener is gone");
    }
}

void kernel::check_notifications_at_rest() {
    const auto objects = static_cast<std::int64_t>(w.notifications.count());
    if (objects != listeners_)
        violate(invariant::no_leak, std::to_string(objects) + " notification objects for " +
                                        std::to_string(listeners_) + " open listeners");
}

void kernel::check_at_rest() {
    check_touched();
    where_ = 0;
    for (const filter_id f : touched_rest_)
        check_filter_at_rest(f, account_of(f));
    forget_touched_rest();
    check_sleepers(sleepers_at_a_rest);
    check_notifications_at_rest();
}

} // namespace seccomp_sim

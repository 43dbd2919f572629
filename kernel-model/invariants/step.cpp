// The invariants that hold after each atomic step, on the filters that the step touched.
#include "seccomp_sim/kernel.hpp"

#include <algorithm>
#include <utility>

namespace seccomp_sim {
namespace {

std::string counts(std::string_view counter, std::int32_t is, std::int32_t should_be) {
    return std::string(counter) + " is " + std::to_string(is) + ", but " + std::to_string(should_be) +
           " hold it";
}

} // namespace

// Its own function, so that the test is short: it comes with each step.
void kernel::counters_are_wrong(filter_id f, const account& holders) {
    const filter& record = std::as_const(w.filters)[f];
    if (!w.filters.is_live(f)) {
        if (holders.usage > 0)
            violate(invariant::usage_exact,
                    describe(f) + " is freed, but " + std::to_string(holders.usage) + " hold it");
        return;
    }
    if (record.usage != holders.usage)
        violate(invariant::usage_exact, describe(f) + ": " + counts("usage", record.usage, holders.usage));
    if (rev.has_live() && record.live != holders.live)
        violate(invariant::live_exact, describe(f) + ": " + counts("live", record.live, holders.live));
}

void kernel::check_touched() {
    // By index: the words for a violation may touch more.
    // NOLINTNEXTLINE(modernize-loop-convert)
    for (std::size_t next = 0; next < touched_.size(); ++next) {
        const filter_id f = touched_[next];
        const account& holders = account_of(f);
        const filter& record = std::as_const(w.filters)[f];
        const bool there = w.filters.is_live(f);
        const bool counts_live = there && rev.has_live();
        count_test(invariant::usage_exact);
        tested[static_cast<std::size_t>(invariant::live_exact)] += counts_live ? 1 : 0;
        if ((there ? record.usage : 0) != holders.usage || (counts_live && record.live != holders.live))
            [[unlikely]]
            counters_are_wrong(f, account{holders});
        if (waits_for_rest_.size() <= f.index()) [[unlikely]]
            waits_for_rest_.resize(f.index() + 1);
        std::uint8_t& waits = waits_for_rest_[f.index()];
        if (waits == 0) {
            waits = 1;
            touched_rest_.push_back(f);
        }
    }
    forget_touched();
}

} // namespace seccomp_sim

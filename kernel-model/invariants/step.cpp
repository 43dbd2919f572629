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

void kernel::check_counters(filter_id f, const account& holders) {
    const filter& record = std::as_const(w.filters)[f];
    count_test(invariant::usage_exact);
    if (!w.filters.is_live(f)) {
        if (holders.usage > 0)
            violate(invariant::usage_exact,
                    describe(f) + " is freed, but " + std::to_string(holders.usage) + " hold it");
        return;
    }
    if (record.usage != holders.usage)
        violate(invariant::usage_exact, describe(f) + ": " + counts("usage", record.usage, holders.usage));
    if (rev.has_live())
        count_test(invariant::live_exact);
    if (rev.has_live() && record.live != holders.live)
        violate(invariant::live_exact, describe(f) + ": " + counts("live", record.live, holders.live));
}

void kernel::check_touched() {
    // A violation may touch more; what it finds is looked at with the next step.
    std::size_t next = 0;
    while (next < touched_.size()) {
        const filter_id f = touched_[next++];
        check_counters(f, account_of(f));
        account& holders = account_of(f);
        if (holders.waits_for_rest == 0) {
            holders.waits_for_rest = 1;
            touched_rest_.push_back(f);
        }
    }
    touched_.clear();
}

} // namespace seccomp_sim

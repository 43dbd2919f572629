// The invariants that hold after each atomic step, on the filters that the step touched.
#include "seccomp_sim/kernel.hpp"

#include <algorithm>
#include <utility>

namespace seccomp_sim {
namespace {

std::string counts(const std::string& filter, std::string_view counter, std::int32_t is,
                   std::int32_t should_be) {
    return filter + ": " + std::string(counter) + " is " + std::to_string(is) + ", but " +
           std::to_string(should_be) + " hold it";
}

} // namespace

void kernel::check_counters(filter_id f, const account& holders) {
    const filter& record = std::as_const(w.filters)[f];
    const bool live = w.filters.is_live(f);
    const bool live_counts = live && rev.has_live();
    count_test(invariant::usage_exact);
    if ((live ? record.usage : 0) != holders.usage) [[unlikely]]
        usage_is_wrong(f, holders.usage);
    if (!live_counts)
        return;
    count_test(invariant::live_exact);
    if (record.live != holders.live) [[unlikely]]
        live_is_wrong(f, holders.live);
}

// Their own functions, so that the tests above are short: they come with each step.
void kernel::usage_is_wrong(filter_id f, std::int32_t holders) {
    if (w.filters.is_live(f))
        violate(invariant::usage_exact,
                counts(describe(f), "usage", std::as_const(w.filters)[f].usage, holders));
    else if (holders > 0)
        violate(invariant::usage_exact,
                describe(f) + " is freed, but " + std::to_string(holders) + " hold it");
}

void kernel::live_is_wrong(filter_id f, std::int32_t holders) {
    violate(invariant::live_exact, counts(describe(f), "live", std::as_const(w.filters)[f].live, holders));
}

void kernel::check_touched() {
    // A violation may touch more; what it finds is looked at with the next step.
    for (std::size_t next = 0; next < touched_.size(); ++next) {
        const filter_id f = touched_[next];
        check_counters(f, account_of(f));
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

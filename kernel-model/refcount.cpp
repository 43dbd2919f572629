// refcount_t as kernel revisions have it: it warns and saturates, or, before 5.5, warns and stays; and who
// holds what. Follows include/linux/refcount.h and lib/refcount.c, and the counters' users in
// kernel/seccomp.c.
#include "seccomp_sim/kernel.hpp"

#include <limits>

namespace seccomp_sim {
namespace {

constexpr std::int32_t saturated = std::numeric_limits<std::int32_t>::min() / 2;
constexpr std::int32_t max_lenient = -1; // UINT_MAX: where refcount_t of 5.0 saturates

/// Adds one to a counter; `warn(text)` hears what the kernel would complain about.
template <class Warn>
void refcount_inc(std::int32_t& counter, refcount_rule rule, Warn&& warn) {
    if (rule == refcount_rule::lenient) {
        if (counter == 0)
            return warn("refcount_t: increment on 0; use-after-free.");
        if (counter == max_lenient)
            return;
        if (++counter == max_lenient)
            warn("refcount_t: saturated; leaking memory.");
        return;
    }
    const std::int32_t before = counter;
    counter = static_cast<std::int32_t>(static_cast<std::uint32_t>(counter) + 1);
    if (before == 0) {
        counter = saturated;
        warn("refcount_t: addition on 0; use-after-free.");
    } else if (before < 0 || counter < 0) {
        counter = saturated;
        warn("refcount_t: saturated; leaking memory.");
    }
}

/// Takes one from a counter and says whether it reached zero.
template <class Warn>
bool refcount_dec_and_test(std::int32_t& counter, refcount_rule rule, Warn&& warn) {
    if (rule == refcount_rule::lenient) {
        if (counter == max_lenient)
            return false;
        if (counter == 0) {
            warn("refcount_t: underflow; use-after-free.");
            return false;
        }
        return --counter == 0;
    }
    if (counter == 1) {
        counter = 0;
        return true;
    }
    if (counter <= 0) {
        counter = saturated;
        warn("refcount_t: underflow; use-after-free.");
        return false;
    }
    --counter;
    return false;
}

} // namespace

void kernel::usage_inc(filter_id f) {
    filter& record = deref(f);
    const std::int32_t before = record.usage;
    refcount_inc(record.usage, rev.refcount, [&](std::string_view text) { refcount_warning(f, text); });
    usage_changed(f, before, record.usage);
}

bool kernel::usage_dec_and_test(filter_id f) {
    filter& record = deref(f);
    const std::int32_t before = record.usage;
    const bool zero = refcount_dec_and_test(record.usage, rev.refcount,
                                            [&](std::string_view text) { refcount_warning(f, text); });
    usage_changed(f, before, record.usage);
    return zero;
}

void kernel::live_inc(filter_id f) {
    if (!rev.has_live())
        return;
    filter& record = deref(f);
    const std::int32_t before = record.live;
    refcount_inc(record.live, rev.refcount, [&](std::string_view text) { refcount_warning(f, text); });
    if (before == 0 && record.live != 0)
        violate(invariant::hup_final, "live of " + describe(f) + " rose from 0");
    live_changed(f, before, record.live);
}

bool kernel::live_dec_and_test(filter_id f) {
    filter& record = deref(f);
    const std::int32_t before = record.live;
    const bool zero = refcount_dec_and_test(record.live, rev.refcount,
                                            [&](std::string_view text) { refcount_warning(f, text); });
    live_changed(f, before, record.live);
    return zero;
}

void kernel::refcount_warning(filter_id f, std::string_view text) {
    warn(text);
    violate(invariant::no_refcount_warning, std::string(text) + " on " + describe(f));
}

} // namespace seccomp_sim

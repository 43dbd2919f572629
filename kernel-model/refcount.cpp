// A filter's counters as the modelled functions change them: the counters' users in kernel/seccomp.c, each
// with what the invariants want to know.
#include "kernel-model/refcount.hpp"

#include "seccomp_sim/kernel.hpp"

namespace seccomp_sim {

void kernel::usage_inc(filter_id f) {
    filter& record = deref(f);
    const std::int32_t before = record.usage;
    refcount_inc(plain_counter(record.usage), rev.refcount,
                 [&](std::string_view text) { refcount_warning(f, text); });
    usage_changed(f, before, record.usage);
}

bool kernel::usage_dec_and_test(filter_id f) {
    filter& record = deref(f);
    count_test(invariant::no_refcount_warning);
    const std::int32_t before = record.usage;
    const bool zero = refcount_dec_and_test(plain_counter(record.usage), rev.refcount,
                                            [&](std::string_view text) { refcount_warning(f, text); });
    usage_changed(f, before, record.usage);
    return zero;
}

void kernel::live_inc(filter_id f) {
    if (!rev.has_live())
        return;
    filter& record = deref(f);
    const std::int32_t before = record.live;
    refcount_inc(plain_counter(record.live), rev.refcount,
                 [&](std::string_view text) { refcount_warning(f, text); });
    count_test(invariant::hup_final);
    if (before == 0 && record.live != 0)
        violate(invariant::hup_final, "live of " + describe(f) + " rose from 0");
    live_changed(f, before, record.live);
}

bool kernel::live_dec_and_test(filter_id f) {
    filter& record = deref(f);
    const std::int32_t before = record.live;
    const bool zero = refcount_dec_and_test(plain_counter(record.live), rev.refcount,
                                            [&](std::string_view text) { refcount_warning(f, text); });
    live_changed(f, before, record.live);
    return zero;
}

void kernel::refcount_warning(filter_id f, std::string_view text) {
    warn(text);
    violate(invariant::no_refcount_warning, std::string(text) + " on " + describe(f));
}

} // namespace seccomp_sim

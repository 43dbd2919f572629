// What a dying task does with its filter, in each design, on real memory: the walks are those of
// kernel-model/filter_walk.hpp.
#pragma once

#include "bench/walk/real_filter.hpp"
#include "kernel-model/filter_walk.hpp"
#include "kernel-model/refcount.hpp"

#include "seccomp_sim/task.hpp"

#include <span>
#include <string_view>

namespace seccomp_sim::bench {

inline constexpr std::uint32_t hup = 0x10; ///< EPOLLHUP

/// Where a walk over real memory is.
struct real_call {
    boost::asio::coroutine at{};
    real_filter* orig = nullptr;
    real_filter* freeme = nullptr;
    real_filter* owns_usage = nullptr;
    real_filter* owns_live = nullptr;
};

/// Nothing to do with a filter that is freed: the allocator's part is no part of the walk.
struct leave_freed {
    void operator()(real_filter*) const {}
};

/// Real memory, as the walks see it. `Free` is told which filters are freed.
template <bool NotifyLock, class Free = leave_freed>
struct real_chain {
    [[no_unique_address]] Free free{};

    static constexpr bool reached(label_id) { return false; }
    static void own_usage(real_call& call, real_filter* f) { call.owns_usage = f; }
    static void own_live(real_call& call, real_filter* f) { call.owns_live = f; }
    static bool dec_and_test(std::atomic<std::int32_t>& counter) {
        return refcount_dec_and_test(atomic_counter(counter), refcount_rule::saturating,
                                     [](std::string_view) {});
    }
    static bool usage_dec_and_test(real_filter* f) { return dec_and_test(f->usage); }
    static bool live_dec_and_test(real_filter* f) { return dec_and_test(f->live); }
    /// The holders that let go before this read did so with release.
    static bool usage_is_last(real_filter* f) { return f->usage.load(std::memory_order_acquire) == 1; }
    static real_filter* prev(real_filter* f) { return f->prev; }
    static bool waitqueue_active(real_filter* f) { return f->wqh.active(); }
    static void wake_hup(real_filter* f) { f->wqh.wake_up_poll(hup); }
    void free_filter(real_filter* f) { free(f); }
    static constexpr bool takes_notify_lock() { return NotifyLock; }
    /// Waits for the lock, and so never has to say no.
    static bool notify_trylock(real_filter* f) {
        f->notify_lock.lock();
        return true;
    }
    static void notify_unlock(real_filter* f) { f->notify_lock.unlock(); }
};

/// The tasks, for the design that looks at them: each task's filter, and tasklist_lock's count of readers.
struct task_list {
    std::span<std::atomic<real_filter*>> filters;
    std::atomic<std::int32_t> readers{0};
};

enum class design : std::uint8_t {
    before,   ///< before the patch: put only, and nobody learns of anything
    patch_v2, ///< orphan in release_task, put later in free_task
    upstream, ///< orphan, then put at once
    locked,   ///< upstream, taking notify_lock for each filter
    scan,     ///< one counter: whether a listener's filter is still used is found by a look at every task
    fused,    ///< one walk that frees what nobody else holds
};
inline constexpr std::string_view design_names[] = {"before", "patch_v2", "upstream",
                                                    "locked", "scan",     "fused"};
inline constexpr std::size_t design_count = std::size(design_names);

template <bool NotifyLock = false, class Free = leave_freed>
void orphan(real_filter* leaf, Free free = {}) {
    real_call call{.orig = leaf};
    orphan_walk(real_chain<NotifyLock, Free>{free}, call);
}

template <class Free = leave_freed>
void put(real_filter* leaf, Free free = {}) {
    real_call call{.orig = leaf};
    put_walk(real_chain<false, Free>{free}, call);
}

template <class Free = leave_freed>
void release_fused(real_filter* leaf, Free free = {}) {
    real_call call{.orig = leaf};
    fused_walk(real_chain<false, Free>{free}, call);
    if (call.owns_usage)
        put(call.owns_usage, free);
}

/// Whether some task's path goes through `f`.
inline bool in_use(const real_filter* f, const task_list& tasks) {
    for (const std::atomic<real_filter*>& task : tasks.filters)
        for (const real_filter* path = task.load(std::memory_order_acquire); path; path = path->prev)
            if (path == f)
                return true;
    return false;
}

/// The design with one counter. Each filter on the path that has a listener is looked for on the path of
/// every task; `own`, if the task is on the list, is cleared first, so that the last of two that exit at once
/// sees nobody. Filters would have to be freed by RCU, since others' paths are read without a count.
template <class Free = leave_freed>
void scan_and_put(real_filter* leaf, task_list& tasks, std::atomic<real_filter*>* own, Free free = {}) {
    if (own)
        own->store(nullptr, std::memory_order_seq_cst);
    tasks.readers.fetch_add(1, std::memory_order_acquire);
    for (real_filter* f = leaf; f; f = f->prev)
        if (f->notif && !in_use(f, tasks) && f->wqh.active())
            f->wqh.wake_up_poll(hup);
    tasks.readers.fetch_sub(1, std::memory_order_release);
    put(leaf, free);
}

/// What a dying task does with its filter. `own` is its place in the list of tasks, if it has one. All that
/// it calls is inlined: where a walk is, is then never in memory, and the yields leave no trace.
template <design D, class Free = leave_freed>
[[gnu::flatten]] void exit_task(real_filter* leaf, task_list& tasks, std::atomic<real_filter*>* own,
                                Free free = {}) {
    if constexpr (D == design::before)
        put(leaf, free);
    else if constexpr (D == design::patch_v2)
        orphan(leaf, free);
    else if constexpr (D == design::scan)
        scan_and_put(leaf, tasks, own, free);
    else if constexpr (D == design::fused)
        release_fused(leaf, free);
    else {
        orphan<D == design::locked>(leaf, free);
        put(leaf, free);
    }
}
/// What is left for free_task, after RCU: patch v2's put.
template <design D, class Free = leave_freed>
[[gnu::flatten]] void free_task(real_filter* leaf, Free free = {}) {
    if constexpr (D == design::patch_v2)
        put(leaf, free);
}

/// Calls `use.template operator()<D>()` with the design given at run time.
template <class Use>
decltype(auto) with_design(design d, Use&& use) {
    switch (d) {
    case design::before:
        return use.template operator()<design::before>();
    case design::patch_v2:
        return use.template operator()<design::patch_v2>();
    case design::upstream:
        return use.template operator()<design::upstream>();
    case design::locked:
        return use.template operator()<design::locked>();
    case design::scan:
        return use.template operator()<design::scan>();
    case design::fused:
        break;
    }
    return use.template operator()<design::fused>();
}

} // namespace seccomp_sim::bench

// refcount_t as kernel revisions have it: it warns and saturates, or, before 5.5, warns and stays. Follows
// include/linux/refcount.h and lib/refcount.c. Written over the counter: the model's is a plain integer, the
// benchmark's an atomic one with the memory orders of the kernel.
#pragma once

#include "seccomp_sim/revision.hpp"

#include <atomic>
#include <cstdint>
#include <limits>

namespace seccomp_sim {

/// A counter of the model: another CPU comes between two steps, never into one.
class plain_counter {
  public:
    explicit plain_counter(std::int32_t& value) : value_(value) {}

    std::int32_t load() const { return value_; }
    void store(std::int32_t value) { value_ = value; }
    /// Both give what was there before, and wrap.
    std::int32_t fetch_add() { return add(1); }
    std::int32_t fetch_sub_release() { return add(-1); }
    bool compare_exchange(std::int32_t expected, std::int32_t desired, std::memory_order) {
        if (value_ != expected)
            return false;
        value_ = desired;
        return true;
    }
    void acquire_after_control() {}

  private:
    std::int32_t add(std::int32_t change) {
        const std::int32_t before = value_;
        value_ = static_cast<std::int32_t>(static_cast<std::uint32_t>(before) +
                                           static_cast<std::uint32_t>(change));
        return before;
    }

    std::int32_t& value_;
};

/// A counter that threads share.
class atomic_counter {
  public:
    explicit atomic_counter(std::atomic<std::int32_t>& value) : value_(value) {}

    std::int32_t load() const { return value_.load(std::memory_order_relaxed); }
    void store(std::int32_t value) { value_.store(value, std::memory_order_relaxed); }
    std::int32_t fetch_add() { return value_.fetch_add(1, std::memory_order_relaxed); }
    std::int32_t fetch_sub_release() { return value_.fetch_sub(1, std::memory_order_release); }
    bool compare_exchange(std::int32_t expected, std::int32_t desired, std::memory_order success) {
        return value_.compare_exchange_strong(expected, desired, success, std::memory_order_relaxed);
    }
    /// smp_acquire__after_ctrl_dep: what other holders wrote before they let go is seen by who frees.
    void acquire_after_control() { std::atomic_thread_fence(std::memory_order_acquire); }

  private:
    std::atomic<std::int32_t>& value_;
};

inline constexpr std::int32_t refcount_saturated = std::numeric_limits<std::int32_t>::min() / 2;
inline constexpr std::int32_t refcount_max_lenient = -1; ///< UINT_MAX: where refcount_t of 5.0 saturates

/// Adds one to a counter; `warn(text)` hears what the kernel would complain about.
template <class Counter, class Warn>
void refcount_inc(Counter counter, refcount_rule rule, Warn&& warn) {
    if (rule == refcount_rule::lenient) {
        for (;;) {
            const std::int32_t before = counter.load();
            if (before == 0)
                return warn("refcount_t: increment on 0; use-after-free.");
            if (before == refcount_max_lenient)
                return;
            const auto after = static_cast<std::int32_t>(static_cast<std::uint32_t>(before) + 1);
            if (!counter.compare_exchange(before, after, std::memory_order_relaxed))
                continue;
            if (after == refcount_max_lenient)
                warn("refcount_t: saturated; leaking memory.");
            return;
        }
    }
    const std::int32_t before = counter.fetch_add();
    if (before == 0) [[unlikely]] {
        counter.store(refcount_saturated);
        warn("refcount_t: addition on 0; use-after-free.");
    } else if (before < 0 || before == std::numeric_limits<std::int32_t>::max()) [[unlikely]] {
        counter.store(refcount_saturated);
        warn("refcount_t: saturated; leaking memory.");
    }
}

/// Takes one from a counter and says whether it reached zero.
template <class Counter, class Warn>
bool refcount_dec_and_test(Counter counter, refcount_rule rule, Warn&& warn) {
    if (rule == refcount_rule::lenient) {
        for (;;) {
            const std::int32_t before = counter.load();
            if (before == refcount_max_lenient)
                return false;
            if (before == 0) {
                warn("refcount_t: underflow; use-after-free.");
                return false;
            }
            const auto after = static_cast<std::int32_t>(static_cast<std::uint32_t>(before) - 1);
            if (!counter.compare_exchange(before, after, std::memory_order_release))
                continue;
            if (after == 0)
                counter.acquire_after_control();
            return after == 0;
        }
    }
    const std::int32_t before = counter.fetch_sub_release();
    if (before == 1) {
        counter.acquire_after_control();
        return true;
    }
    if (before <= 0) [[unlikely]] {
        counter.store(refcount_saturated);
        warn("refcount_t: underflow; use-after-free.");
    }
    return false;
}

} // namespace seccomp_sim

// struct seccomp_filter as it lies in memory of a 64-bit kernel since 5.11, with real atomics, and the wait
// queue that the walk looks at: what the benchmark walks.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace seccomp_sim::bench {

inline void cpu_relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

/// A spinlock or a mutex without a queue: taken with acquire, left with release, one locked instruction to
/// take it. Who waits gives its CPU away now and then: more threads than CPUs may want it.
class short_lock {
  public:
    bool try_lock() {
        std::uint32_t unlocked = 0;
        return word_.compare_exchange_strong(unlocked, 1, std::memory_order_acquire,
                                             std::memory_order_relaxed);
    }
    void lock() {
        for (int turns = 0; !try_lock(); ++turns) {
            cpu_relax();
            if (turns % 256 == 255)
                std::this_thread::yield();
        }
    }
    void unlock() { word_.store(0, std::memory_order_release); }

  private:
    std::atomic<std::uint32_t> word_{0};
};

struct wait_queue_entry {
    void (*wake)(wait_queue_entry& self, std::uint32_t events) = nullptr;
    std::atomic<wait_queue_entry*> next{nullptr};
};

/// wait_queue_head_t: a lock and a list.
struct wait_queue_head {
    short_lock lock;
    std::atomic<wait_queue_entry*> first{nullptr};
    void* last = nullptr;

    bool active() const { return first.load(std::memory_order_relaxed) != nullptr; }
    void add(wait_queue_entry& entry) {
        entry.next.store(first.load(std::memory_order_relaxed), std::memory_order_relaxed);
        first.store(&entry, std::memory_order_relaxed);
    }
    /// __wake_up_common_lock
    [[gnu::noinline]] void wake_up_poll(std::uint32_t events) {
        lock.lock();
        for (wait_queue_entry* e = first.load(std::memory_order_relaxed); e;
             e = e->next.load(std::memory_order_relaxed))
            e->wake(*e, events);
        lock.unlock();
    }
};

struct real_filter {
    std::atomic<std::int32_t> usage{1};
    std::atomic<std::int32_t> live{1};
    bool log = false;
    bool wait_killable_recv = false;
    std::uint64_t allow_native[8]{}; ///< struct action_cache
    std::uint64_t allow_compat[8]{};
    real_filter* prev = nullptr;
    void* prog = nullptr;
    void* notif = nullptr; ///< not null while a listener is open
    short_lock notify_lock;
    std::uint64_t rest_of_mutex[3]{};
    wait_queue_head wqh;
};
static_assert(sizeof(real_filter) == 224);
static_assert(offsetof(real_filter, prev) == 144);

/// The slot of kmalloc-256 that a filter is in.
struct alignas(64) filter_slot {
    real_filter filter;
    char rest[256 - sizeof(real_filter)];
};
static_assert(sizeof(filter_slot) == 256);

} // namespace seccomp_sim::bench

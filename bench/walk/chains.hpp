// Filter chains in memory for the walk to go up: in one small place, or scattered over more memory than the
// last-level cache holds; and who waits for HUP.
#pragma once

#include "bench/walk/real_filter.hpp"

#include <deque>
#include <memory>
#include <span>
#include <vector>

namespace seccomp_sim::bench {

/// Memory for filters, in huge pages where the system gives them: a kernel's own memory is mapped that way.
class arena {
  public:
    explicit arena(std::size_t filters);
    ~arena();
    arena(const arena&) = delete;
    arena& operator=(const arena&) = delete;

    real_filter* at(std::size_t i) { return &slots_[i].filter; }
    std::size_t size() const { return count_; }

  private:
    filter_slot* slots_;
    std::size_t count_;
    std::size_t bytes_;
};

/// The size of the last-level cache in bytes; a generous guess where the system does not tell.
std::size_t last_level_cache();
/// Reads so much other memory that nothing else is left in the caches.
void evict_caches();

/// The poller that pollwake wakes.
struct poller {
    wait_queue_entry entry;
    std::atomic<std::int32_t> triggered{0};
    std::atomic<std::int32_t> task_state{1};
};
/// An item of an epoll instance that ep_poll_callback puts on the instance's ready list.
struct epoll_item {
    wait_queue_entry entry;
    short_lock instance_lock;
    std::atomic<std::int32_t> ready{0};
    epoll_item* ready_list = nullptr;
};

enum class waiters : std::uint8_t { nobody, poller, epoll_1000 };

/// Many chains of one depth, at each of which a last task is about to exit.
class chains {
  public:
    /// Places filters at random over the arena, which must have room for count * depth.
    chains(arena& memory, std::size_t count, std::size_t depth, waiters who);

    std::span<real_filter* const> leaves() const { return leaves_; }
    /// All filters, chain by chain, each from the leaf up.
    std::span<real_filter* const> filters() const { return filters_; }
    std::size_t depth() const { return depth_; }
    /// Every task is there again: the counters of the chains [first, last).
    void reset(std::size_t first, std::size_t last);
    void reset() { reset(0, leaves_.size()); }
    /// That many tasks under each leaf, from the next reset on: all exits but the last stop at once.
    void share_leaves(std::int32_t tasks) { users_of_leaf_ = tasks; }

  private:
    void wait_on(real_filter& f, waiters who);

    std::size_t depth_;
    std::int32_t users_of_leaf_ = 1;
    std::vector<real_filter*> leaves_;
    std::vector<real_filter*> filters_;
    std::deque<poller> pollers_;
    std::deque<epoll_item> items_;
    bool watched_;
};

} // namespace seccomp_sim::bench

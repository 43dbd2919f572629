// Memory for filter chains, and the callbacks of who waits: fs/select.c's pollwake and fs/eventpoll.c's
// ep_poll_callback, as far as they touch memory.
#include "bench/walk/chains.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <new>
#include <numeric>
#include <random>
#include <sys/mman.h>

namespace seccomp_sim::bench {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;

void pollwake(wait_queue_entry& entry, std::uint32_t) {
    auto& self = reinterpret_cast<poller&>(entry);
    self.triggered.store(1, std::memory_order_relaxed);
    std::int32_t sleeping = 1;
    self.task_state.compare_exchange_strong(sleeping, 0); // try_to_wake_up
}

void ep_poll_callback(wait_queue_entry& entry, std::uint32_t) {
    auto& self = reinterpret_cast<epoll_item&>(entry);
    self.instance_lock.lock();
    if (self.ready.load(std::memory_order_relaxed) == 0) {
        self.ready.store(1, std::memory_order_relaxed);
        self.ready_list = &self;
    }
    self.instance_lock.unlock();
}

} // namespace

arena::arena(std::size_t filters)
    : count_(filters), bytes_((filters * sizeof(filter_slot) + huge_page - 1) / huge_page * huge_page) {
    slots_ = static_cast<filter_slot*>(std::aligned_alloc(huge_page, bytes_));
    if (!slots_)
        throw std::bad_alloc();
    madvise(slots_, bytes_, MADV_HUGEPAGE);
    std::uninitialized_value_construct_n(slots_, filters);
}

arena::~arena() {
    std::free(slots_);
}

std::size_t last_level_cache() {
    // Not sysconf: in a virtual machine it may give the cache of the whole socket.
    std::ifstream file("/sys/devices/system/cpu/cpu0/cache/index3/size");
    std::size_t size = 0;
    char unit = 0;
    if (file >> size >> unit)
        return size << (unit == 'M' ? 20 : 10);
    return std::size_t{64} << 20;
}

void evict_caches() {
    static std::vector<std::uint64_t> other(2 * last_level_cache() / sizeof(std::uint64_t), 1);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < other.size(); i += 8)
        sum += other[i];
    benchmark::DoNotOptimize(sum);
}

chains::chains(arena& memory, std::size_t count, std::size_t depth, waiters who)
    : depth_(depth), watched_(who != waiters::nobody) {
    std::vector<std::uint32_t> places(memory.size());
    std::iota(places.begin(), places.end(), 0U);
    std::shuffle(places.begin(), places.end(), std::mt19937(1));
    leaves_.reserve(count);
    filters_.reserve(count * depth);
    for (std::size_t chain = 0; chain < count; ++chain) {
        for (std::size_t level = 0; level < depth; ++level) {
            auto* f = new (memory.at(places[filters_.size()])) real_filter;
            if (level > 0)
                filters_.back()->prev = f;
            filters_.push_back(f);
        }
        leaves_.push_back(filters_[filters_.size() - depth]);
        if (watched_)
            wait_on(*filters_.back(), who);
    }
    reset();
}

void chains::wait_on(real_filter& f, waiters who) {
    f.notif = &f;
    if (who == waiters::poller) {
        poller& p = pollers_.emplace_back();
        p.entry.wake = pollwake;
        f.wqh.add(p.entry);
        return;
    }
    for (int i = 0; i < 1000; ++i) {
        epoll_item& item = items_.emplace_back();
        item.entry.wake = ep_poll_callback;
        f.wqh.add(item.entry);
    }
}

void chains::reset(std::size_t first, std::size_t last) {
    for (std::size_t i = first * depth_; i < last * depth_; ++i) {
        filters_[i]->usage.store(1, std::memory_order_relaxed);
        filters_[i]->live.store(1, std::memory_order_relaxed);
    }
    for (std::size_t chain = first; chain < last; ++chain) {
        leaves_[chain]->live.store(users_of_leaf_, std::memory_order_relaxed);
        leaves_[chain]->usage.store(users_of_leaf_, std::memory_order_relaxed);
        if (watched_) // the listener's own count
            filters_[(chain + 1) * depth_ - 1]->usage.fetch_add(1, std::memory_order_relaxed);
    }
    for (poller& p : pollers_) {
        p.triggered.store(0, std::memory_order_relaxed);
        p.task_state.store(1, std::memory_order_relaxed);
    }
    for (epoll_item& item : items_)
        item.ready.store(0, std::memory_order_relaxed);
}

} // namespace seccomp_sim::bench

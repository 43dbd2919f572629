// The work that the workers of a search share.
#include "sim/explore/worker.hpp"

#include <thread>

namespace seccomp_sim::explore {

void search::shared_work::add(std::vector<work_item> items, std::size_t workers) {
    const std::lock_guard hold(mutex_);
    workers_ = workers;
    std::move(items.begin(), items.end(), std::back_inserter(queue_));
}

void search::shared_work::give(work_item item) {
    const std::lock_guard hold(mutex_);
    queue_.push_back(std::move(item));
    idle.store(waiting_ > queue_.size() ? waiting_ - queue_.size() : 0, std::memory_order_relaxed);
    changed_.notify_one();
}

/// Most pieces of work take less than it takes to sleep and be woken: so it is looked for awake for a while.
/// Says whether there is any, or will be none.
bool search::shared_work::look_for_work(std::unique_lock<std::mutex>& hold) {
    constexpr std::chrono::microseconds awake{200};
    hold.unlock();
    const auto end = std::chrono::steady_clock::now() + awake;
    while (idle.load(std::memory_order_relaxed) > 0 && std::chrono::steady_clock::now() < end)
        std::this_thread::yield();
    hold.lock();
    return over_ || !queue_.empty();
}

std::optional<work_item> search::shared_work::take() {
    std::unique_lock hold(mutex_);
    ++waiting_;
    for (;;) {
        if (stop.load() != stop_reason::exhausted || over_) {
            changed_.notify_all();
            return std::nullopt;
        }
        if (!queue_.empty()) {
            --waiting_;
            work_item item = std::move(queue_.front());
            queue_.pop_front();
            idle.store(waiting_ > queue_.size() ? waiting_ - queue_.size() : 0, std::memory_order_relaxed);
            return item;
        }
        if (waiting_ == workers_) {
            over_ = true;
            continue;
        }
        idle.store(waiting_, std::memory_order_relaxed);
        if (look_for_work(hold))
            continue;
        // A stop by signal wakes nobody: look now and then.
        changed_.wait_for(hold, std::chrono::milliseconds(20));
    }
}

void search::shared_work::end(stop_reason why) {
    stop_reason none_yet = stop_reason::exhausted;
    stop.compare_exchange_strong(none_yet, why);
    changed_.notify_all();
}

void search::shared_work::fail(std::exception_ptr what) {
    {
        const std::lock_guard hold(mutex_);
        failure_ = std::move(what);
    }
    end(stop_reason::interrupted);
}

void search::shared_work::rethrow() {
    if (failure_)
        std::rethrow_exception(failure_);
}

void search::shared_work::take_rest(std::vector<work_item>& into) {
    std::move(queue_.begin(), queue_.end(), std::back_inserter(into));
    queue_.clear();
}

} // namespace seccomp_sim::explore

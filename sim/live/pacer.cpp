// The driver's event loop.
#include "sim/live/pacer.hpp"

#include <algorithm>
#include <sched.h>

namespace seccomp_sim::live {
namespace {

constexpr std::size_t turns_without_sleep = 64;

} // namespace

void pacer::take_events() {
    io_.restart();
    io_.poll();
}

void pacer::let_others_run() {
    turns_ = std::max(turns_, turns_without_sleep);
}

void pacer::moment() {
    constexpr std::chrono::microseconds first{20};
    constexpr std::chrono::microseconds longest{2000};
    if (turns_++ < turns_without_sleep) {
        ::sched_yield();
        take_events();
        return;
    }
    const auto turns = static_cast<std::int64_t>(turns_ - turns_without_sleep);
    io_.restart();
    bool over = false;
    timer_.expires_after(std::min(first * turns, longest));
    timer_.async_wait([&over](const boost::system::error_code&) { over = true; });
    while (!over)
        io_.run_one();
}

} // namespace seccomp_sim::live

// How the driver waits.
#include "sim/live/pacer.hpp"

#include <algorithm>
#include <sched.h>
#include <thread>

namespace seccomp_sim::live {
namespace {

constexpr std::size_t turns_without_sleep = 64;

} // namespace

void pacer::let_others_run() {
    turns_ = std::max(turns_, turns_without_sleep);
}

void pacer::moment() {
    constexpr std::chrono::microseconds first{20};
    constexpr std::chrono::microseconds longest{2000};
    if (turns_++ < turns_without_sleep) {
        ::sched_yield();
        return;
    }
    const auto turns = static_cast<std::int64_t>(turns_ - turns_without_sleep);
    std::this_thread::sleep_for(std::min(first * turns, longest));
}

} // namespace seccomp_sim::live

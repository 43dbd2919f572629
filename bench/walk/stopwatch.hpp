// Time spans by the monotonic clock, and what is said of many of them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

namespace seccomp_sim::bench {

/// Nanoseconds that `work` takes.
template <class Work>
double nanoseconds_of(Work&& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const auto end = std::chrono::steady_clock::now();
    return std::chrono::duration<double, std::nano>(end - begin).count();
}

/// The value below which `share` of them lie; 0 of none.
inline double quantile(std::vector<double> values, double share) {
    if (values.empty())
        return 0;
    const auto at = static_cast<std::ptrdiff_t>(std::lround(share * static_cast<double>(values.size() - 1)));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

inline double median(std::vector<double> values) {
    return quantile(std::move(values), 0.5);
}

} // namespace seccomp_sim::bench

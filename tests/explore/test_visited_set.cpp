// The set of visited states: what it remembers, and what it takes.
#include "sim/explore/visited_set.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <thread>

using seccomp_sim::explore::visited_set;

TEST_CASE("A visited state takes at most 16 bytes, few or many", "[explore]") {
    visited_set visited(0, false);
    std::mt19937_64 random(7); // NOLINT: the same in each run
    std::vector<std::uint64_t> inserted;
    for (std::uint64_t n = 1; n <= 20000; ++n) {
        inserted.push_back(random());
        REQUIRE(visited.insert(inserted.back()));
        REQUIRE(visited.size() == n);
        REQUIRE(visited.bytes() <= 16 * n);
        visited.prefetch(random());
        if (n % 4000 == 0)
            for (const std::uint64_t before : inserted)
                REQUIRE_FALSE(visited.insert(before));
    }
    std::vector<std::uint64_t> all = visited.all();
    std::sort(all.begin(), all.end());
    std::sort(inserted.begin(), inserted.end());
    CHECK(all == inserted);
}

TEST_CASE("Of several that insert the same, one is first", "[explore]") {
    visited_set visited(0, true);
    std::atomic<std::size_t> first{0};
    const auto insert_all = [&] {
        std::mt19937_64 random(11); // NOLINT: the same in each thread
        for (int n = 0; n < 50000; ++n)
            first += visited.insert(random()) ? 1U : 0U;
    };
    std::thread other(insert_all);
    insert_all();
    other.join();
    CHECK(first == 50000);
    CHECK(visited.size() == 50000);
}

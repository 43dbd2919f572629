// The set of visited states: what it remembers, and what it takes.
#include "sim/explore/visited_set.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <thread>

using seccomp_sim::explore::visited_set;

TEST_CASE("A visited state takes at most 16 bytes, few or many", "[explore]") {
    visited_set visited(0);
    std::mt19937_64 random(7); // NOLINT: the same in each run
    std::vector<std::uint64_t> inserted;
    for (std::uint64_t n = 1; n <= 20000; ++n) {
        inserted.push_back(random());
        REQUIRE(visited.insert(inserted.back()));
        REQUIRE(visited.size() == n);
        REQUIRE(visited.bytes() <= 16 * n);
        visited.prefetch(random());
        REQUIRE_FALSE(visited.has(random(), visited_set::visit(visited, 0)));
        if (n % 4000 == 0)
            for (const std::uint64_t before : inserted)
                REQUIRE_FALSE(visited.insert(before));
    }
    std::vector<std::uint64_t> all = visited.all();
    std::sort(all.begin(), all.end());
    std::sort(inserted.begin(), inserted.end());
    CHECK(all == inserted);
}

TEST_CASE("Nothing is lost as the memory of a large set grows and moves", "[explore]") {
    constexpr std::uint64_t many = 3000000;
    visited_set visited(0);
    std::mt19937_64 random(5); // NOLINT: the same in each run
    std::size_t refused = 0;
    for (std::uint64_t n = 0; n < many; ++n)
        refused += visited.insert(random()) ? 0U : 1U;
    CHECK(refused == 0);
    CHECK(visited.size() == many);
    CHECK(visited.bytes() <= 16 * many);
    std::mt19937_64 again(5); // NOLINT: the same as before
    std::size_t lost = 0;
    for (std::uint64_t n = 0; n < many; ++n)
        lost += visited.has(again(), visited_set::visit(visited, 0)) ? 0U : 1U;
    CHECK(lost == 0);
    std::vector<std::uint64_t> all = visited.all();
    std::sort(all.begin(), all.end());
    CHECK(all.size() == many);
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("Of several that insert the same, one is first", "[explore]") {
    visited_set visited(0, 2);
    std::atomic<std::size_t> first{0};
    std::atomic<std::size_t> missing{0};
    const auto insert_all = [&](std::size_t worker) {
        std::mt19937_64 random(11); // NOLINT: the same in each thread
        for (int n = 0; n < 200000; ++n) {
            const std::uint64_t value = random();
            first += visited.insert(value, worker) ? 1U : 0U;
            missing += visited.has(value, visited_set::visit(visited, worker)) ? 0U : 1U;
        }
    };
    std::thread other(insert_all, 1);
    insert_all(0);
    other.join();
    CHECK(first == 200000);
    CHECK(missing == 0);
    CHECK(visited.size() == 200000);
    std::vector<std::uint64_t> all = visited.all();
    std::sort(all.begin(), all.end());
    CHECK(all.size() == 200000);
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("Who looks does not hold up whoever moves the first states to their lines", "[explore]") {
    visited_set visited(0, 2);
    {
        const visited_set::visit here(visited, 0);
        std::thread other([&] {
            for (std::uint64_t n = 1; n <= 41; ++n) // one more than lie in the list
                visited.insert(n * 0x9e3779b97f4a7c15, 1);
        });
        other.join();
        CHECK(visited.has(41 * 0x9e3779b97f4a7c15, here));
    }
    CHECK(visited.size() == 41);
}

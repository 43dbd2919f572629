// The run queue, which is never copied as a whole while tasks come and go.
#include "seccomp_sim/run_queue.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <random>

using namespace seccomp_sim;

TEST_CASE("Tasks leave the run queue in the order in which they came", "[run-queue]") {
    const unsigned comes = GENERATE(45U, 50U, 55U); // of a hundred, while the others go
    run_queue queue;
    std::deque<task_id> expected;
    std::mt19937 random(comes);
    for (index_type i = 0; i < 20'000; ++i) {
        if (expected.empty() || random() % 100 < comes) {
            queue.push_back(task_id{i});
            expected.push_back(task_id{i});
        } else {
            REQUIRE(queue.pop_front() == expected.front());
            expected.pop_front();
        }
        REQUIRE(queue.size() == expected.size());
    }
    queue.clear();
    CHECK(queue.size() == 0);
    queue.push_back(task_id{7});
    CHECK(queue.pop_front() == task_id{7});
}

// Names and numbers of system calls go both ways.
#include "sim/scenario/system_call_name.hpp"

#include <catch2/catch.hpp>

using namespace seccomp_sim::scenario;

TEST_CASE("system calls have the kernel's numbers") {
    CHECK(system_call_number("getppid") == 110);
    CHECK(system_call_number("read") == 0);
    CHECK(system_call_number("seccomp") == 317);
    CHECK(system_call_number("pidfd_getfd") == 438);
    CHECK(system_call_number("uretprobe") == 335);
    CHECK(system_call_number("mseal") == 462);
    // Of another architecture.
    CHECK(system_call_number("waitpid") == std::nullopt);
    CHECK(system_call_number("") == std::nullopt);
    CHECK(system_call_name(110) == "getppid");
    CHECK(system_call_name(400).empty());
    CHECK(system_call_name(-1).empty());
    CHECK(system_call_text(4000) == "system call 4000");
}

TEST_CASE("each system call's name leads back to its number") {
    std::size_t named = 0;
    for (std::int32_t number = 0; number < 600; number++) {
        if (system_call_name(number).empty())
            continue;
        named++;
        CHECK(system_call_number(system_call_name(number)) == number);
    }
    CHECK(named == system_call_names().size());
    CHECK(named > 350);
}

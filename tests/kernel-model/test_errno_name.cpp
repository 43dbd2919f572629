// Names and numbers of errors go both ways.
#include "seccomp_sim/errno_name.hpp"

#include <catch2/catch.hpp>

#include <cerrno>
#include <cstring>

using namespace seccomp_sim;

TEST_CASE("errno names are the C library's") {
    for (int number = 1; number < 134; number++) {
        const char* known = strerrorname_np(number);
        INFO(number);
        CHECK(errno_name(number) == std::string_view(known == nullptr ? "" : known));
    }
    CHECK(errno_name(0).empty());
    CHECK(errno_name(-1).empty());
    CHECK(errno_text(EPERM) == "EPERM");
    CHECK(errno_text(4095) == "4095");
}

TEST_CASE("each errno name leads back to its number") {
    for (int number = 1; number < 600; number++)
        if (!errno_name(number).empty())
            CHECK(errno_number(errno_name(number)) == number);
    CHECK(errno_number("EWOULDBLOCK") == EAGAIN);
    CHECK(errno_number("ENOTSUP") == EOPNOTSUPP);
    CHECK(errno_number("ERESTARTSYS") == errno_restartsys);
    CHECK(errno_number("EFOO") == std::nullopt);
    CHECK(errno_number("") == std::nullopt);
}

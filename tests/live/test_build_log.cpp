// Of a failed build a person sees the lines that matter, and no others.
#include "sim/live/lab/build_log.hpp"

#include <catch2/catch.hpp>

using namespace seccomp_sim::live;

TEST_CASE("a compiler's error with its function and its source lines", "[build-log]") {
    const std::string log =
        "  CC      kernel/exit.o\n"
        "  CC      kernel/seccomp.o\n"
        "kernel/seccomp.c: In function 'seccomp_filter_release':\n"
        "kernel/seccomp.c:551:9: error: implicit declaration of function 'refcount_gone'\n"
        "  551 |         refcount_gone(&orig->users);\n"
        "      |         ^~~~~~~~~~~~~\n"
        "  CC      kernel/fork.o\n"
        "make[1]: *** [scripts/Makefile.build:287: kernel/seccomp.o] Error 1\n"
        "make: *** [Makefile:2003: kernel] Error 2\n";
    const std::vector<std::string> lines = compile_errors(log);
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] == "kernel/seccomp.c: In function 'seccomp_filter_release':");
    CHECK(lines[1].find("refcount_gone") != std::string::npos);
    CHECK(lines[3].ends_with("^~~~~~~~~~~~~"));
}

TEST_CASE("without a compiler's error, what make gave up on", "[build-log]") {
    const std::vector<std::string> lines = compile_errors(
        "  CC a.o\nmake[1]: *** No rule to make target 'mm/x.o', needed by 'mm/built-in.a'.  Stop.\n");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("mm/x.o") != std::string::npos);
}

TEST_CASE("without anything known, the end of the log", "[build-log]") {
    std::string log;
    for (int i = 0; i < 100; ++i)
        log += "line " + std::to_string(i) + "\n";
    const std::vector<std::string> lines = compile_errors(log);
    REQUIRE(lines.size() == 15);
    CHECK(lines.back() == "line 99");
}

TEST_CASE("many errors are cut, and the first are kept", "[build-log]") {
    std::string log;
    for (int i = 0; i < 1000; ++i)
        log += "a.c:" + std::to_string(i) + ": error: x\n";
    const std::vector<std::string> lines = compile_errors(log, 10);
    REQUIRE(lines.size() == 10);
    CHECK(lines.front() == "a.c:0: error: x");
}

TEST_CASE("a patch's hunks that do not fit, with their file", "[build-log]") {
    const std::vector<std::string> lines = patch_errors("patching file include/linux/seccomp.h\n"
                                                        "patching file kernel/seccomp.c\n"
                                                        "Hunk #1 succeeded at 12 (offset 3 lines).\n"
                                                        "Hunk #2 FAILED at 118.\n"
                                                        "1 out of 2 hunks FAILED\n");
    REQUIRE(lines.size() == 3);
    CHECK(lines[0] == "patching file kernel/seccomp.c");
    CHECK(lines[1] == "Hunk #2 FAILED at 118.");
}

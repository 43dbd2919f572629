// The entry of the test program; each test_*.cpp below this folder adds its cases to it.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include <cstdlib>

int main(int argc, char** argv) {
    // Properties take the same inputs each time, unless who runs them says otherwise.
    setenv("RC_PARAMS", "seed=20200528", 0);
    return Catch::Session().run(argc, argv);
}

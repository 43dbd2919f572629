// The entry of the test program: Catch2's own main, compiled once.
// Each test_*.cpp below this folder adds its cases to it.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

// libFuzzer: the scenario reader. What it accepts can be written and read again.
#include "sim/scenario/read_scenario.hpp"
#include "sim/scenario/write_scenario.hpp"

#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace seccomp_sim::scenario;
    const read_options limits{"/nonexistent", 10'000, 10'000};
    const auto read = read_scenario({reinterpret_cast<const char*>(data), size}, "fuzzed", limits);
    if (!read)
        return 0;
    if (!read_scenario(write_scenario(*read), "written", limits))
        std::abort();
    return 0;
}

// libFuzzer: the OCI profile reader. A program that it compiles is one that can be measured and run.
#include "sim/scenario/filter_program.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/json_parse.hpp"

#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace seccomp_sim;
    const auto text = scenario::parse_json({reinterpret_cast<const char*>(data), size}, "fuzzed");
    if (!text)
        return 0;
    const auto filter =
        scenario::as_result([&] { return scenario::read_filter_program(*text, text->root()); });
    if (filter && filter->program.error() == 0)
        for (const std::int32_t nr : {0, 59, 110, 435, -1})
            static_cast<void>(filter->program.run({nr, audit_arch_x86_64, 0, {}}));
    return 0;
}

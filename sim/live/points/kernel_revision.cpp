// The table of releases; the posted patch shows itself by a member that its kernel did not have.
#include "sim/live/points/kernel_revision.hpp"

#include "sim/live/white_box/seccomp_layout.hpp"
#include "sim/scenario/input_error.hpp"

#include <cstdio>
#include <utility>

namespace seccomp_sim::live {

result<std::string> revision_of(const lab_kernel& what) {
    return scenario::as_result([&]() -> std::string {
        int major = 0;
        int minor = 0;
        if (std::sscanf(what.origin.release.c_str(), "%d.%d", &major, &minor) != 2)
            throw scenario::input_error(
                {{what.name, 0, 0, ""}, "its release says nothing of its version", "--revision"});
        const std::pair version(major, minor);
        if (version < std::pair(5, 9))
            return scenario::value_or_throw(read_layout(what.btf(), what.symbols())).filter.live ? "patch-v2"
                                                                                                 : "v5.0";
        // Debian's 6.1 has what 6.2 changed.
        if (version < std::pair(6, 1))
            return "v5.9";
        if (version < std::pair(6, 11))
            return "v6.2";
        return version < std::pair(6, 15) ? "v6.11" : "v6.15";
    });
}

} // namespace seccomp_sim::live

// What old kernels are known to get wrong: each was fixed upstream, or never got there.
#include "sim/property/known_defects.hpp"

namespace seccomp_sim::property {

std::string_view known_defect(const revision& on, invariant which) {
    const bool late_fork = on.has_live() && on.fork == fork_point::before_checks;
    const bool split = on.has_live() && on.release == release_point::split;
    switch (which) {
    case invariant::usage_exact:
        return late_fork && !split ? "a fork that fails late gives nothing back (fixed by a1140cb215fa, v6.2)"
                                   : std::string_view{};
    case invariant::live_exact:
    case invariant::hup_prompt:
    case invariant::live_within_usage:
        if (late_fork)
            return "a fork that fails late does not give `live` back (fixed by a1140cb215fa, v6.2)";
        return {};
    case invariant::hup_final:
    case invariant::no_refcount_warning:
        return split ? "release_task and TSYNC both let go of `live`, without a common lock"
                     : std::string_view{};
    case invariant::no_leak:
        if (on.failed_install == failed_install::leaks)
            return "a failed install leaks its notification object (fixed by a566a9012acd, v5.9)";
        return late_fork ? "a fork that fails late leaks filters (fixed by a1140cb215fa, v6.2)"
                         : std::string_view{};
    default:
        return {};
    }
}

} // namespace seccomp_sim::property

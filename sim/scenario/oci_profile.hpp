// A container's seccomp profile: the OCI runtime specification's `linux.seccomp` object, and what Podman's
// and Docker's profile files have besides it.
#pragma once

#include "seccomp_sim/diagnostic.hpp"
#include "sim/scenario/filter_rules.hpp"
#include "sim/scenario/json_value.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::scenario {

/// What a profile's `includes` and `excludes` are decided for, besides the architecture, amd64.
struct profile_options {
    /// The capabilities of the container, such as "CAP_SYS_ADMIN". Without any, which is the default,
    /// Podman's profile gives EPERM for the likes of bpf, sethostname, chroot, kcmp, acct, settimeofday,
    /// and EINVAL for audit's netlink sockets.
    std::vector<std::string> capabilities = {};
    /// The kernel that `minKernel` is compared with: the oldest one modelled.
    unsigned kernel_major = 5;
    unsigned kernel_minor = 0;
    /// Leave out calls that libseccomp does not know, with a note, as runc does; otherwise they are an
    /// error. Right for a profile file, which is written for many systems, and wrong for a scenario's
    /// own filter, where such a name is a slip.
    bool skip_unknown_calls = false;
};

/// A profile that was read.
struct oci_profile {
    filter_rules rules;
    std::vector<source_ref> rule_places; ///< where each rule's system call is named
    std::uint32_t flags = 0;             ///< install_flag bits
    std::vector<diagnostic> notes;       ///< what was accepted but has no effect, or was left out
};

/// Reads the profile that `value` is. Throws input_error.
oci_profile read_oci_profile(const document& doc, source_ref value, const profile_options& options);

} // namespace seccomp_sim::scenario

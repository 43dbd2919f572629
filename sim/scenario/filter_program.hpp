// A scenario's filter: what the text gives, compiled to the program that a kernel is asked to install.
//
// A filter is one of
//     { "defaultAction": ..., "syscalls": [...] }    an OCI `linux.seccomp` object, or a Podman or Docker
//     profile { "linux": { "seccomp": {...} } }              a whole OCI config.json { "bpf": [[code, jt, jf,
//     k], ...] }            a classic BPF program as it is, good or bad { "allow": 100 } a program of that
//     many instructions that allows everything
#pragma once

#include "seccomp_sim/bpf.hpp"
#include "seccomp_sim/result.hpp"
#include "sim/scenario/oci_profile.hpp"

namespace seccomp_sim::scenario {

/// A compiled filter. The program may be one that the kernel refuses: that is an errno, not bad input.
struct filter_program {
    bpf_program program;
    std::uint32_t flags = 0;       ///< install_flag bits that the profile asks for
    std::vector<diagnostic> notes; ///< what was accepted but has no effect, or was left out
};

/// Compiles the filter that `value` is. Throws input_error.
filter_program read_filter_program(const document& doc, source_ref value,
                                   const profile_options& options = {});

/// The same for a file, or a failure at a place in it. Calls that libseccomp does not know are left out
/// whatever `options` says.
result<filter_program> load_filter_program(const std::string& path, const profile_options& options = {});

} // namespace seccomp_sim::scenario

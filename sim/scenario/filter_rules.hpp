// A filter as rules, the way libseccomp is told of it, and its compilation to a classic BPF program.
#pragma once

#include "seccomp_sim/bpf.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::scenario {

/// How one argument of a system call is compared.
enum class comparison : std::uint8_t { ne, lt, le, eq, ge, gt, masked_eq };

/// One condition on one argument. For masked_eq, `value` is the mask, and the argument and
/// `value_two` are compared under it.
struct argument_test {
    unsigned index = 0; ///< 0 to 5
    comparison op = comparison::eq;
    std::uint64_t value = 0;
    std::uint64_t value_two = 0;
};

/// One system call and what is returned for it when every condition holds.
struct filter_rule {
    std::string system_call;  ///< a name that libseccomp knows
    std::uint32_t action = 0; ///< with its data
    std::vector<argument_test> arguments;
};

/// A whole filter. x86-64 is always one of its architectures.
struct filter_rules {
    std::uint32_t default_action = 0;         ///< with its data
    std::vector<std::uint32_t> architectures; ///< others, as libseccomp numbers them
    std::vector<filter_rule> rules;
};

/// Whether libseccomp knows the name on any architecture.
bool known_to_libseccomp(std::string_view system_call);

/// libseccomp's number of an architecture, by the name that OCI has for it ("SCMP_ARCH_X86").
std::optional<std::uint32_t> architecture_number(std::string_view oci_name);

/// Every such name, for hints at what was meant.
std::vector<std::string_view> architecture_names();

/// What libseccomp made of the rules, or what it would not have.
struct compiled_rules {
    std::vector<sock_filter> program;
    std::string error;                  ///< empty if there is a program
    std::optional<std::size_t> culprit; ///< the rule that was refused; none if it was the filter
};

/// Compiles the rules as runc does: a rule whose action is the default is left out, a rule with two
/// conditions on one argument becomes one rule a condition, and more than 32 rules make a binary tree.
/// The result does not depend on the running kernel or its architecture. (runc goes on to put a stub in
/// front that returns ENOSYS for calls newer than the profile; crun, LXC and this do not.)
compiled_rules compile_rules(const filter_rules& rules);

} // namespace seccomp_sim::scenario

// libseccomp, driven as runc drives it (libcontainer/seccomp/seccomp_linux.go).
#include "sim/scenario/filter_rules.hpp"

#include "seccomp_sim/errno_name.hpp"

#include <seccomp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

// libseccomp 2.5 loses a little memory when a rule covers part of an earlier one with several conditions. A
// leak checker is told so, to be left with leaks that are ours.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SECCOMP_SIM_LEAKS_CHECKED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SECCOMP_SIM_LEAKS_CHECKED
#endif
#ifdef SECCOMP_SIM_LEAKS_CHECKED
extern "C" const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() {
    return "leak:libseccomp.so";
}
#endif

namespace seccomp_sim::scenario {

namespace {

// From here on runc asks for a binary tree in place of a chain.
constexpr std::size_t longest_chain = 32;
constexpr std::uint32_t optimize_binary_tree = 2;

// The highest that libseccomp 2.5 has. Asking for it keeps libseccomp from probing the running kernel.
constexpr unsigned api_level = 6;

using context = std::unique_ptr<void, decltype(&seccomp_release)>;

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 19> architectures = {{
    {"SCMP_ARCH_NATIVE", SCMP_ARCH_X86_64},
    {"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64},
    {"SCMP_ARCH_X86", SCMP_ARCH_X86},
    {"SCMP_ARCH_X32", SCMP_ARCH_X32},
    {"SCMP_ARCH_ARM", SCMP_ARCH_ARM},
    {"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64},
    {"SCMP_ARCH_MIPS", SCMP_ARCH_MIPS},
    {"SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64},
    {"SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32},
    {"SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL},
    {"SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64},
    {"SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32},
    {"SCMP_ARCH_PPC", SCMP_ARCH_PPC},
    {"SCMP_ARCH_PPC64", SCMP_ARCH_PPC64},
    {"SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE},
    {"SCMP_ARCH_S390", SCMP_ARCH_S390},
    {"SCMP_ARCH_S390X", SCMP_ARCH_S390X},
    {"SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64},
    {"SCMP_ARCH_PARISC", SCMP_ARCH_PARISC},
}};

scmp_compare libseccomp_operator(comparison op) {
    switch (op) {
    case comparison::ne:
        return SCMP_CMP_NE;
    case comparison::lt:
        return SCMP_CMP_LT;
    case comparison::le:
        return SCMP_CMP_LE;
    case comparison::eq:
        return SCMP_CMP_EQ;
    case comparison::ge:
        return SCMP_CMP_GE;
    case comparison::gt:
        return SCMP_CMP_GT;
    case comparison::masked_eq:
        return SCMP_CMP_MASKED_EQ;
    }
    return _SCMP_CMP_MIN;
}

std::string refusal(int error) {
    switch (-error) {
    case EEXIST:
        return "an earlier rule gives the same call and conditions another action";
    case EDOM:
        return "an architecture has another byte order than x86-64";
    default:
        return "libseccomp refuses it with " + errno_text(-error);
    }
}

int add_architectures(void* filter, const filter_rules& rules) {
    if (seccomp_arch_exist(filter, SCMP_ARCH_X86_64) != 0) {
        // Not built on x86-64: what libseccomp took for native is nothing the model runs.
        if (const int error = seccomp_arch_add(filter, SCMP_ARCH_X86_64); error != 0)
            return error;
        if (const int error = seccomp_arch_remove(filter, SCMP_ARCH_NATIVE); error != 0)
            return error;
    }
    for (const std::uint32_t architecture : rules.architectures) {
        const int error = seccomp_arch_add(filter, architecture);
        if (error != 0 && error != -EEXIST)
            return error;
    }
    return 0;
}

int add_rule(void* filter, int number, const filter_rule& rule) {
    std::vector<scmp_arg_cmp> tests;
    std::array<int, 6> tests_of_argument{};
    for (const argument_test& test : rule.arguments) {
        tests.push_back({test.index, libseccomp_operator(test.op), test.value, test.value_two});
        tests_of_argument[test.index]++;
    }
    const bool repeated =
        std::any_of(tests_of_argument.begin(), tests_of_argument.end(), [](int n) { return n > 1; });
    if (!repeated)
        return seccomp_rule_add_array(filter, rule.action, number, static_cast<unsigned>(tests.size()),
                                      tests.data());
    for (const scmp_arg_cmp& test : tests)
        if (const int error = seccomp_rule_add_array(filter, rule.action, number, 1, &test); error != 0)
            return error;
    return 0;
}

compiled_rules export_program(void* filter) {
    compiled_rules compiled;
    const int fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0) {
        compiled.error = "no memory file for the compiled filter: " + errno_text(errno);
        return compiled;
    }
    if (const int error = seccomp_export_bpf(filter, fd); error != 0) {
        compiled.error = refusal(error);
    } else {
        const off_t bytes = lseek(fd, 0, SEEK_END);
        compiled.program.resize(bytes > 0 ? static_cast<std::size_t>(bytes) / sizeof(sock_filter) : 0);
        const auto wanted = static_cast<ssize_t>(compiled.program.size() * sizeof(sock_filter));
        if (pread(fd, compiled.program.data(), static_cast<std::size_t>(wanted), 0) != wanted)
            compiled.error = "the compiled filter could not be read back";
    }
    close(fd);
    return compiled;
}

} // namespace

bool known_to_libseccomp(std::string_view system_call) {
    // A NUL would end the name early for libseccomp.
    return system_call.find('\0') == std::string_view::npos &&
           seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, std::string(system_call).c_str()) !=
               __NR_SCMP_ERROR;
}

std::optional<std::uint32_t> architecture_number(std::string_view oci_name) {
    for (const auto& [name, number] : architectures)
        if (name == oci_name)
            return number;
    return std::nullopt;
}

std::vector<std::string_view> architecture_names() {
    std::vector<std::string_view> names;
    names.reserve(architectures.size());
    for (const auto& entry : architectures)
        names.push_back(entry.first);
    return names;
}

compiled_rules compile_rules(const filter_rules& rules) {
    seccomp_api_set(api_level);
    const context filter(seccomp_init(rules.default_action), &seccomp_release);
    if (!filter)
        return {{}, "libseccomp refuses the default action", std::nullopt};
    if (const int error = add_architectures(filter.get(), rules); error != 0)
        return {{}, refusal(error), std::nullopt};
    if (rules.rules.size() > longest_chain)
        seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, optimize_binary_tree);
    seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 0);

    for (std::size_t i = 0; i < rules.rules.size(); i++) {
        const filter_rule& rule = rules.rules[i];
        if (rule.action == rules.default_action)
            continue;
        const int number = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, rule.system_call.c_str());
        if (const int error = add_rule(filter.get(), number, rule); error != 0)
            return {{}, refusal(error), i};
    }
    return export_program(filter.get());
}

} // namespace seccomp_sim::scenario

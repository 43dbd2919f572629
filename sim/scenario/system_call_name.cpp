// Names of x86-64 system calls, asked of libseccomp once.
#include "sim/scenario/system_call_name.hpp"

#include <seccomp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

namespace seccomp_sim::scenario {

namespace {

// One past the highest number that is looked at.
constexpr std::int32_t end_of_numbers = 512;

struct newer_call {
    std::int32_t number;
    const char* name;
};

// What the kernel has got since the system call tables of libseccomp 2.5.
constexpr std::array newer_calls = {
    newer_call{335, "uretprobe"},
    newer_call{336, "uprobe"},
    newer_call{450, "set_mempolicy_home_node"},
    newer_call{451, "cachestat"},
    newer_call{452, "fchmodat2"},
    newer_call{453, "map_shadow_stack"},
    newer_call{454, "futex_wake"},
    newer_call{455, "futex_wait"},
    newer_call{456, "futex_requeue"},
    newer_call{457, "statmount"},
    newer_call{458, "listmount"},
    newer_call{459, "lsm_get_self_attr"},
    newer_call{460, "lsm_set_self_attr"},
    newer_call{461, "lsm_list_modules"},
    newer_call{462, "mseal"},
    newer_call{463, "setxattrat"},
    newer_call{464, "getxattrat"},
    newer_call{465, "listxattrat"},
    newer_call{466, "removexattrat"},
    newer_call{467, "open_tree_attr"},
    newer_call{468, "file_getattr"},
    newer_call{469, "file_setattr"},
    newer_call{470, "listns"},
};

struct name_table {
    std::array<std::string, end_of_numbers> by_number;
    std::vector<std::string_view> names;                            // in the order of numbers
    std::vector<std::pair<std::string_view, std::int32_t>> by_name; // sorted

    name_table() {
        for (std::int32_t number = 0; number < end_of_numbers; number++) {
            const std::unique_ptr<char, decltype(&std::free)> name(
                seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, number), &std::free);
            if (name)
                by_number[static_cast<std::size_t>(number)] = name.get();
        }
        for (const newer_call& call : newer_calls)
            if (std::string& name = by_number[static_cast<std::size_t>(call.number)]; name.empty())
                name = call.name;
        for (std::int32_t number = 0; number < end_of_numbers; number++) {
            const std::string& name = by_number[static_cast<std::size_t>(number)];
            if (name.empty())
                continue;
            names.push_back(name);
            by_name.emplace_back(name, number);
        }
        std::sort(by_name.begin(), by_name.end());
    }
};

const name_table& table() {
    static const name_table names;
    return names;
}

} // namespace

std::optional<std::int32_t> system_call_number(std::string_view name) {
    const auto& by_name = table().by_name;
    const auto found =
        std::lower_bound(by_name.begin(), by_name.end(), name,
                         [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
    if (found == by_name.end() || found->first != name)
        return std::nullopt;
    return found->second;
}

std::string_view system_call_name(std::int32_t number) {
    if (number < 0 || number >= end_of_numbers)
        return {};
    return table().by_number[static_cast<std::size_t>(number)];
}

std::string system_call_text(std::int32_t number) {
    const std::string_view name = system_call_name(number);
    return name.empty() ? "system call " + std::to_string(number) : std::string(name);
}

std::span<const std::string_view> system_call_names() {
    return table().names;
}

} // namespace seccomp_sim::scenario

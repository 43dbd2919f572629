// Names of x86-64 system calls, as libseccomp knows them, and those that are newer than it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace seccomp_sim::scenario {

/// The number of a system call, if there is one of that name on x86-64.
std::optional<std::int32_t> system_call_number(std::string_view name);

/// The name of a system call number, or an empty view.
std::string_view system_call_name(std::int32_t number);

/// The name, or "system call 4000" where there is none.
std::string system_call_text(std::int32_t number);

/// Every name, in the order of numbers, for hints at what was meant.
std::span<const std::string_view> system_call_names();

} // namespace seccomp_sim::scenario

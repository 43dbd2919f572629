// Names of the standard signals, 1 to 31, with x86-64's numbers (arch/x86/include/uapi/asm/signal.h).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace seccomp_sim::scenario {

inline constexpr int last_signal = 31;

/// The number of a signal, with or without "SIG".
std::optional<int> signal_number(std::string_view name);

/// "SIGKILL", or "signal 40" where there is no name.
std::string signal_text(int number);

/// Every name with its "SIG", in the order of numbers.
std::span<const std::string_view> signal_names();

} // namespace seccomp_sim::scenario

// Names of error numbers, the generic Linux ones of x86-64 and those that never leave the kernel but
// that its functions return on the way (ERESTARTSYS and its like).
// Follows include/uapi/asm-generic/errno.h, errno-base.h and include/linux/errno.h.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace seccomp_sim {

/// Errors that only the kernel sees; a modelled call may end in one before the signal code decides.
inline constexpr int errno_restartsys = 512;
inline constexpr int errno_restartnointr = 513;
inline constexpr int errno_restartnohand = 514;
inline constexpr int errno_restart_restartblock = 516;
inline constexpr int errno_notsupp = 524;

/// The name of a positive error number, or an empty view if it has none.
std::string_view errno_name(int number);

/// The name, or the number itself where there is none: "EPERM", "4000".
std::string errno_text(int number);

/// The positive number of a name, with the kernel's aliases (EWOULDBLOCK, EDEADLOCK, ENOTSUP).
std::optional<int> errno_number(std::string_view name);

/// Every name, in the order of numbers, for hints at what was meant.
std::span<const std::string_view> errno_names();

} // namespace seccomp_sim

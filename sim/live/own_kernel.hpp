// The kernel that this process runs under: the machine's, or a lab kernel's inside of a guest.
#pragma once

#include "seccomp_sim/result.hpp"
#include "sim/live/white_box/white_box.hpp"

#include <memory>
#include <string>

namespace seccomp_sim::live {

/// A white box for it. `lab_kernel` names the lab kernel that this is; empty: the machine's own.
result<std::unique_ptr<white_box>> open_box(const std::string& lab_kernel);

} // namespace seccomp_sim::live

// Which of the model's revisions a lab kernel is taken for when nobody says.
#pragma once

#include "sim/live/lab/kernel_store.hpp"

#include <string>

namespace seccomp_sim::live {

/// The nearest preset, by its release and by whether its filters have a second counter.
result<std::string> revision_of(const lab_kernel& what);

} // namespace seccomp_sim::live

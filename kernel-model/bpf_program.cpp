// A program as the model keeps it. The table of verdicts has the place of the kernel's allow-cache
// (seccomp_cache_prepare in kernel/seccomp.c), which answers most calls without running anything.
#include "seccomp_sim/bpf.hpp"

#include <utility>

namespace seccomp_sim {

bpf_program::bpf_program(std::vector<sock_filter> classic)
    : classic_(std::move(classic)), length_(converted_length(classic_)), error_(check_program(classic_)) {
    if (error_ != 0)
        return;
    verdicts_.resize(table_size);
    for (std::size_t number = 0; number < table_size; number++) {
        const auto verdict = constant_action(classic_, static_cast<std::int32_t>(number));
        known_[number] = verdict.has_value();
        verdicts_[number] = verdict.value_or(0);
    }
}

} // namespace seccomp_sim

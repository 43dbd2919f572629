// The BPF program as the build made it, inside of our own program.
#pragma once

#include <string_view>

namespace seccomp_sim::live {

/// An ELF object, for bpf_object__open_mem.
extern const std::string_view iterator_program;

} // namespace seccomp_sim::live

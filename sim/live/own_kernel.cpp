// Looking into the kernel that this process runs under.
#include "sim/live/own_kernel.hpp"

#include "sim/live/lab/kernel_store.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/system_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

/// User-mode Linux has its memory here in its own address space (uml_physmem).
constexpr std::uint64_t first_address = 0x6000'0000;

} // namespace

result<std::unique_ptr<white_box>> open_box(const std::string& lab_kernel) {
    if (lab_kernel.empty())
        return open_running_kernel();
    auto known = find_kernel(lab_kernel);
    if (!known)
        return known.error();
    const auto file = std::make_shared<scenario::file_descriptor>(scenario::open_file("/dev/mem", O_RDONLY));
    if (!*file)
        return diagnostic{{}, "the kernel's memory cannot be read: " + scenario::errno_text(errno), ""};
    return open_own_kernel(*known, [file](std::uint64_t address, void* into, std::size_t size) {
        return address >= first_address &&
               ::pread(file->get(), into, size, static_cast<off_t>(address - first_address)) ==
                   static_cast<ssize_t>(size);
    });
}

} // namespace seccomp_sim::live

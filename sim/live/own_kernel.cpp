// Looking into the kernel that this process runs under.
#include "sim/live/own_kernel.hpp"

#include "sim/live/lab/kernel_store.hpp"
#include "sim/live/white_box/kernel_types.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/system_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

/// User-mode Linux has its memory here in its own address space (uml_physmem).
constexpr std::uint64_t first_address = 0x6000'0000;

/// Less than all of it: what lies above is read from the file.
std::size_t size_of_memory() {
    std::ifstream about("/proc/meminfo");
    std::string word;
    std::size_t kib = 0;
    while (about >> word)
        if (word == "MemTotal:" && about >> kib)
            return kib * 1024;
    return 0;
}

/// The kernel's memory, mapped: a read of it is no system call.
class mapped_memory {
  public:
    mapped_memory(scenario::file_descriptor file, std::optional<std::uint64_t> uml_reserved)
        : file_(std::move(file)), size_(size_of_memory()) {
        if (!uml_reserved || !read(*uml_reserved, &first_mapped_, sizeof first_mapped_))
            return;
        void* at = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file_.get(), 0);
        if (at == MAP_FAILED)
            return;
        // A child that is forked has no use for it, and copying its pages would take long.
        ::madvise(at, size_, MADV_DONTFORK);
        at_ = static_cast<const char*>(at);
    }
    mapped_memory(const mapped_memory&) = delete;
    mapped_memory& operator=(const mapped_memory&) = delete;
    ~mapped_memory() {
        if (at_ != nullptr)
            ::munmap(const_cast<char*>(at_), size_);
    }

    bool read(std::uint64_t address, void* into, std::size_t size) const {
        if (address < first_address)
            return false;
        const std::uint64_t offset = address - first_address;
        if (at_ != nullptr && address >= first_mapped_ && offset + size <= size_) {
            std::memcpy(into, at_ + offset, size);
            return true;
        }
        return ::pread(file_.get(), into, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
    }

  private:
    scenario::file_descriptor file_;
    std::size_t size_ = 0;
    /// Below it lies the kernel's program, which is not in the file that the memory is mapped from.
    std::uint64_t first_mapped_ = 0;
    const char* at_ = nullptr;
};

} // namespace

result<std::unique_ptr<white_box>> open_box(const std::string& lab_kernel) {
    if (lab_kernel.empty())
        return open_running_kernel();
    auto known = find_kernel(lab_kernel);
    if (!known)
        return known.error();
    scenario::file_descriptor file = scenario::open_file("/dev/mem", O_RDONLY);
    if (!file)
        return diagnostic{{}, "the kernel's memory cannot be read: " + scenario::errno_text(errno), ""};
    std::optional<std::uint64_t> uml_reserved;
    if (const auto found = read_symbols(known->symbols(), {"uml_reserved"});
        found && found->contains("uml_reserved"))
        uml_reserved = found->at("uml_reserved");
    const auto memory = std::make_shared<mapped_memory>(std::move(file), uml_reserved);
    return open_own_kernel(*known, [memory](std::uint64_t address, void* into, std::size_t size) {
        return memory->read(address, into, size);
    });
}

} // namespace seccomp_sim::live

// The memory of another process, here the kernel memory of a guest.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <vector>

#include <sys/types.h>

namespace seccomp_sim::live {

/// A structure copied out of a guest. Members are read at offsets; one that this kernel does not have reads
/// as nothing.
class structure_copy {
  public:
    explicit structure_copy(std::size_t size) : bytes_(size) {}

    template <class T>
    T at(std::size_t offset) const {
        T value{};
        if (offset + sizeof value <= bytes_.size())
            std::memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }
    template <class T>
    std::optional<T> at(std::optional<std::size_t> offset) const {
        return offset ? std::optional<T>(at<T>(*offset)) : std::nullopt;
    }
    const char* text(std::size_t offset) const { return bytes_.data() + offset; }
    char* data() { return bytes_.data(); }
    std::size_t size() const { return bytes_.size(); }

  private:
    std::vector<char> bytes_;
};

/// Reads so many bytes at an address; false, with errno set, when they are not all readable.
using memory_reader = std::function<bool(std::uint64_t address, void* into, std::size_t size)>;

/// Reads by process_vm_readv(2), or by whatever a guest has to look at itself. Owns nothing.
class guest_memory {
  public:
    explicit guest_memory(pid_t pid);
    explicit guest_memory(memory_reader read) : read_(std::move(read)) {}

    /// Copies `size` bytes; false, with errno set, when they are not all readable.
    bool read(std::uint64_t address, void* into, std::size_t size) const {
        return read_(address, into, size);
    }
    std::optional<structure_copy> structure(std::uint64_t address, std::size_t size) const;

  private:
    memory_reader read_;
};

} // namespace seccomp_sim::live

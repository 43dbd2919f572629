// The memory that the driver shares with its puppets, and what stands where in it. A command travels through
// this memory because a filter of the scenario may refuse any system call that a puppet could receive it by.
#pragma once

#include <cstddef>
#include <cstdint>

namespace seccomp_sim::live {

/// Where every puppet has the shared memory.
inline constexpr std::uint64_t shared_address = 0x10000000;

/// The standard streams of a puppet, which no scenario closes.
inline constexpr int memory_fd = 0; ///< the shared memory
inline constexpr int socket_fd = 1; ///< fds travel through it, by way of the driver
inline constexpr int image_fd = 2;  ///< the puppet's own program, for exec

/// What a command is, as far as the puppet must know.
enum class command_kind : std::uint32_t {
    call,  ///< a system call that returns, or does not
    birth, ///< one that returns twice: the child goes on in slot::child
    exec,  ///< one that returns only if it fails; else the new program finds the command and says 0
};

/// How a puppet waits for its next command.
enum class park_kind : std::uint32_t {
    futex,
    spin, ///< without any system call: the filters would not let futex through
};

inline constexpr std::size_t most_handled = 31;
inline constexpr std::size_t data_size = 3072;
inline constexpr std::size_t slot_size = 32768;

/// One task's place. What follows the record up to slot_size is the task's stack.
struct slot {
    std::uint32_t command; ///< the number of the present command; the driver counts it up
    std::uint32_t done;    ///< the number of the last finished one
    park_kind park;
    command_kind kind;
    std::int64_t number; ///< of the system call
    std::int64_t arguments[6];
    std::int64_t result;
    std::uint64_t child;                     ///< of a birth: the child's slot, by number
    std::uint32_t heartbeats;                ///< while it spins
    std::uint32_t handled[most_handled + 1]; ///< how often a handler ran, by signal
    std::uint32_t reserved;
    alignas(16) unsigned char data[data_size]; ///< what the call's pointers point to
};
static_assert(sizeof(slot) < slot_size / 2, "the stack is what is left");

/// The start of the shared memory; the slots follow at slots_offset, then the filters' programs.
struct shared_header {
    std::uint64_t handler;   ///< addresses in the puppet, for sigaction
    std::uint64_t restorer;  ///<
    std::uint64_t read_only; ///< a page of zeros that cannot be written to
};
inline constexpr std::size_t slots_offset = 4096;

inline constexpr std::uint64_t slot_address(std::uint64_t index) {
    return shared_address + slots_offset + index * slot_size;
}

} // namespace seccomp_sim::live

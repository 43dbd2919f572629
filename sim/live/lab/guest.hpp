// A lab kernel that runs: a process of ours (user-mode Linux) whose root is this machine's, with one program
// of the caller's as its first process. It ends with us in whatever way we end, and leaves nothing behind.
#pragma once

#include "sim/live/lab/kernel_store.hpp"
#include "sim/live/lab/process_group.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::live {

/// How to boot.
struct guest_options {
    std::string init;                    ///< absolute path of the guest's first program; ends by powering off
    std::vector<std::string> arguments;  ///< of init; no blanks in them, and 2,000 bytes in all
    std::vector<std::string> parameters; ///< further kernel parameters
    unsigned memory_mib = 128;
    bool one_cpu = false;       ///< of a kernel that may have several, only one is there
    bool writable_root = false; ///< whether the guest may write to this machine's files, as we may
};

/// A running guest. Owned by one thread.
class guest {
  public:
    /// Starts the kernel and returns at once; a guest that is up says so over the channel.
    static result<guest> start(const lab_kernel& what, const guest_options& options);

    guest(guest&&) noexcept = default;
    guest& operator=(guest&&) noexcept = default;
    /// Ends it as process_group does.
    ~guest() = default;

    const lab_kernel& what() const { return kernel_; }
    /// The process that is the kernel: its memory is the guest's kernel memory, at the guest's addresses.
    pid_t pid() const { return group_.pid(); }
    /// Our end of a stream whose other end is /dev/tty1 of the guest. The guest sets that raw (cfmakeraw)
    /// before it uses it, and speaks first: what we send before that may be echoed, cut or lost. The end of
    /// the file is the end of the guest.
    int channel() const { return channel_.get(); }
    /// Reads what goes to the guest's console: its kernel's messages, and init's standard outputs.
    int console() const { return console_.get(); }
    /// Waits for the guest's end; nothing when the time passed first.
    std::optional<int> wait(std::optional<std::chrono::milliseconds> limit = {}) {
        return group_.wait(limit);
    }
    int ended_descriptor() const { return group_.ended_descriptor(); }
    /// Ends it now.
    void stop() { group_.stop(); }

  private:
    guest(lab_kernel what, process_group group, scenario::file_descriptor channel,
          scenario::file_descriptor console)
        : kernel_(std::move(what)), channel_(std::move(channel)), console_(std::move(console)),
          group_(std::move(group)) {}

    lab_kernel kernel_;
    scenario::file_descriptor channel_;
    scenario::file_descriptor console_;
    process_group group_;
};

} // namespace seccomp_sim::live

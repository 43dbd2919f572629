// A program and everything it starts, which end with us: a keeper process stands between, and when we end in
// whatever way, SIGKILL included, it ends them all, waits for them and removes what they would leave.
#pragma once

#include "seccomp_sim/result.hpp"
#include "sim/scenario/system_file.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace seccomp_sim::live {

/// What to start, and with what.
struct command {
    std::vector<std::string> argv;        ///< argv[0] is looked up in PATH
    std::string folder;                   ///< its working folder; empty: ours
    std::vector<std::string> environment; ///< "NAME=value", over our own environment
    /// Our descriptors and their numbers in the program. Standard input is /dev/null and the other two are
    /// ours unless they stand here; no other descriptor gets through.
    std::vector<std::pair<int, int>> descriptors;
    /// Descriptors that the keeper holds until all is cleaned up (a lock, say).
    std::vector<int> held;
    /// Removed, with all in it, when the program is over, or only when we ended before it.
    std::string scratch;
    bool keep_scratch_unless_abandoned = false;
    std::optional<unsigned> cpu = {}; ///< the one that the program stays on
};

/// A started program. Owned by one thread.
class process_group {
  public:
    /// Starts it. Fails when there is no such program or no process to be had.
    static result<process_group> start(const command& what);

    process_group(process_group&& other) noexcept;
    process_group& operator=(process_group&& other) noexcept;
    /// Ends the program, and returns when nothing of it is left.
    ~process_group();

    /// The program itself, not the keeper.
    pid_t pid() const { return pid_; }
    /// Waits until the program ends and gives its wait status; nothing when `limit` passed first. Without a
    /// limit it waits as long as it takes. May be asked again.
    std::optional<int> wait(std::optional<std::chrono::milliseconds> limit = {});
    /// Readable once the program has ended; for an event loop, which then calls wait.
    int ended_descriptor() const { return news_.get(); }
    /// What the destructor does, now.
    void stop();

  private:
    process_group() = default;

    scenario::file_descriptor life_; // the keeper sees its end close when we are gone
    scenario::file_descriptor news_;
    pid_t keeper_ = -1;
    pid_t pid_ = -1;
    std::optional<int> status_;
};

/// "exit status 2", "killed by SIGSEGV": a wait status in words.
std::string wait_status_text(int status);

} // namespace seccomp_sim::live

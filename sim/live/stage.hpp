// Where the tasks of one scenario live on a real kernel: a pid namespace of their own, whose init is the
// scenario's init, and memory that the driver shares with them. When the driver goes, however it goes, the
// kernel kills the init and with it everybody in the namespace.
#pragma once

#include "seccomp_sim/bpf.hpp"
#include "sim/live/one_cpu.hpp"
#include "sim/live/puppet/layout.hpp"
#include "sim/scenario/system_file.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/types.h>
#include <vector>

namespace seccomp_sim::live {

/// One scenario's namespace. Destroying it kills and reaps all tasks in it.
class stage {
  public:
    struct options {
        std::size_t slots = 1;
        std::span<const bpf_program> programs;   ///< what filters are installed from
        bool keeps_dropped_capabilities = false; ///< exec gives back nothing that was dropped
    };

    /// Starts the init, in slot 0. Throws cannot_run where no such namespace can be made.
    explicit stage(const options& asked);
    stage(const stage&) = delete;
    stage& operator=(const stage&) = delete;
    ~stage();

    pid_t init() const { return init_; }
    /// The driver's end of the socket that is every puppet's fd 1.
    int socket() const { return socket_.get(); }
    slot& slot_at(std::size_t index) const;
    const shared_header& header() const { return *static_cast<const shared_header*>(memory_); }
    std::size_t size() const { return size_; }
    /// Where puppets find a program's instructions.
    std::uint64_t program_address(std::size_t index) const { return programs_[index]; }
    /// Whether the tasks live in a user namespace, because the driver may not do without.
    bool in_user_namespace() const { return in_user_namespace_; }

  private:
    void map_memory(const options& asked);
    void start_init(const options& asked);
    void map_ids() const;

    one_cpu cpu_; ///< of the driver; those that are started here inherit it
    scenario::file_descriptor memory_file_, socket_, other_socket_;
    void* memory_ = nullptr;
    std::size_t size_ = 0;
    std::vector<std::uint64_t> programs_;
    pid_t init_ = -1;
    bool in_user_namespace_ = false;
};

} // namespace seccomp_sim::live

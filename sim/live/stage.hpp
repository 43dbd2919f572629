// Where the tasks of one scenario live on a real kernel: a pid namespace of their own, whose init is the
// scenario's init, and memory that the driver shares with them. When the driver goes, however it goes, the
// kernel kills the init and with it everybody in the namespace.
//
// A stage that is used again and again has a zygote, a task that is none of the scenario's: it executes the
// puppet once, and gives birth to one init after the other. They and all their children share its memory, so
// that none of it is copied, mapped or torn down; no step can tell, as long as nobody dumps core.
#pragma once

#include "seccomp_sim/bpf.hpp"
#include "sim/live/one_cpu.hpp"
#include "sim/live/puppet/layout.hpp"
#include "sim/live/stage_entry.hpp"
#include "sim/scenario/system_file.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/types.h>
#include <vector>

namespace seccomp_sim::live {

/// What a slot says becomes its task's next command.
void give_command(slot& to);
/// Whether a slot's task has done what it was told last.
bool has_obeyed(const slot& whose);

/// One scenario's namespace. Destroying it kills and reaps all tasks in it.
class stage {
  public:
    enum class use { once, again };
    struct options {
        std::size_t slots = 1;
        std::span<const bpf_program> programs;   ///< what filters are installed from
        bool keeps_dropped_capabilities = false; ///< exec gives back nothing that was dropped
        use used = use::once;
    };

    /// Starts the init, in slot 0. Throws cannot_run where no such namespace can be made.
    explicit stage(const options& asked);
    stage(const stage&) = delete;
    stage& operator=(const stage&) = delete;
    ~stage();

    /// Of a stage that is used again: kills everybody, and starts another init.
    void begin_anew();

    pid_t init() const { return init_.pid; }
    /// Whether all tasks have the same memory, until they execute something.
    bool shares_memory() const { return zygote_.pid > 0; }
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
    /// Killed and reaped with its owner.
    struct child_task {
        child_task() = default;
        child_task(const child_task&) = delete;
        child_task& operator=(const child_task&) = delete;
        ~child_task() { end(); }
        void end();
        pid_t pid = -1;
    };

    void map_memory(const options& asked);
    void start_init(const options& asked);
    void start_zygote(const options& asked);
    template <class Condition>
    void wait_for_zygote(Condition&& done) const;
    stage_entry entry_for(const options& asked, std::size_t slot) const;
    void let_go() const;
    void map_ids() const;

    one_cpu cpu_; ///< of the driver; those that are started here inherit it
    scenario::file_descriptor memory_file_, socket_, other_socket_;
    void* memory_ = nullptr;
    std::size_t size_ = 0;
    std::vector<std::uint64_t> programs_;
    std::size_t zygote_slot_ = 0;
    child_task zygote_;
    child_task init_; ///< the first to go, and with it all others
    bool in_user_namespace_ = false;
};

} // namespace seccomp_sim::live

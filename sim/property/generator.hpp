// Makes up what tasks do next. It looks at the kernel as it is, so that each call can be asked for; what the
// kernel makes of it, an errno included, is the kernel's affair.
#pragma once

#include "sim/property/execution.hpp"
#include "sim/property/name_pool.hpp"
#include "sim/scenario/name_table.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::property {

/// How often each kind of call is chosen, by the number of its row in `call_kinds()`. 0: never.
using call_weights = std::vector<std::uint32_t>;

/// The weights that are used when nothing else is said.
call_weights default_weights();
/// Changes one weight, as written on a command line: "fork=3", "all=0". The failure names the nearest kind
/// and has no place.
result<void> set_weight(call_weights& weights, std::string_view setting);
/// The kinds of calls, by their names in scenarios ("do").
std::span<const std::string_view> call_kinds();

struct generator_options {
    call_weights weights = default_weights();
    std::uint32_t max_tasks = 8;    ///< in memory at the same time, zombies and init included
    std::uint32_t max_filters = 16; ///< in memory at the same time
    std::uint32_t max_depth = 5;    ///< filters on one path
    std::uint32_t max_fds = 10;     ///< in one fd table, besides the standard streams
    std::uint32_t max_namespaces = 3;
    std::uint32_t programs = 7; ///< how many of the shelf's filters are used, from its first
    std::uint32_t errors = 12;  ///< one argument in so many is a wrong one; 0: none
    bool faults = true; ///< bad pointers and failing allocations, which no real kernel can be asked for
    bool leaders_fork = false;       ///< a process is only born of a thread group's leader
    bool blocking = true;            ///< calls that may sleep for ever
    bool endless = false;            ///< names are used again, for histories of any length
    std::uint32_t block_percent = 0; ///< how many steps in a hundred are calls made at the same time
    std::uint32_t max_branches = 4;  ///< of a block; at least 2
    std::uint32_t max_branch_calls = 2;
};

/// Everything but the kernel that a history is made from. Not copyable while a history is in progress: names
/// are handed out once.
class generator {
  public:
    generator(const generator_options& options, choice_source& choices);

    /// A call that is possible now; false if no task can act, or none of a few tries came to something.
    bool next_call(const execution& world, planned_call& out);
    /// A single call, or a block of them.
    bool next_step(const execution& world, planned_step& out);

    const scenario::name_table& names() const { return names_; }
    scenario::name_table& names() { return names_; }

    /// One way of making up a call; internal, but for the table of kinds.
    using maker = bool (generator::*)();
    struct call_kind {
        std::string_view name;
        std::uint32_t weight;
        maker make;
    };
    static std::span<const call_kind> kinds();

  private:
    bool make_for(name_id task, planned_call& out);
    bool make_kind(std::size_t kind, planned_call& out);

    // makers of calls on tasks (generate_tasks.cpp)
    bool fork();
    bool vfork();
    bool thread();
    bool clone();
    bool exit();
    bool exit_group();
    bool kill();
    bool tgkill();
    bool sigaction();
    bool sigprocmask();
    bool wait();
    bool exec();
    bool unshare();
    bool set_no_new_privs();
    bool set_child_subreaper();
    bool drop_capabilities();
    bool setrlimit_nofile();
    bool ptrace_attach();
    bool ptrace_seize();
    bool ptrace_cont();
    bool ptrace_detach();
    bool ptrace_get_filter();
    bool read_seccomp_cache();
    bool bear(std::uint32_t flags);
    bool may_be_born() const;
    bool may_fork() const;
    bool signal_to(bool thread);
    bool attach_to(std::uint32_t options);
    bool tracee(bool stopped);

    // on filters, listeners and fds (generate_seccomp.cpp, generate_files.cpp)
    bool seccomp();
    bool prctl_seccomp();
    bool prctl_get_seccomp();
    bool system_call();
    bool receive();
    bool send();
    bool id_valid();
    bool addfd();
    bool set_flags();
    bool open();
    bool dup();
    bool close();
    bool set_cloexec();
    bool send_fd();
    bool receive_fd();
    bool pidfd_open();
    bool pidfd_getfd();
    bool epoll_create();
    bool epoll_ctl();
    bool epoll_wait();
    bool poll();
    bool may_install() const;
    void name_notification();

    // what the makers look at
    const kernel& k() const { return world_->k; }
    const task& me() const { return k().w.tasks[self_]; }
    bool is_init() const { return call_->task == scenario::scenario::init(); }
    bool in_init_process(task_id t) const;
    bool wrong() { return options_.errors != 0 && choices_.one_in(options_.errors); }
    /// A named task for which `fits` holds; nothing if there is none.
    template <class Fits>
    name_id some_task(Fits&& fits);
    /// An fd of a task for which `fits` holds.
    template <class Fits>
    const fd_slot* some_fd(task_id of, Fits&& fits);
    const fd_slot* some_fd(file_kind wanted);
    bool has_room_for_fd() const;
    name_id new_name(name_pool& pool) { return pool.next(names_); }
    name_id new_task_name();

    generator_options options_;
    choice_source& choices_;
    scenario::name_table names_;
    name_pool task_names_, listener_names_, file_names_, filter_names_, notification_names_;
    std::array<name_id, 4> notifications_; ///< names given last
    std::uint32_t next_notification_ = 0;
    std::vector<std::uint32_t> cumulative_; ///< of the weights

    // the call that is being made up
    const execution* world_ = nullptr;
    planned_call* call_ = nullptr;
    request* asked_ = nullptr;
    task_id self_;
    std::vector<name_id> born_here_; ///< children of this block's calls so far
    std::vector<task_id> fits_tasks_;
    std::vector<const fd_slot*> fits_fds_;
};

template <class Fits>
name_id generator::some_task(Fits&& fits) {
    fits_tasks_.clear();
    for (const task_id t : world_->tasks())
        if (k().w.tasks[t].name && fits(t))
            fits_tasks_.push_back(t);
    return fits_tasks_.empty() ? name_id{} : k().w.tasks[choices_.of(fits_tasks_)].name;
}

template <class Fits>
const fd_slot* generator::some_fd(task_id of, Fits&& fits) {
    fits_fds_.clear();
    const files_id table = k().w.tasks[of].files;
    if (!table)
        return nullptr;
    for (const fd_slot& slot : k().w.fd_tables[table].slots)
        if (slot.file && slot.name && fits(k().w.open_files[slot.file]))
            fits_fds_.push_back(&slot);
    return fits_fds_.empty() ? nullptr : choices_.of(fits_fds_);
}

} // namespace seccomp_sim::property

// A kernel revision as data: a set of named choices that the modelled kernel functions ask. None of them asks
// for a version; a preset is only a name for a set of choices.
#pragma once

#include "seccomp_sim/mutant.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim {

/// Whether a filter has a second counter and its listener reports HUP.
enum class live_counter : std::uint8_t { no, yes };
/// When a task lets go of its filter. `free`: usage in free_task, live with it. `split` (the patch as
/// posted): live in release_task before tasklist_lock, usage in free_task. `reap`: both in release_task once
/// the task is unhashed. `exit`: both in do_exit, after exit_signals.
enum class release_point : std::uint8_t { free, split, reap, exit };
/// How a task that lets go of both counters walks up the path: `separate`: orphan, then put, as every kernel
/// does. Two designs that no kernel has: `locked` takes the notify_lock of each filter whose `live` reached
/// zero, to look at its wait queue; `fused` frees on the way up what only the walker holds.
enum class exit_walk : std::uint8_t { separate, locked, fused };
/// Whether do_exit looks at the filter pointer without siglock first, and returns when there is none.
enum class exit_shortcut : std::uint8_t { no, lockless };
/// What the last thread of a process does as it begins to exit: nothing, or it sets SIGNAL_GROUP_EXIT with
/// its own status (synchronize_group_exit), after which signals to the process are dropped.
enum class last_exit : std::uint8_t { nothing, group_exit };
/// Where copy_process takes the filter: before or after its last tests for failure.
enum class fork_point : std::uint8_t { before_checks, after_checks };
/// Whether TSYNC also checks and syncs threads that are exiting.
enum class tsync_exiting : std::uint8_t { sync, skip };
/// Whether TSYNC leaves all threads alone when the group is being killed.
enum class tsync_group_exit : std::uint8_t { sync, skip };
/// In which order a synced thread's old filter is let go: `put_release` is the patch as posted.
enum class tsync_order : std::uint8_t { put_release, release_put };
/// What TSYNC does with a synced thread's filter_count: leaves it, or gives it the caller's.
enum class tsync_count : std::uint8_t { keep, copy };
/// Whether NEW_LISTENER may come with TSYNC: always, never, or together with TSYNC_ESRCH.
enum class tsync_listener : std::uint8_t { allowed, refused, with_esrch };
/// Whether the flags and ioctls that came later exist.
enum class presence : std::uint8_t { no, yes };
enum class addfd_support : std::uint8_t { no, yes, send };
/// What becomes of a trapped call when the supervisor of its ADDFD with SEND is interrupted: it stays replied
/// to, or it waits for another reply.
enum class addfd_interrupted : std::uint8_t { keeps, undoes };
enum class killable_support : std::uint8_t { no, yes, fixed };
/// Whether RECV ends with ENOENT once nobody uses the filter.
enum class recv_unused : std::uint8_t { wait, enoent };
/// What RECV sleeps on: the semaphore `request`, or the filter's wait queue.
enum class recv_wait : std::uint8_t { semaphore, wait_queue };
enum class notify_order : std::uint8_t { lifo, fifo };
/// Whether the test for a second listener on the path is made under siglock.
enum class duplicate_test : std::uint8_t { unlocked, locked };
/// Whether a failed install frees its notification object.
enum class failed_install : std::uint8_t { leaks, cleans };
/// How refcount_t fails: `lenient` (5.0) keeps an underflowed value; `saturating` (5.5) goes to INT_MIN / 2.
enum class refcount_rule : std::uint8_t { lenient, saturating };
/// Whether exec unshares the fd table before it waits for the other threads.
enum class exec_files : std::uint8_t { before_de_thread, after_de_thread };

struct revision {
    live_counter live = live_counter::no;
    release_point release = release_point::free;
    exit_walk walk = exit_walk::separate;
    exit_shortcut exit_test = exit_shortcut::no;
    seccomp_sim::last_exit last_exit = last_exit::nothing;
    fork_point fork = fork_point::before_checks;
    seccomp_sim::tsync_exiting tsync_exiting = tsync_exiting::sync;
    seccomp_sim::tsync_group_exit tsync_group_exit = tsync_group_exit::sync;
    seccomp_sim::tsync_order tsync_order = tsync_order::put_release;
    seccomp_sim::tsync_count tsync_count = tsync_count::keep;
    seccomp_sim::tsync_listener tsync_listener = tsync_listener::allowed;
    presence tsync_esrch = presence::no;
    presence user_notif_continue = presence::no;
    presence recv_zero_check = presence::no;
    seccomp_sim::recv_unused recv_unused = recv_unused::wait;
    seccomp_sim::recv_wait recv_wait = recv_wait::semaphore;
    seccomp_sim::notify_order notify_order = notify_order::lifo;
    addfd_support addfd = addfd_support::no;
    seccomp_sim::addfd_interrupted addfd_interrupted = addfd_interrupted::keeps;
    presence set_flags = presence::no;
    killable_support wait_killable = killable_support::no;
    seccomp_sim::duplicate_test duplicate_test = duplicate_test::unlocked;
    seccomp_sim::failed_install failed_install = failed_install::leaks;
    presence mode_dead = presence::no;
    presence proc_filters = presence::no;
    presence action_cache = presence::no;
    refcount_rule refcount = refcount_rule::lenient;
    seccomp_sim::exec_files exec_files = exec_files::before_de_thread;
    presence pidfd_getfd = presence::no;
    seccomp_sim::mutant mutant = seccomp_sim::mutant::nothing; ///< a mistake made on purpose

    friend bool operator==(const revision&, const revision&) = default;

    bool has_live() const { return live == live_counter::yes; }
    /// The kernel frees the last reference of a task to its filter in free_task.
    bool puts_in_free_task() const {
        return release == release_point::free || release == release_point::split;
    }
};

/// One choice: how it is named on the command line and in a scenario's `on`, and what can be chosen.
struct choice {
    struct value {
        std::string_view name;
        std::string_view meaning;
    };
    std::string_view name;
    std::string_view summary;
    std::vector<value> values; ///< by the number of the enumerator
    std::uint8_t (*get)(const revision&);
    void (*set)(revision&, std::uint8_t);

    std::string_view value_in(const revision& r) const { return values[get(r)].name; }
};

/// A named set of choices.
struct preset {
    std::string_view name;
    std::string_view kernels; ///< the releases it stands for
    std::string_view summary;
    revision choices;
};

/// All choices, in a fixed order. `mutant` is the last: no kernel was ever released with one.
std::span<const choice> all_choices();
/// All presets, in the order in which `<` and `>=` compare them.
std::span<const preset> all_presets();
/// The preset of that name, if there is one.
const preset* find_preset(std::string_view name);
/// The choice of that name, if there is one.
const choice* find_choice(std::string_view name);
/// The number of the value of that name, if the choice has it.
std::optional<std::uint8_t> find_value(const choice& c, std::string_view value);

} // namespace seccomp_sim

// The choices that differ between kernel revisions, and the presets: which choices v5.0, the patch as posted
// and each later upstream form stand for. Each preset is the .0 release.
#include "seccomp_sim/revision.hpp"

#include <algorithm>

namespace seccomp_sim {
namespace {

/// The mutants as values of a choice.
std::vector<choice::value> mutant_values() {
    std::vector<choice::value> values = {{"none", "the kernel as it is"}};
    for (const mutant_info& m : all_mutants())
        values.push_back({m.name, m.what});
    return values;
}

template <auto Member>
choice choice_of(std::string_view name, std::string_view summary, std::vector<choice::value> values) {
    return {name, summary, std::move(values),
            [](const revision& r) { return static_cast<std::uint8_t>(r.*Member); },
            [](revision& r, std::uint8_t value) {
                using field = std::remove_reference_t<decltype(r.*Member)>;
                r.*Member = static_cast<field>(value);
            }};
}

const std::vector<choice>& choice_list() {
    static const std::vector<choice> choices = {
        choice_of<&revision::live>("live", "the second counter, and HUP when it reaches zero",
                                   {{"no", "one counter; the listener never reports HUP"},
                                    {"yes", "a filter counts its users; the listener reports HUP at zero"}}),
        choice_of<&revision::release>(
            "release", "when a task lets go of its filter",
            {{"free", "in free_task"},
             {"split", "live in release_task before tasklist_lock, usage in free_task"},
             {"reap", "both in release_task, once the task is unhashed"},
             {"exit", "both in do_exit, after exit_signals"}}),
        choice_of<&revision::walk>("walk", "how both counters are let go up the path",
                                   {{"separate", "orphan, then put"},
                                    {"locked", "no kernel's: orphan under each filter's notify_lock"},
                                    {"fused", "no kernel's: one walk that frees what nobody else holds"}}),
        choice_of<&revision::exit_test>("exit_test", "a test for a filter before do_exit takes siglock",
                                        {{"no", "siglock is always taken"},
                                         {"lockless", "a task without a filter returns before siglock"}}),
        choice_of<&revision::last_exit>(
            "last_exit", "what the last thread of a process does as it begins to exit",
            {{"nothing", "nothing: a wait reports the leader's status"},
             {"group_exit", "sets SIGNAL_GROUP_EXIT with its status; later signals are dropped"}}),
        choice_of<&revision::fork>(
            "fork", "where fork takes the filter",
            {{"before_checks", "before the tests for a dying namespace and a fatal signal"},
             {"after_checks", "after both tests"}}),
        choice_of<&revision::tsync_exiting>(
            "tsync_exiting", "TSYNC and threads that are exiting",
            {{"sync", "checked and synced like the others"}, {"skip", "left out"}}),
        choice_of<&revision::tsync_group_exit>("tsync_group_exit", "TSYNC in a group that is being killed",
                                               {{"sync", "as ever"}, {"skip", "no thread is synced"}}),
        choice_of<&revision::tsync_order>("tsync_order",
                                          "the order in which a synced thread's filter is let go",
                                          {{"put_release", "usage is put, then live is released"},
                                           {"release_put", "live is released, then usage is put"}}),
        choice_of<&revision::tsync_count>("tsync_count", "filter_count of a synced thread",
                                          {{"keep", "stays as it was"}, {"copy", "becomes the caller's"}}),
        choice_of<&revision::tsync_listener>("tsync_listener", "TSYNC together with NEW_LISTENER",
                                             {{"allowed", "taken"},
                                              {"refused", "EINVAL"},
                                              {"with_esrch", "EINVAL unless TSYNC_ESRCH is given too"}}),
        choice_of<&revision::tsync_esrch>("tsync_esrch", "SECCOMP_FILTER_FLAG_TSYNC_ESRCH",
                                          {{"no", "an unknown flag"}, {"yes", "known"}}),
        choice_of<&revision::user_notif_continue>("continue", "SECCOMP_USER_NOTIF_FLAG_CONTINUE",
                                                  {{"no", "EINVAL"}, {"yes", "known"}}),
        choice_of<&revision::recv_zero_check>("recv_zero_check", "RECV's test that its buffer is zeroed",
                                              {{"no", "none"}, {"yes", "EINVAL otherwise"}}),
        choice_of<&revision::recv_unused>("recv_unused", "RECV when nobody uses the filter",
                                          {{"wait", "sleeps"}, {"enoent", "ENOENT"}}),
        choice_of<&revision::recv_wait>("recv_wait", "what RECV sleeps on",
                                        {{"semaphore", "the semaphore `request`; a signal gives EINTR"},
                                         {"wait_queue", "the filter's wait queue; a signal restarts it"}}),
        choice_of<&revision::notify_order>("notify_order", "which notification RECV takes first",
                                           {{"lifo", "the newest"}, {"fifo", "the oldest"}}),
        choice_of<&revision::addfd>(
            "addfd", "SECCOMP_IOCTL_NOTIF_ADDFD",
            {{"no", "EINVAL"}, {"yes", "without the SEND flag"}, {"send", "with it"}}),
        choice_of<&revision::addfd_interrupted>(
            "addfd_interrupted", "the state after an ADDFD with SEND that a signal ended",
            {{"keeps", "stays REPLIED: the call ends with 0"},
             {"undoes", "SENT again: another reply may come (Debian's 6.12.117)"}}),
        choice_of<&revision::set_flags>("set_flags", "SECCOMP_IOCTL_NOTIF_SET_FLAGS",
                                        {{"no", "EINVAL"}, {"yes", "known"}}),
        choice_of<&revision::wait_killable>("wait_killable", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
                                            {{"no", "an unknown flag"},
                                             {"yes", "known; a reply that comes with a signal is lost"},
                                             {"fixed", "known; a reply that comes with a signal is taken"}}),
        choice_of<&revision::duplicate_test>(
            "duplicate_test", "the test for a second listener on the path",
            {{"unlocked", "before the listener is made, without siglock"}, {"locked", "under siglock"}}),
        choice_of<&revision::failed_install>("failed_install", "the notification object of a failed install",
                                             {{"leaks", "is never freed"}, {"cleans", "is freed"}}),
        choice_of<&revision::mode_dead>("mode_dead", "SECCOMP_MODE_DEAD after a death by seccomp",
                                        {{"no", "the mode stays"}, {"yes", "the mode becomes dead"}}),
        choice_of<&revision::proc_filters>("proc_filters", "Seccomp_filters in /proc/PID/status",
                                           {{"no", "not shown"}, {"yes", "shown"}}),
        choice_of<&revision::action_cache>(
            "action_cache", "the cache of calls that are always allowed",
            {{"no", "every filter runs on every call"}, {"yes", "a call that is always allowed runs none"}}),
        choice_of<&revision::refcount>("refcount", "how refcount_t fails",
                                       {{"lenient", "an underflow warns and stays; 0 is never raised"},
                                        {"saturating", "both warn and saturate"}}),
        choice_of<&revision::exec_files>(
            "exec_files", "when exec unshares the fd table",
            {{"before_de_thread", "before the other threads are gone"}, {"after_de_thread", "after"}}),
        choice_of<&revision::pidfd_getfd>("pidfd_getfd", "pidfd_getfd(2)",
                                          {{"no", "ENOSYS"}, {"yes", "known"}}),
        choice_of<&revision::mutant>("mutant", "a mistake made on purpose in a kernel function",
                                     mutant_values()),
    };
    return choices;
}

revision v5_0() {
    return {};
}

revision patch_v2() {
    revision r = v5_0(); // posted on top of v5.7-rc7
    r.live = live_counter::yes;
    r.release = release_point::split;
    r.tsync_listener = tsync_listener::with_esrch;
    r.tsync_esrch = presence::yes;
    r.user_notif_continue = presence::yes;
    r.recv_zero_check = presence::yes;
    r.refcount = refcount_rule::saturating;
    r.pidfd_getfd = presence::yes;
    return r;
}

revision v5_9() {
    revision r = patch_v2();
    r.release = release_point::reap;
    r.tsync_order = tsync_order::release_put;
    r.addfd = addfd_support::yes;
    r.failed_install = failed_install::cleans;
    r.proc_filters = presence::yes;
    return r;
}

revision v6_2() {
    revision r = v5_9();
    r.last_exit = last_exit::group_exit;
    r.fork = fork_point::after_checks;
    r.tsync_count = tsync_count::copy;
    r.notify_order = notify_order::fifo;
    r.addfd = addfd_support::send;
    r.wait_killable = killable_support::yes;
    r.duplicate_test = duplicate_test::locked;
    r.mode_dead = presence::yes;
    r.action_cache = presence::yes;
    r.exec_files = exec_files::after_de_thread; // 5.11
    return r;
}

revision v6_11() {
    revision r = v6_2();
    r.release = release_point::exit;
    r.tsync_exiting = tsync_exiting::skip;
    r.recv_unused = recv_unused::enoent;
    r.recv_wait = recv_wait::wait_queue;
    r.set_flags = presence::yes;
    return r;
}

revision v6_15() {
    revision r = v6_11();
    r.exit_test = exit_shortcut::lockless;
    r.tsync_group_exit = tsync_group_exit::skip;
    return r;
}

const std::vector<preset>& preset_list() {
    static const std::vector<preset> presets = {
        {"v5.0", "5.0-5.8", "before the patch: one counter, never HUP", v5_0()},
        {"patch-v2", "the posting of 28 May 2020", "HUP from release_task, before tasklist_lock", patch_v2()},
        {"v5.9", "5.9-6.1", "both counters let go in release_task, after the task is unhashed", v5_9()},
        {"v6.2", "6.2-6.10", "fork takes the filter after its last failure", v6_2()},
        {"v6.11", "6.11-6.14", "a task lets go in do_exit; RECV ends when nobody uses the filter", v6_11()},
        {"v6.15", "6.15-", "a task without a filter exits without siglock", v6_15()},
    };
    return presets;
}

template <class List>
auto find_by_name(const List& list, std::string_view name) -> decltype(list.data()) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const auto& x) { return x.name == name; });
    return found == list.end() ? nullptr : &*found;
}

} // namespace

std::span<const choice> all_choices() {
    return choice_list();
}
std::span<const preset> all_presets() {
    return preset_list();
}
const preset* find_preset(std::string_view name) {
    return find_by_name(preset_list(), name);
}
const choice* find_choice(std::string_view name) {
    return find_by_name(choice_list(), name);
}

std::optional<std::uint8_t> find_value(const choice& c, std::string_view value) {
    for (std::size_t i = 0; i < c.values.size(); ++i)
        if (c.values[i].name == value)
            return static_cast<std::uint8_t>(i);
    return std::nullopt;
}

} // namespace seccomp_sim

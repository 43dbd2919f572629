// The invariants worked out from what a kernel really holds, without a model of what it did: its own memory,
// what its listeners report, and who sleeps.
#pragma once

#include "seccomp_sim/violation.hpp"
#include "sim/live/view.hpp"
#include "sim/live/white_box/seccomp_state.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace seccomp_sim::live {

/// One look at a kernel while all tasks of a scenario stand still.
struct kernel_look {
    seccomp_state state; ///< of these tasks
    /// What poll reports of each filter's listener, by the filter's address.
    std::map<std::uint64_t, std::uint32_t> polls;
    view shown; ///< the same in words, by the listener's name
    /// Nobody is in the middle of a call: the counters are exact. Else some tasks hold what no pointer shows.
    bool at_rest = false;
    /// Tasks that sleep in poll, epoll_wait or RECV on a listener, with the events that would end it.
    struct sleeper {
        std::string who;
        std::uint64_t filter = 0;
        std::uint32_t events = 0;
    };
    std::vector<sleeper> sleepers;
    /// Tasks that sleep in a call that their filters trap, by their pids in the first namespace.
    struct trapped_task {
        std::string who;
        pid_t task = 0;
    };
    std::vector<trapped_task> trapped;
    std::size_t warnings = 0; ///< of reference counts, that the kernel printed so far
    /// Where the memory says nothing that makes sense, though nobody runs: what is said of it. All else is
    /// empty then.
    std::string unreadable;
};

/// What is broken, in words that name tasks by pid and filters by `names`.
struct kernel_violation {
    invariant which = invariant::usage_exact;
    std::string message;
    bool operator==(const kernel_violation&) const = default;
};

/// Looks for broken invariants, look after look of one run: it remembers which filters were out of use.
class invariant_watch {
  public:
    explicit invariant_watch(const std::map<std::uint64_t, std::string>& names) : names_(names) {}

    std::vector<kernel_violation> check(const kernel_look& look);

  private:
    void check_counters(const kernel_look& look, const filter_record& f,
                        std::vector<kernel_violation>& found);
    void check_use(const kernel_look& look, const filter_record& f, std::vector<kernel_violation>& found);
    void check_sleepers(const kernel_look& look, std::vector<kernel_violation>& found) const;
    std::string name_of(std::uint64_t filter) const;

    const std::map<std::uint64_t, std::string>& names_;
    std::set<std::uint64_t> out_of_use_;
    std::size_t warnings_ = 0;
};

} // namespace seccomp_sim::live

// Visits every state that a scenario can reach, depth first, with one worker or several. What is visited is
// remembered by fingerprint; a worker goes back by its journal, so that no state is kept but those on its
// way.
#pragma once

#include "sim/explore/position.hpp"
#include "sim/explore/visited_set.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace seccomp_sim::explore {

/// The choices from the beginning of the first block to a state.
using path = std::vector<choice>;

struct search_options {
    position_options in_position;
    unsigned workers = 1;
    std::uint64_t max_states = 0; ///< 0: no limit, as for the others
    std::uint64_t max_memory = 0; ///< bytes, of the visited set and the workers' stacks
    double max_seconds = 0;
    std::optional<unsigned> max_preemptions; ///< switches away from a task that could go on
    std::size_t max_depth = 0;
    unsigned bitstate = 0;     ///< log2 of the number of bits; 0: exact fingerprints
    bool outcomes = false;     ///< collect what user space can see
    bool all_findings = false; ///< go on after the first broken invariant: one for each (invariant, labels)
    bool cycles = false;       ///< look for ways that go round for ever; with one worker and no symmetry
};

/// A broken invariant, and how it was reached.
struct finding {
    violation what;
    path way;
    label_id at = 0;        ///< the step that broke it
    label_id before_it = 0; ///< the last step of another task before it
    std::uint64_t times = 1;
};

/// One way in which a scenario can end, as user space sees it.
struct ending {
    std::uint64_t count = 0; ///< of states with it
    path way;                ///< the shortest found
};

/// Why a search ended.
enum class stop_reason : std::uint8_t { exhausted, violation, states, memory, time, interrupted };

struct search_result {
    std::uint64_t states = 0;
    std::uint64_t transitions = 0;
    std::uint64_t atomic_steps = 0;
    std::uint64_t rests = 0;  ///< states in which nobody could move
    std::uint64_t cycles = 0; ///< ways back to a state on the way, where they were looked for
    std::size_t depth = 0;    ///< of the longest way that was gone
    double seconds = 0;
    std::uint64_t visited_bytes = 0;
    double collision_bound = 0;
    stop_reason why = stop_reason::exhausted;
    bool bounded = false; ///< max_preemptions or max_depth cut something off
    std::vector<finding> findings;
    std::map<std::string, ending> endings;
    std::vector<std::uint64_t> label_counts;               ///< by label
    std::vector<std::pair<label_id, label_id>> pairs;      ///< passed one after the other by two tasks
    std::array<std::uint64_t, invariants.size()> tested{}; ///< how often each was tested
    /// By step: of a concurrent block how many calls of each branch were made at most; of another call 1 if
    /// it was made; empty for what is not explored.
    std::vector<std::vector<std::uint32_t>> made;
};

/// Work that is left: a state, how it was reached, and what of its choices is left.
struct work_item {
    std::vector<std::byte> state; ///< packed; empty: to be made anew by going the way
    path way;
    bool begun = false;       ///< otherwise all are left
    std::vector<choice> left; ///< of one that was begun
    bool moved = false;       ///< some choice of it led on
    std::uint32_t preemptions = 0;
    choice last = go_on_choice;
};

/// What a search that was stopped leaves for another one to go on from.
struct unfinished_search {
    std::vector<std::uint64_t> visited;
    std::vector<work_item> work;
    search_result so_far;
};

/// Told now and then how it goes, from one thread.
using progress_report = std::function<void(const search_result& so_far)>;

class search {
  public:
    search(const scenario::scenario& s, const scenario::chosen_kernel& on, search_options options);

    /// Goes on from where another search was stopped.
    void resume(unfinished_search from);
    /// Explores until done or stopped. Throws scenario::input_error if the scenario cannot be explored.
    search_result run(const progress_report& report = {});
    /// What is left after a stop.
    unfinished_search take_unfinished();
    /// Ends the search soon; may be called from a signal handler.
    void interrupt() { stop_.store(stop_reason::interrupted); }

  private:
    class worker;
    struct shared_work;

    const scenario::scenario& s_;
    scenario::chosen_kernel on_;
    search_options options_;
    visited_set visited_;
    std::vector<work_item> work_;
    search_result before_;
    std::atomic<stop_reason> stop_{stop_reason::exhausted};
    std::vector<work_item> left_;
    search_result result_;
};

/// The atomic steps of a way, and what it broke at its end.
struct replayed_path {
    std::vector<atomic_step> steps;
    std::vector<violation> violations;
    std::vector<observation> observations;
    std::size_t at_step = 0; ///< index in scenario::steps of the last block, or past the end
};
replayed_path replay_path(const scenario::scenario& s, const scenario::chosen_kernel& on,
                          const position_options& options, const path& way);

} // namespace seccomp_sim::explore

// One worker of a search, and the work that workers share.
#pragma once

#include "sim/explore/ending.hpp"
#include "sim/explore/recent_states.hpp"
#include "sim/explore/search.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>

namespace seccomp_sim::explore {

/// The work that nobody has begun. A worker gives some away when another one has none.
struct search::shared_work {
    shared_work(const search_options& asked, visited_set& seen, std::atomic<stop_reason>& why_to_stop)
        : options(asked), visited(seen), stop(why_to_stop) {}

    void add(std::vector<work_item> items, std::size_t workers);
    void give(work_item item);
    /// The next piece of work, waiting for it; nothing when all is done or stopped.
    std::optional<work_item> take();
    bool hungry() const { return idle.load(std::memory_order_relaxed) > 0; }
    void end(stop_reason why);
    void fail(std::exception_ptr what);
    void rethrow();
    void take_rest(std::vector<work_item>& into);

    const search_options& options;
    visited_set& visited;
    std::atomic<stop_reason>& stop;
    std::atomic<std::size_t> idle{0}; ///< workers for whom there is nothing in the queue
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

  private:
    bool look_for_work(std::unique_lock<std::mutex>& hold);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<work_item> queue_;
    std::size_t workers_ = 1;
    std::size_t waiting_ = 0;
    bool over_ = false;
    std::exception_ptr failure_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class search::worker {
  public:
    /// `number`: by which the visited set knows it.
    worker(const scenario::scenario& s, const scenario::chosen_kernel& on, const search_options& options,
           shared_work& shared, std::size_t number);

    work_item first_work() const;
    void work(const progress_report& report = {});
    search_result result();
    void add_unfinished(std::vector<work_item>& into);

  private:
    /// How a state was come to.
    struct arrival {
        choice last = go_on_choice;
        label_id label = 0; ///< that was passed
        std::uint32_t preemptions = 0;
        std::uint64_t state = 0;    ///< its fingerprint, where cycles are looked for
        parts_of_world written = 0; ///< by the step, where that is known
    };
    struct frame {
        std::unique_ptr<position::mark> before;
        arrival by;
        std::vector<choice> choices;
        std::vector<position::foreseen> ahead; ///< what each of them leads to
        std::vector<std::uint32_t> left;       ///< those that have to be looked at, from `next` on
        std::size_t next = 0;
        bool foresees = false;
        bool moved = false;
        bool last_moved = false; ///< the task that came here could go on
    };

    void explore(work_item from, const progress_report& report);
    /// Brings the position to where a piece of work begins. Throws scenario::input_error if nothing is there.
    void go_to(const work_item& item);
    /// The present state becomes the top frame. Of its choices, those in `only` are taken, or all.
    void enter(std::size_t depth, const arrival& by, const std::vector<choice>* only = nullptr);
    void look_ahead();
    bool is_done_with(choice taken, const position::foreseen& ahead, const visited_set::visit& here);
    void prefetch(std::uint64_t state) const;
    bool exceeds_preemptions(choice taken, std::uint32_t& preemptions);
    /// Takes the next choice of the top frame; says whether there was one.
    bool step();
    void at_rest();
    void arrive(arrival by);
    void arrive_as_foreseen(const position::foreseen& ahead, arrival by);
    void save_here();
    void note_step(task_id who, label_id label);
    std::uint64_t name_of(std::uint64_t fingerprint, const arrival& by) const;
    bool is_new(std::uint64_t state);
    bool was_here(std::uint64_t state, const visited_set::visit& here);
    void go_down(const arrival& by);
    void found(label_id label);
    void found_below(const arrival& by);
    bool out_of_bounds(std::size_t depth);
    bool is_on_the_way(std::uint64_t state) const;
    void look_at_limits(const progress_report& report);
    path way_here() const;
    void note_pair(label_id before, label_id now);
    frame& top() { return frames_[depth_]; }

    const search_options& options_;
    shared_work& shared_;
    const std::size_t number_;
    position p_;
    recent_states recent_;
    std::vector<std::byte> start_; ///< where every search begins, packed
    path prefix_;
    std::vector<frame> frames_;
    std::size_t depth_ = 0;
    std::vector<std::uint8_t> pairs_;
    search_result result_;
    std::vector<work_item> left_;
    std::unique_ptr<position::mark> spare_;
    std::uint64_t since_look_ = 0;
};

} // namespace seccomp_sim::explore

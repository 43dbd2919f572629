// One worker of a search: goes down, and back by the journal.
#include "sim/explore/worker.hpp"

#include "sim/scenario/input_error.hpp"

#include <algorithm>

namespace seccomp_sim::explore {
namespace {

/// How many transitions lie between two looks at the clock and at the limits.
constexpr std::uint64_t look_every = 4096;

scenario::input_error leads_nowhere() {
    return scenario::input_error({{}, "the checkpoint leads to no state of this scenario", ""});
}

constexpr double two_to_64 = 18446744073709551616.0;

} // namespace

search::worker::worker(const scenario::scenario& s, const scenario::chosen_kernel& on,
                       const search_options& options, shared_work& shared, std::size_t number)
    : options_(options), shared_(shared), number_(number), p_(s, on, options.in_position),
      pairs_(yield_labels.size() * yield_labels.size()), spare_(p_.make_mark()) {
    result_.label_counts.assign(yield_labels.size(), 0);
    p_.label_counts = &result_.label_counts;
    p_.pack(start_);
}

work_item search::worker::first_work() const {
    work_item first;
    first.state = start_;
    return first;
}

void search::worker::work(const progress_report& report) {
    try {
        while (std::optional<work_item> item = shared_.take())
            explore(std::move(*item), report);
    } catch (...) {
        shared_.fail(std::current_exception());
    }
}

void search::worker::explore(work_item from, const progress_report& report) {
    go_to(from);
    prefix_ = std::move(from.way);
    if (shared_.visited.insert(p_.fingerprint(), number_) && !from.begun)
        result_.depth = std::max(result_.depth, prefix_.size());
    depth_ = 0;
    enter(0, {.last = from.last, .label = 0, .preemptions = from.preemptions, .state = 0, .written = 0},
          from.begun ? &from.left : nullptr);
    top().moved |= from.moved;
    for (;;) {
        if (++since_look_ >= look_every)
            look_at_limits(report);
        if (shared_.stop.load(std::memory_order_relaxed) != stop_reason::exhausted)
            break;
        if (step())
            continue;
        if (depth_ == 0)
            return;
        const frame& above = frames_[depth_ - 1];
        for (std::size_t i = above.next; i < above.left.size(); ++i)
            if (const position::foreseen& ahead = above.ahead[above.left[i]]; ahead.leads_on())
                prefetch(ahead.fingerprint);
        p_.undo(*top().before);
        --depth_;
    }
    // Stopped: what every state on the way still has to do.
    for (;; --depth_) {
        save_here();
        if (depth_ == 0)
            break;
        p_.undo(*top().before);
    }
}

void search::worker::save_here() {
    const frame& f = top();
    if (f.next == f.left.size() && f.moved)
        return;
    work_item rest;
    p_.pack(rest.state);
    rest.way = way_here();
    rest.begun = true;
    for (std::size_t i = f.next; i < f.left.size(); ++i)
        rest.left.push_back(f.choices[f.left[i]]);
    rest.moved = f.moved;
    rest.preemptions = f.by.preemptions;
    rest.last = f.by.last;
    left_.push_back(std::move(rest));
}

void search::worker::go_to(const work_item& item) {
    if (!item.state.empty()) {
        p_.unpack(item.state.data());
        return;
    }
    const position::uncounted meanwhile(p_);
    p_.unpack(start_.data());
    for (const choice c : item.way) {
        p_.fingerprint();
        std::vector<choice> choices;
        p_.candidates(choices);
        const bool is_choice = std::find(choices.begin(), choices.end(), c) != choices.end();
        if (c == go_on_choice ? p_.nothing_follows() : !is_choice)
            throw leads_nowhere();
        const auto done = c == go_on_choice ? p_.go_on(*spare_) : p_.take(c, *spare_);
        if (done != position::outcome::moved)
            throw leads_nowhere();
    }
    p_.settle();
}

void search::worker::enter(std::size_t depth, const arrival& by, const std::vector<choice>* only) {
    if (frames_.size() <= depth + 1) {
        frames_.resize(depth + 2);
        for (frame& f : frames_)
            if (!f.before)
                f.before = p_.make_mark();
    }
    depth_ = depth;
    frame& f = top();
    f.by = by;
    f.next = 0;
    f.moved = f.last_moved = false;
    f.left.clear();
    p_.candidates(f.choices);
    look_ahead();
    if (only == nullptr) {
        const visited_set::visit here(shared_.visited, number_);
        for (std::uint32_t i = 0; i < f.choices.size(); ++i)
            if (!is_done_with(f.choices[i], f.ahead[i], here))
                f.left.push_back(i);
        return;
    }
    for (const choice c : *only) {
        const auto found = std::find(f.choices.begin(), f.choices.end(), c);
        if (found == f.choices.end())
            throw leads_nowhere();
        f.left.push_back(static_cast<std::uint32_t>(found - f.choices.begin()));
    }
}

void search::worker::look_ahead() {
    frame& f = top();
    f.foresees = p_.foresees();
    f.ahead.assign(f.choices.size(), {});
    if (!f.foresees)
        return;
    const auto look = [&](const position::state_before* from) {
        p_.foresee(f.choices, from, [&](std::size_t i, const position::foreseen& ahead) {
            f.ahead[i] = ahead;
            if (ahead.leads_on())
                prefetch(ahead.fingerprint);
        });
    };
    if (f.by.written == 0)
        return look(nullptr);
    const frame& above = frames_[depth_ - 1];
    const position::state_before from{above.choices, above.ahead, f.by.written};
    look(&from);
}

/// Choices that are known to lead to where the search was are done with at once: so the visited set is asked
/// for all of them while its memory is on its way here.
bool search::worker::is_done_with(choice taken, const position::foreseen& ahead,
                                  const visited_set::visit& here) {
    // What counts preemptions, or cycles, looks at each step in its turn.
    if (!p_.is_known(ahead) || options_.max_preemptions || options_.cycles)
        return false;
    if (ahead.leads_on() && !was_here(ahead.fingerprint, here)) {
        p_.prefetch(ahead);
        return false;
    }
    p_.count(ahead);
    if (ahead.leads_on())
        note_step(task_of(taken), ahead.label);
    return true;
}

bool search::worker::was_here(std::uint64_t state, const visited_set::visit& here) {
    if (recent_.has(state))
        return true;
    if (!shared_.visited.has(state, here))
        return false;
    recent_.add(state);
    return true;
}

/// What the visited set will be asked for: its memory comes at the same time then.
void search::worker::prefetch(std::uint64_t state) const {
    if (!recent_.has(state))
        shared_.visited.prefetch(state);
}

void search::worker::go_down(const arrival& by) {
    const std::size_t depth = depth_ + 1;
    if (shared_.hungry() && top().next < top().left.size()) {
        work_item item;
        p_.pack(item.state);
        item.way = way_here();
        item.way.push_back(by.last);
        item.preemptions = by.preemptions;
        item.last = by.last;
        p_.undo(*frames_[depth].before);
        shared_.give(std::move(item));
        return;
    }
    enter(depth, by);
    result_.depth = std::max(result_.depth, prefix_.size() + depth);
}

path search::worker::way_here() const {
    path way = prefix_;
    for (std::size_t i = 1; i <= depth_; ++i)
        way.push_back(frames_[i].by.last);
    return way;
}

void search::worker::look_at_limits(const progress_report& report) {
    since_look_ = 0;
    if (report)
        report(result_);
    const search_options& o = options_;
    if (o.max_states != 0 && shared_.visited.size() >= o.max_states)
        shared_.end(stop_reason::states);
    if (o.max_memory != 0 && shared_.visited.bytes() >= o.max_memory)
        shared_.end(stop_reason::memory);
    if (o.max_seconds > 0 && shared_.seconds() >= o.max_seconds)
        shared_.end(stop_reason::time);
}

search_result search::worker::result() {
    p_.settle_counts();
    search_result out = result_;
    out.collision_bound =
        static_cast<double>(out.transitions) * static_cast<double>(p_.known_steps()) / two_to_64;
    out.atomic_steps = p_.atomic_steps();
    out.made = p_.made();
    for (std::size_t i = 0; i < pairs_.size(); ++i)
        if (pairs_[i] != 0)
            out.pairs.emplace_back(static_cast<label_id>(i / yield_labels.size()),
                                   static_cast<label_id>(i % yield_labels.size()));
    for (std::size_t i = 0; i < out.tested.size(); ++i)
        out.tested[i] = p_.model().tested[i];
    return out;
}

void search::worker::add_unfinished(std::vector<work_item>& into) {
    std::move(left_.begin(), left_.end(), std::back_inserter(into));
    left_.clear();
}

} // namespace seccomp_sim::explore

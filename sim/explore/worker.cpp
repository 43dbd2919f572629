// One worker of a search: goes down, and back by the journal.
#include "sim/explore/worker.hpp"

#include "sim/scenario/input_error.hpp"

#include <algorithm>

namespace seccomp_sim::explore {
namespace {

/// How many transitions lie between two looks at the clock and at the limits.
constexpr std::uint64_t look_every = 4096;

constexpr double two_to_64 = 18446744073709551616.0;

} // namespace

search::worker::worker(const scenario::scenario& s, const scenario::chosen_kernel& on,
                       const search_options& options, shared_work& shared)
    : options_(options), shared_(shared), p_(s, on, options.in_position),
      pairs_(yield_labels.size() * yield_labels.size()), spare_(p_.make_mark()) {
    result_.label_counts.assign(yield_labels.size(), 0);
    p_.label_counts = &result_.label_counts;
    p_.pack(start_);
}

work_item search::worker::first_work() const {
    return {.state = start_, .way = {}};
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
    if (shared_.visited.insert(p_.fingerprint()) && from.done == 0)
        result_.depth = std::max(result_.depth, prefix_.size());
    depth_ = 0;
    enter(0);
    top().preemptions = from.preemptions;
    top().last = from.last;
    top().next = from.done;
    top().moved = from.done > 0;
    for (;;) {
        if (++since_look_ >= look_every)
            look_at_limits(report);
        if (shared_.stop.load(std::memory_order_relaxed) != stop_reason::exhausted)
            break;
        if (step())
            continue;
        if (depth_ == 0)
            return;
        prefetch(frames_[depth_ - 1]);
        p_.undo(*top().before);
        --depth_;
    }
    // Stopped: what every state on the way still has to do.
    for (;; --depth_) {
        work_item rest;
        p_.pack(rest.state);
        rest.way = way_here();
        rest.done = static_cast<std::uint32_t>(top().next);
        rest.preemptions = top().preemptions;
        rest.last = top().last;
        if (top().next < top().choices.size())
            left_.push_back(std::move(rest));
        if (depth_ == 0)
            break;
        p_.undo(*top().before);
    }
}

void search::worker::go_to(const work_item& item) {
    if (!item.state.empty()) {
        p_.unpack(item.state.data());
        return;
    }
    p_.unpack(start_.data());
    for (const choice c : item.way) {
        p_.fingerprint();
        std::vector<choice> choices;
        p_.candidates(choices);
        const bool is_choice = std::find(choices.begin(), choices.end(), c) != choices.end();
        if (c == go_on_choice ? p_.nothing_follows() : !is_choice)
            throw scenario::input_error({{}, "the checkpoint leads to no state of this scenario", ""});
        const auto done = c == go_on_choice ? p_.go_on(*spare_) : p_.take(c, *spare_);
        if (done != position::outcome::moved)
            throw scenario::input_error({{}, "the checkpoint leads to no state of this scenario", ""});
    }
    p_.settle();
}

void search::worker::enter(std::size_t depth) {
    if (frames_.size() <= depth + 1) {
        frames_.resize(depth + 2);
        for (frame& f : frames_)
            if (!f.before)
                f.before = p_.make_mark();
    }
    frame& f = frames_[depth];
    p_.candidates(f.choices);
    f.next = 0;
    look_ahead(f);
    f.preemptions = 0;
    f.last = go_on_choice;
    f.last_label = 0;
    f.moved = f.last_moved = false;
}

void search::worker::look_ahead(frame& f) {
    f.ahead.clear();
    if (!p_.foresees())
        return;
    p_.foresee(f.choices, f.ahead);
    prefetch(f);
}

/// What the visited set will be asked for: its memory comes at the same time then.
void search::worker::prefetch(const frame& f) const {
    for (std::size_t i = f.next; i < f.ahead.size(); ++i)
        if (f.ahead[i].leads_on())
            shared_.visited.prefetch(f.ahead[i].fingerprint);
}

bool search::worker::step() {
    frame& f = top();
    if (f.next >= f.choices.size()) {
        if (!f.moved) {
            f.moved = true;
            const std::size_t depth = depth_;
            at_rest();
            return depth_ != depth;
        }
        return false;
    }
    const choice taken = f.choices[f.next];
    position::foreseen ahead;
    if (!f.ahead.empty()) {
        // Since the state was entered, the step may have become known, or have got another number.
        ahead = f.ahead[f.next];
        if (!p_.is_known(ahead))
            ahead = p_.foresee(taken);
    }
    ++f.next;
    const task_id who = task_of(taken);
    std::uint32_t preemptions = f.preemptions;
    if (options_.max_preemptions && f.last != go_on_choice && f.last != taken &&
        std::find(f.choices.begin(), f.choices.end(), f.last) != f.choices.end()) {
        // Going on with another task is a preemption only where the last one could go on.
        if (!f.last_moved) {
            position::mark& before = *spare_;
            f.last_moved = p_.take(f.last, before) != position::outcome::blocked;
            if (f.last_moved)
                p_.undo(before);
        }
        if (f.last_moved && ++preemptions > *options_.max_preemptions) {
            result_.bounded = true;
            f.moved = true;
            return true;
        }
    }
    if (p_.is_known(ahead)) {
        p_.count(ahead);
        if (!ahead.blocked)
            arrive_as_foreseen(taken, ahead, preemptions);
        return true;
    }
    const label_id label = p_.model().waits_at(who);
    position::mark& before = *frames_[depth_ + 1].before;
    const position::outcome done =
        f.ahead.empty() ? p_.take(taken, before) : p_.take_and_remember(taken, before);
    if (done == position::outcome::blocked)
        return true;
    note_step(who, label);
    if (done == position::outcome::violated) {
        ++depth_;
        frames_[depth_].last = taken;
        found(label);
        p_.undo(*top().before);
        --depth_;
        return true;
    }
    arrive(taken, label, preemptions);
    return true;
}

void search::worker::note_step(task_id who, label_id label) {
    top().moved = true;
    ++result_.transitions;
    if (task_of(top().last) != who)
        note_pair(top().last_label, label);
}

/// What the visited set knows a state by.
std::uint64_t search::worker::name_of(std::uint64_t fingerprint, choice taken,
                                      std::uint32_t preemptions) const {
    if (!options_.max_preemptions)
        return fingerprint;
    mixer mix(fingerprint);
    mix.add(preemptions);
    mix.add(taken);
    return mix.value();
}

void search::worker::arrive_as_foreseen(choice taken, const position::foreseen& ahead,
                                        std::uint32_t preemptions) {
    note_step(task_of(taken), ahead.label);
    const std::uint64_t state = name_of(ahead.fingerprint, taken, preemptions);
    if (!is_new(state))
        return;
    p_.take(ahead, *frames_[depth_ + 1].before);
    go_down(taken, ahead.label, preemptions, state);
}

void search::worker::arrive(choice taken, label_id label, std::uint32_t preemptions) {
    const std::uint64_t state = name_of(p_.fingerprint(), taken, preemptions);
    if (is_new(state))
        go_down(taken, label, preemptions, state);
    else
        p_.undo(*frames_[depth_ + 1].before);
}

bool search::worker::is_new(std::uint64_t state) {
    if (shared_.visited.insert(state) && !out_of_bounds(depth_ + 1))
        return true;
    result_.cycles += options_.cycles && is_on_the_way(state) ? 1U : 0U;
    return false;
}

void search::worker::go_down(choice taken, label_id label, std::uint32_t preemptions, std::uint64_t state) {
    const std::size_t depth = depth_ + 1;
    if (shared_.hungry() && top().next < top().choices.size()) {
        work_item item;
        p_.pack(item.state);
        item.way = way_here();
        item.way.push_back(taken);
        item.preemptions = preemptions;
        item.last = taken;
        p_.undo(*frames_[depth].before);
        shared_.give(std::move(item));
        return;
    }
    depth_ = depth;
    enter(depth);
    top().preemptions = preemptions;
    top().last = taken;
    top().last_label = label;
    top().state = state;
    result_.depth = std::max(result_.depth, prefix_.size() + depth);
}

bool search::worker::is_on_the_way(std::uint64_t state) const {
    return std::any_of(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(depth_) + 1,
                       [&](const frame& f) { return f.state == state; });
}

bool search::worker::out_of_bounds(std::size_t depth) {
    if (options_.max_depth == 0 || prefix_.size() + depth < options_.max_depth)
        return false;
    result_.bounded = true;
    return true;
}

void search::worker::at_rest() {
    ++result_.rests;
    if (!p_.check_rest()) {
        found(0);
        return;
    }
    if (p_.nothing_follows()) {
        if (!options_.outcomes)
            return;
        ending& e = result_.endings[describe_ending(p_)];
        if (e.count++ == 0 || prefix_.size() + depth_ < e.way.size())
            e.way = way_here();
        return;
    }
    const position::outcome done = p_.go_on(*frames_[depth_ + 1].before);
    ++result_.transitions;
    if (done == position::outcome::violated) {
        ++depth_;
        frames_[depth_].last = go_on_choice;
        found(0);
        p_.undo(*top().before);
        --depth_;
        return;
    }
    arrive(go_on_choice, 0, top().preemptions);
}

void search::worker::found(label_id label) {
    finding f;
    f.what = p_.violations().front();
    f.way = way_here();
    f.at = label;
    f.before_it = depth_ > 0 ? frames_[depth_ - 1].last_label : label_id{0};
    const auto same =
        std::find_if(result_.findings.begin(), result_.findings.end(), [&](const finding& known) {
            return known.what.which == f.what.which && known.at == f.at && known.before_it == f.before_it;
        });
    if (same == result_.findings.end())
        result_.findings.push_back(std::move(f));
    else if (++same->times; f.way.size() < same->way.size())
        same->way = std::move(f.way);
    if (!options_.all_findings)
        shared_.end(stop_reason::violation);
}

path search::worker::way_here() const {
    path way = prefix_;
    for (std::size_t i = 1; i <= depth_; ++i)
        way.push_back(frames_[i].last);
    return way;
}

void search::worker::note_pair(label_id before, label_id now) {
    pairs_[std::size_t{before} * yield_labels.size() + now] = 1;
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

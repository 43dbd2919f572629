// The steps of a worker: what a choice leads to, and what is made of it.
#include "sim/explore/worker.hpp"

#include <algorithm>

namespace seccomp_sim::explore {

bool search::worker::step() {
    frame& f = top();
    if (f.next == f.left.size()) {
        if (!f.moved) {
            f.moved = true;
            const std::size_t depth = depth_;
            at_rest();
            return depth_ != depth;
        }
        return false;
    }
    const std::uint32_t which = f.left[f.next++];
    const choice taken = f.choices[which];
    // Since the state was entered, the step may have become known, or have got another number.
    if (f.foresees && !p_.is_known(f.ahead[which]))
        f.ahead[which] = p_.foresee(taken);
    const position::foreseen ahead = f.ahead[which];
    arrival by{.last = taken, .label = 0, .preemptions = f.by.preemptions, .state = 0, .written = 0};
    if (exceeds_preemptions(taken, by.preemptions))
        return true;
    if (p_.is_known(ahead)) {
        p_.count(ahead);
        if (ahead.leads_on())
            arrive_as_foreseen(ahead, by);
        return true;
    }
    by.label = p_.model().waits_at(task_of(taken));
    position::mark& before = *frames_[depth_ + 1].before;
    const position::outcome done = f.foresees ? p_.take_and_remember(taken, before) : p_.take(taken, before);
    if (done == position::outcome::blocked)
        return true;
    note_step(task_of(taken), by.label);
    if (done == position::outcome::violated)
        found_below(by);
    else
        arrive(by);
    return true;
}

/// Going on with another task is a preemption only where the last one could go on.
bool search::worker::exceeds_preemptions(choice taken, std::uint32_t& preemptions) {
    frame& f = top();
    if (!options_.max_preemptions || f.by.last == go_on_choice || f.by.last == taken ||
        std::find(f.choices.begin(), f.choices.end(), f.by.last) == f.choices.end())
        return false;
    if (!f.last_moved) {
        f.last_moved = p_.take(f.by.last, *spare_) != position::outcome::blocked;
        if (f.last_moved)
            p_.undo(*spare_);
    }
    if (!f.last_moved || ++preemptions <= *options_.max_preemptions)
        return false;
    result_.bounded = true;
    f.moved = true;
    return true;
}

void search::worker::note_step(task_id who, label_id label) {
    top().moved = true;
    ++result_.transitions;
    if (task_of(top().by.last) != who)
        note_pair(top().by.label, label);
}

/// What the visited set knows a state by.
std::uint64_t search::worker::name_of(std::uint64_t fingerprint, const arrival& by) const {
    if (!options_.max_preemptions)
        return fingerprint;
    mixer mix(fingerprint);
    mix.add(by.preemptions);
    mix.add(by.last);
    return mix.value();
}

void search::worker::arrive_as_foreseen(const position::foreseen& ahead, arrival by) {
    by.label = ahead.label;
    by.written = p_.written_by(ahead);
    by.state = name_of(ahead.fingerprint, by);
    note_step(task_of(by.last), by.label);
    if (!is_new(by.state))
        return;
    p_.take(by.last, ahead, *frames_[depth_ + 1].before);
    go_down(by);
}

void search::worker::arrive(arrival by) {
    by.state = name_of(p_.fingerprint(), by);
    if (is_new(by.state))
        go_down(by);
    else
        p_.undo(*frames_[depth_ + 1].before);
}

bool search::worker::is_new(std::uint64_t state) {
    const bool is_first = shared_.visited.insert(state, number_);
    recent_.add(state);
    if (is_first && !out_of_bounds(depth_ + 1))
        return true;
    result_.cycles += options_.cycles && is_on_the_way(state) ? 1U : 0U;
    return false;
}

bool search::worker::is_on_the_way(std::uint64_t state) const {
    return std::any_of(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(depth_) + 1,
                       [&](const frame& f) { return f.by.state == state; });
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
    const arrival by{
        .last = go_on_choice, .label = 0, .preemptions = top().by.preemptions, .state = 0, .written = 0};
    const position::outcome done = p_.go_on(*frames_[depth_ + 1].before);
    ++result_.transitions;
    if (done == position::outcome::violated)
        found_below(by);
    else
        arrive(by);
}

/// The step from the top frame broke something.
void search::worker::found_below(const arrival& by) {
    ++depth_;
    top().by = by;
    found(by.label);
    p_.undo(*top().before);
    --depth_;
}

void search::worker::found(label_id label) {
    finding f;
    f.what = p_.violations().front();
    f.way = way_here();
    f.at = label;
    f.before_it = depth_ > 0 ? frames_[depth_ - 1].by.label : label_id{0};
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

void search::worker::note_pair(label_id before, label_id now) {
    pairs_[std::size_t{before} * yield_labels.size() + now] = 1;
}

} // namespace seccomp_sim::explore

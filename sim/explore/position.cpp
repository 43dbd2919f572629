// A place in the state space of a scenario, and how to go on from it and back.
#include "sim/explore/position.hpp"

#include "kernel-model/task_table.hpp"
#include "sim/explore/lock_effects.hpp"
#include "sim/replay/possible.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>
#include <stdexcept>

namespace seccomp_sim::explore {
namespace {

constexpr std::uint32_t most_private_steps = 20000; ///< in a row: far more than any call has

} // namespace

/// Hears what user space sees.
class position::listener : public observer {
  public:
    explicit listener(position& of) : of_(of) {}

    void on_return(task_id who, request_id, std::int64_t value) override {
        branch* const b = of_.branch_of_call(who);
        const std::uint32_t next = b != nullptr ? b->next : 0;
        if (b != nullptr)
            b->in_call = 0;
        if (b != nullptr && of_.has_calls_left(*b))
            of_.journal_.note_opaque(); // what its branch does next is none of the world's
        else
            of_.returned_ = true;
        add({observation::kind::returned, static_cast<std::uint16_t>(next), name(who), {}, 0, value});
    }
    void on_wake(task_id who, queue_ref queue, std::uint32_t events) override {
        if (queue.kind == queue_kind::filter)
            add({observation::kind::woken, 0, name(who), {}, events, 0});
    }
    void on_event(task_id who, name_id fd, std::uint32_t events) override {
        add({observation::kind::reported, 0, name(who), fd, events, 0});
    }
    void on_notification(task_id who, filter_id, index_type, task_id target, index_type) override {
        add({observation::kind::received, 0, name(who), name(target), 0, 0});
    }
    void on_handler(task_id who, int signal) override {
        add({observation::kind::handler, 0, name(who), {}, 0, signal});
    }
    void on_exit(task_id who, std::int32_t code) override {
        add({observation::kind::exited, 0, name(who), {}, 0, code});
    }
    void on_warning(std::string_view) override { add({observation::kind::warning, 0, {}, {}, 0, 0}); }

  private:
    name_id name(task_id t) const { return of_.k_.w.tasks[t].name; }
    void add(const observation& o) {
        if (of_.options_.observations)
            of_.seen_.push_back(o);
    }
    position& of_;
};

position::position(const scenario::scenario& s, const scenario::chosen_kernel& on, position_options options)
    : s_(s), on_(on), applies_(s, on), options_(options), facts_(facts_of(s, applies_)), k_(on.choices),
      known_(options.most_known_bytes) {
    std::size_t first = 0;
    while (first < s.steps.size() &&
           !(std::holds_alternative<scenario::concurrent_step>(s.steps[first].what) &&
             applies_(s.steps[first].info.on)))
        ++first;
    if (first == s.steps.size())
        throw scenario::input_error({s.text ? place{s.text->file(), 1, 1, ""} : place{},
                                     "nothing happens at the same time in this scenario",
                                     "a \"concurrently\" step, or --overlap with the names of tasks"});
    replay::run_options how;
    how.watch_polls = false;
    how.stop_after = first;
    prefix_ = std::make_unique<replay::run>(s, on, how);
    while (auto step = prefix_->next())
        scenario::value_or_throw(std::move(*step));
    found_ = prefix_->violations();
    k_ = prefix_->model();
    listener_ = std::make_unique<listener>(*this);
    k_.watch = listener_.get();
    k_.preemptive = true;
    k_.violations.clear();
    requests_.resize(s.steps.size());
    made_.resize(s.steps.size());
    symmetries_.resize(s.steps.size());
    const auto requests_before = static_cast<std::ptrdiff_t>(k_.requests.size());
    for (std::size_t i = first; i < s.steps.size(); ++i) {
        // The same request has the same number, so that tasks that ask for it can be interchangeable.
        const auto add = [&](const scenario::call_step& call) {
            const auto known =
                std::find(k_.requests.begin() + requests_before, k_.requests.end(), call.asked);
            if (known == k_.requests.end()) {
                k_.requests.push_back(call.asked);
                return request_id{static_cast<index_type>(k_.requests.size() - 1)};
            }
            return request_id{static_cast<index_type>(known - k_.requests.begin())};
        };
        if (const auto* call = std::get_if<scenario::call_step>(&s.steps[i].what))
            requests_[i] = {{add(*call)}};
        else if (const auto* block = std::get_if<scenario::concurrent_step>(&s.steps[i].what))
            for (const auto& calls : block->branches) {
                requests_[i].emplace_back();
                for (const auto& one : calls)
                    requests_[i].back().push_back(add(one.call));
            }
        if (applies_(s.steps[i].info.on))
            made_[i].resize(requests_[i].size());
    }
    k_.explore_with(journal_, static_cast<index_type>(s.names.size()));
    k_.forget_rest();
    step_ = first;
    options_.partial_order &= on.choices.mutant == mutant::nothing;
    facts_.parts = options_.parts;
    facts_.passing = passing_requests(k_);
    record_ = &opening_;
    mark before;
    step_and_follow(before, [&] {
        begin_block();
        return true;
    });
    record_ = nullptr;
    sum_ = 0;
    k_.w.for_each_table([&](auto& table) {
        for (index_type i = 0; i < table.end_index(); ++i)
            sum_ += table.rehash(i);
    });
    rehash_globals();
    journal_.clear();
}

position::~position() = default;

const scenario::concurrent_step* position::block() const {
    return step_ < s_.steps.size() ? std::get_if<scenario::concurrent_step>(&s_.steps[step_].what) : nullptr;
}

position::branch* position::branch_of_call(task_id who) {
    const auto found = std::find_if(branches_.begin(), branches_.end(),
                                    [who](const branch& b) { return b.in_call != 0 && b.task == who; });
    return found != branches_.end() ? &*found : nullptr;
}

bool position::has_calls_left(const branch& b) const {
    return b.next < block()->branches[static_cast<std::size_t>(&b - branches_.data())].size();
}

std::unique_ptr<position::mark> position::make_mark() const {
    return std::make_unique<mark>();
}

void position::begin_block() {
    branches_.clear();
    if (const scenario::concurrent_step* now = block()) {
        branches_.resize(now->branches.size());
        if (options_.symmetric && !options_.observations && !symmetries_[step_])
            symmetries_[step_] = std::make_unique<symmetry>(s_, step_, applies_, k_);
    }
    start_ready();
}

symmetry* position::symmetric() const {
    return !at_end() && symmetries_[step_] && symmetries_[step_]->on() ? symmetries_[step_].get() : nullptr;
}

void position::candidates(std::vector<choice>& out) const {
    out.clear();
    const symmetry* same = symmetric();
    std::vector<std::uint64_t> colours;
    k_.w.tasks.for_each_index([&](index_type index) {
        const task_id t = table<task>::id_at(index);
        if (!k_.can_run(t) || passes_over(t))
            return;
        if (same != nullptr && same->chooses(k_, t)) {
            for (const task_id next : same->next_of_walk(k_, t))
                out.push_back(choice_of(t, next));
            return;
        }
        const std::size_t member = same != nullptr ? same->member_of(t) : symmetry::no_member;
        if (member != symmetry::no_member) {
            // Of those that are in the same place, one goes for all.
            const std::uint64_t colour = same->colours()[member];
            if (std::find(colours.begin(), colours.end(), colour) != colours.end())
                return;
            colours.push_back(colour);
        }
        out.push_back(choice_of(t));
    });
}

bool position::may_start(const scenario::call_step& call) {
    return replay::obstacle_to(k_, call.task, call.asked) == replay::obstacle::nothing;
}

void position::start_ready() {
    const scenario::concurrent_step* now = block();
    if (now == nullptr)
        return;
    for (std::size_t i = 0; i < branches_.size(); ++i) {
        branch& b = branches_[i];
        const auto& calls = now->branches[i];
        while (b.in_call == 0 && b.next < calls.size() && !applies_(calls[b.next].info.on))
            ++b.next;
        if (b.in_call != 0 || b.next >= calls.size() || !may_start(calls[b.next].call))
            continue;
        b.task = find_task(k_, calls[b.next].call.task);
        b.in_call = 1;
        k_.start(b.task, requests_[step_][i][b.next]);
        ++b.next;
        made_[step_][i] = std::max(made_[step_][i], b.next);
    }
}

bool position::step_once(task_id who, bool chosen) {
    const label_id label = k_.waits_at(who);
    const task& t = std::as_const(k_.w.tasks)[who];
    const name_id name = t.has(task_flag::kernel_thread) ? scenario::scenario::rcu() : t.name;
    if (k_.resume(who) == step::blocked)
        return false;
    ++atomic_steps_;
    if (record_ != nullptr)
        record_->push_back({who, name, label, chosen, step_});
    if (label_counts != nullptr)
        ++(*label_counts)[label];
    start_ready();
    return true;
}

bool position::passes_over(task_id who) const {
    return options_.partial_order && options_.parts.lock_pairs && takes_first_of_two(k_, facts_, who) &&
           !second_is_free(k_, who);
}

std::uint32_t position::follow_private_steps(std::uint32_t at_most) {
    const symmetry* same = symmetric();
    for (std::uint32_t taken = 0; taken < at_most; ++taken) {
        task_id next;
        k_.w.tasks.for_each_index([&](index_type index) {
            const task_id t = table<task>::id_at(index);
            if (!next && k_.can_run(t) && is_private(k_, facts_, t) &&
                !(same != nullptr && same->chooses(k_, t)))
                next = t;
        });
        if (!next)
            return taken;
        if (!step_once(next, false))
            throw std::logic_error("a private step was blocked at " +
                                   std::string(label_name(k_.waits_at(next))));
        if (!k_.violations.empty())
            return taken + 1;
    }
    if (at_most == most_private_steps)
        throw std::logic_error("private steps go on for ever");
    return at_most;
}

void position::keep(mark& before) {
    rest_hash_.reset();
    before.changes = journal_.begin_step();
    before.repeated = false;
    k_.keep_rest(before.rest);
    before.branches = branches_;
    before.step = step_;
    before.seen = seen_.size();
    before.sum = sum_;
    before.globals_hash = globals_hash_;
}

bool position::choose(choice taken) {
    const task_id who = task_of(taken);
    const bool two = options_.partial_order && options_.parts.lock_pairs &&
                     takes_first_of_two(k_, facts_, who) && second_is_free(k_, who);
    if (next_of(taken))
        symmetry::put_next(k_, who, next_of(taken));
    return step_once(who, true) && (!two || !k_.violations.empty() || step_once(who, false));
}

position::outcome position::take(choice taken, mark& before) {
    return step_and_follow(before, [&] { return choose(taken); });
}

/// A step that begins as told, and the private ones after it. One of these that would break an invariant is
/// not taken: it would keep the scheduler from choosing others before it.
template <class Begin>
position::outcome position::step_and_follow(mark& before, Begin&& begin) {
    keep(before);
    const std::size_t recorded = record_ != nullptr ? record_->size() : 0;
    for (std::uint32_t at_most = most_private_steps;;) {
        if (!begin()) {
            undo(before);
            return outcome::blocked;
        }
        if (!options_.partial_order || !k_.violations.empty())
            break;
        const std::uint32_t taken = follow_private_steps(at_most);
        if (k_.violations.empty())
            break;
        undo(before);
        keep(before);
        if (record_ != nullptr)
            record_->resize(recorded);
        at_most = taken - 1;
    }
    rehash();
    rehash_globals();
    k_.forget_rest();
    if (k_.violations.empty())
        return outcome::moved;
    found_.swap(k_.violations);
    k_.violations.clear();
    return outcome::violated;
}

bool position::check_rest() {
    std::vector<task_id> stuck;
    std::as_const(k_.w.tasks).for_each([&](task_id t, const task&) {
        if (k_.can_run(t))
            stuck.push_back(t);
    });
    // An audit makes the accounts anew; what they were goes with the journal.
    kernel::unjournaled before;
    k_.keep_accounts(before);
    k_.audit(true);
    k_.put_back_accounts(before);
    if (!stuck.empty()) {
        std::string who;
        for (const task_id t : stuck)
            who +=
                (who.empty() ? "" : ", ") + k_.describe(t) + " at " + std::string(label_name(k_.waits_at(t)));
        k_.violate(invariant::no_deadlock, "nobody can go on: " + who);
    }
    k_.forget_rest();
    if (k_.violations.empty())
        return true;
    found_.swap(k_.violations);
    k_.violations.clear();
    return false;
}

position::outcome position::go_on(mark& before) {
    return step_and_follow(before, [&] {
        run_to_next_block();
        return true;
    });
}

void position::run_to_next_block() {
    k_.preemptive = false;
    k_.collect_runnable();
    while (++step_ < s_.steps.size() && k_.violations.empty()) {
        const scenario::step& next = s_.steps[step_];
        if (!applies_(next.info.on))
            continue;
        if (std::holds_alternative<scenario::concurrent_step>(next.what))
            break;
        const auto* call = std::get_if<scenario::call_step>(&next.what);
        if (call == nullptr || call->special != scenario::macro::none || !may_start(*call))
            continue;
        made_[step_][0] = 1;
        k_.start(find_task(k_, call->task), requests_[step_][0][0]);
        k_.run_to_rest();
    }
    k_.preemptive = true;
    begin_block();
}

bool position::nothing_follows() const {
    for (std::size_t i = step_ + 1; i < s_.steps.size(); ++i)
        if (applies_(s_.steps[i].info.on) && !std::holds_alternative<scenario::expect_step>(s_.steps[i].what))
            return false;
    return true;
}

std::vector<replay::poll_state> position::final_polls() {
    mark before;
    keep(before);
    k_.preemptive = false; // the poll goes through all its yields
    std::vector<replay::poll_state> polls;
    k_.w.open_files.for_each_index([&](index_type index) {
        const file_id f = table<file>::id_at(index);
        const file& record = std::as_const(k_.w.open_files)[f];
        if (record.kind == file_kind::listener && record.name)
            polls.push_back({record.name, k_.poll_now(f)});
    });
    k_.preemptive = true;
    undo(before);
    std::sort(polls.begin(), polls.end(), [](const auto& a, const auto& b) { return a.fd < b.fd; });
    return polls;
}

} // namespace seccomp_sim::explore

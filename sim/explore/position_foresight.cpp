// A position that need not take a step to know where it leads.
#include "sim/explore/position.hpp"

#include <stdexcept>
#include <utility>

namespace seccomp_sim::explore {
namespace {

/// One in so many steps that are foreseen is taken nevertheless, to see that it leads there.
constexpr std::uint64_t check_every = 4096;

template <class T>
void add_all(mixer& mix, const std::vector<T>& values) {
    mix.add(values.size());
    for (const T& value : values)
        mix(&value, sizeof value);
}

} // namespace

/// Not where a step may let a branch begin a call: whether it may depends on more than the step does.
bool position::foresees() const {
    const scenario::concurrent_step* now = block();
    if (!options_.repeat_known || options_.partial_order || options_.observations || record_ != nullptr ||
        now == nullptr || symmetric() != nullptr)
        return false;
    for (std::size_t i = 0; i < branches_.size(); ++i)
        if (branches_[i].in_call == 0 && branches_[i].next < now->branches[i].size())
            return false;
    return true;
}

std::uint64_t position::lists_hash() const {
    mixer mix;
    add_all(mix, k_.w.pid_queues);
    add_all(mix, k_.w.named_tasks);
    add_all(mix, k_.w.named_notifications);
    return mix.value();
}

transition_cache::step_key position::key_of(choice taken) const {
    return known_.key_of(k_, task_of(taken), [&] { return lists_hash(); });
}

/// All keys first: what is known of them is fetched from memory at the same time.
void position::find_keys(const std::vector<choice>& choices, const state_before* from) {
    keys_.resize(choices.size());
    std::size_t at = 0;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        choice_key& its = keys_[i];
        if (from != nullptr) {
            // Both are in the same order.
            while (at < from->choices.size() && from->choices[at] < choices[i])
                ++at;
            if (at < from->choices.size() && from->choices[at] == choices[i] && is_known(from->ahead[at]) &&
                (from->ahead[at].read & from->written) == 0) {
                its = {{0, from->ahead[at].read}, from->ahead[at].step};
                continue;
            }
        }
        its = {key_of(choices[i]), transition_cache::unknown};
        known_.prefetch(its.key.value);
    }
}

position::foreseen position::foresee(choice taken) {
    return foresee_by_key(taken, {key_of(taken), transition_cache::unknown});
}

position::foreseen position::foresee_by_key(choice taken, const choice_key& its) {
    foreseen ahead;
    ahead.step = its.step;
    ahead.read = its.key.read;
    if (its.key.value != 0)
        ahead.step = known_.find(its.key.value);
    ahead.generation = known_.generation();
    if (ahead.step == transition_cache::unknown)
        return ahead;
    const known_step& step = known_[ahead.step];
    const branch* const returned = step.returns ? branch_of_call(task_of(taken)) : nullptr;
    if (returned != nullptr && has_calls_left(*returned)) {
        ahead.step = transition_cache::unknown; // what follows is more than the step
        return ahead;
    }
    ahead.blocked = step.blocked;
    ahead.label = step.label;
    mixer mix(sum_ + globals_hash_ + step.sum_change);
    mix.add(returned != nullptr ? hash_rest(returned) : rest_hash());
    ahead.fingerprint = mix.value();
    if (++looks_ahead_ % check_every == 0)
        check(taken, ahead);
    return ahead;
}

/// The step, repeated and taken.
void position::check(choice taken, const foreseen& ahead) {
    const uncounted meanwhile(*this);
    mark before;
    kernel::unjournaled repeated;
    if (!ahead.blocked) {
        take(taken, ahead, before);
        k_.keep_accounts(repeated);
        undo(before);
    }
    const outcome done = take(taken, before);
    bool same = done == (ahead.blocked ? outcome::blocked : outcome::moved);
    if (same && done == outcome::moved) {
        same = fingerprint() == ahead.fingerprint && k_.has_accounts(repeated);
        undo(before);
    }
    if (!same)
        throw std::logic_error("the step at " + std::string(label_name(ahead.label)) +
                               " depends on something that was not recorded");
}

void position::count(const foreseen& ahead) {
    known_step& step = known_[ahead.step];
    ++step.times;
    atomic_steps_ += step.blocked ? 0U : 1U;
}

void position::take(choice taken, const foreseen& ahead, mark& before) {
    const known_step& step = known_[ahead.step];
    before.changes = journal_.begin_step();
    before.repeated = true;
    before.accounts = known_.changes_accounts(step);
    k_.keep_globals(before.rest);
    if (before.accounts)
        k_.keep_accounts(before.rest);
    before.sum = sum_;
    before.globals_hash = globals_hash_;
    before.returned = step.returns;
    if (step.returns) {
        before.branches = branches_;
        rest_hash_.reset();
        if (branch* const b = branch_of_call(task_of(taken)))
            b->in_call = 0;
    }
    known_.repeat(step, k_);
    if (step.changes_globals)
        rehash_globals();
    sum_ += step.sum_change - (globals_hash_ - before.globals_hash);
}

position::outcome position::take_and_remember(choice taken, mark& before) {
    const task_id who = task_of(taken);
    if (known_.is_opaque(k_, who))
        return take(taken, before);
    known_.begin(k_, who, k_.waits_at(who), lists_hash());
    journal_.record_accesses();
    returned_ = false;
    const outcome done = take(taken, before);
    const journal::access_record& read = journal_.stop_recording();
    if (done != outcome::violated)
        known_.remember(k_, journal_, read, before.rest,
                        sum_ - before.sum + globals_hash_ - before.globals_hash,
                        {.blocked = done == outcome::blocked, .returns = returned_});
    return done;
}

} // namespace seccomp_sim::explore

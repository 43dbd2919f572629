// Interchangeable threads.
#include "sim/explore/symmetry.hpp"

#include "kernel-model/functions.hpp"
#include "kernel-model/seccomp_attach.hpp"
#include "kernel-model/task_table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace seccomp_sim::explore {
namespace {

/// Whether a call can make a signal look for a thread by the order of the list.
bool may_pick_a_thread(operation op) {
    return op == operation::kill || op == operation::ptrace_attach || op == operation::ptrace_seize ||
           op == operation::exec;
}

bool names(const scenario::scenario& s, const scenario::call_step& call, name_id task) {
    static_cast<void>(s);
    return call.task == task || call.asked.target == task || call.asked.child == task;
}

/// Whose name no member has.
constexpr std::size_t nobody = symmetry::no_member - 1;

/// What makes two threads different before they take their first step.
bool alike(const kernel& k, task_id a, task_id b) {
    task one = k.w.tasks[a];
    const task& other = k.w.tasks[b];
    one.name = other.name;
    one.pid = other.pid;
    one.ns_pid = other.ns_pid;
    one.next_thread = other.next_thread;
    one.prev_thread = other.prev_thread;
    one.call = other.call;
    return std::memcmp(&one, &other, sizeof one) == 0;
}

/// The frame of a TSYNC that goes over its group's threads, wherever it is on the stack; nullptr: none.
const seccomp_sync_threads* walk_of(const kernel& k, task_id walker) {
    if (!walker || !k.w.tasks[walker].call)
        return nullptr;
    const call_stack& stack = k.w.stacks[k.w.tasks[walker].call];
    for (std::size_t i = stack.depth; i > 0; --i) {
        const frame& f = stack.frame_at(i - 1);
        if (f.function == function_number<seccomp_sync_threads>())
            return static_cast<const seccomp_sync_threads*>(&f);
    }
    return nullptr;
}

/// Whether the next step of the walker goes on to another thread.
bool goes_to_next(const kernel& k, task_id walker) {
    switch (k.waits_at(walker)) {
    case label("seccomp_sync_threads/before-group-exit-test"):
    case label("seccomp_sync_threads/before-mode"):
        return true;
    case label("seccomp_sync_threads/before-exiting-test"): {
        const seccomp_sync_threads* walk = walk_of(k, walker);
        return k.rev.tsync_exiting == tsync_exiting::skip && k.w.tasks[walk->thread].has(task_flag::exiting);
    }
    default:
        return false;
    }
}

/// The threads that the walk has not come to yet, in the order of the list.
template <class Use>
void for_each_ahead(const kernel& k, task_id walker, const seccomp_sync_threads& walk, Use&& use) {
    bool ahead = !walk.thread;
    for_each_thread(k, k.w.tasks[walker].group, [&](task_id t) {
        if (ahead && t != walker)
            use(t);
        ahead = ahead || t == walk.thread;
        return true;
    });
}

} // namespace

symmetry::symmetry(const scenario::scenario& s, std::size_t step, const scenario::applicability& applies,
                   const kernel& k) {
    const auto* block = std::get_if<scenario::concurrent_step>(&s.steps[step].what);
    if (block == nullptr)
        return;
    const auto calls_of = [&](std::size_t branch) {
        std::vector<const scenario::call_step*> calls;
        for (const auto& call : block->branches[branch])
            if (applies(call.info.on))
                calls.push_back(&call.call);
        return calls;
    };
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < block->branches.size(); ++i) {
        const auto calls = calls_of(i);
        for (const auto* call : calls)
            if (may_pick_a_thread(call->asked.op))
                why_off_ = "a signal may choose a thread by its place in the list";
        if (calls.size() == 1 && calls[0]->asked.op == operation::exit)
            candidates.push_back(i);
    }
    if (!why_off_.empty())
        return;
    for (const std::size_t i : candidates) {
        const name_id name = calls_of(i)[0]->task;
        const task_id t = find_task(k, name);
        if (!t || is_leader(k, t) || k.w.tasks[t].tracer || k.w.tasks[t].tracees)
            continue;
        bool named = false;
        for (std::size_t j = 0; j < block->branches.size(); ++j)
            for (const auto* call : calls_of(j))
                named = named || (j != i && names(s, *call, name));
        for (std::size_t j = step + 1; j < s.steps.size(); ++j) {
            if (const auto* call = std::get_if<scenario::call_step>(&s.steps[j].what))
                named = named || names(s, *call, name);
            else if (std::holds_alternative<scenario::concurrent_step>(s.steps[j].what))
                named = true;
        }
        if (!named && (members_.empty() ||
                       (k.w.tasks[members_[0]].group == k.w.tasks[t].group && alike(k, members_[0], t))))
            members_.push_back(t);
    }
    if (!on()) {
        members_.clear();
        why_off_ = "no two threads are interchangeable";
        return;
    }
    for (std::size_t i = 0; i < members_.size(); ++i) {
        if (member_at_.size() <= members_[i].index())
            member_at_.resize(members_[i].index() + 1, std::uint8_t{no_member});
        member_at_[members_[i].index()] = static_cast<std::uint8_t>(i);
    }
    group_ = k.w.tasks[members_[0]].group;
    colours_.resize(members_.size());
    places_.resize(members_.size());
    tasks_.resize(members_.size());
    stacks_.resize(members_.size());
}

std::size_t symmetry::member_of(index_type word) const {
    if ((word & ~id_bits::index_mask) != table<task>::tag)
        return no_member;
    const index_type index = word & id_bits::index_mask;
    return index < member_at_.size() ? member_at_[index] : no_member;
}

std::uint64_t symmetry::hash_words(const std::byte* bytes, std::size_t size, std::size_t self, bool by_colour,
                                   bool& names_others) const {
    mixer mix;
    for (std::size_t at = 0; at + sizeof(index_type) <= size; at += sizeof(index_type)) {
        index_type word = 0;
        std::memcpy(&word, bytes + at, sizeof word);
        const std::size_t member = member_of(word);
        if (member == no_member) {
            mix.add(word);
        } else if (member == self) {
            mix.add(std::uint64_t{1} << 32);
        } else {
            names_others = true;
            mix.add(by_colour ? colours_[member] : std::uint64_t{2} << 32);
        }
    }
    return mix.value();
}

/// A member's record and stack, with its own name and what follows from it taken out.
std::uint64_t symmetry::own_hash(const kernel& k, std::size_t member, bool& names_others) {
    const task_id t = members_[member];
    if (!k.w.tasks.is_live(t))
        return 1;
    task record = k.w.tasks[t];
    const stack_id stack = record.call;
    record.name = {};
    record.pid = record.ns_pid = 0;
    record.next_thread = record.prev_thread = {};
    record.call = stack ? stack_id{0} : stack_id{};
    std::uint64_t hash =
        hash_words(reinterpret_cast<const std::byte*>(&record), sizeof record, member, false, names_others);
    if (!stack)
        return hash;
    cached& kept = stacks_[member];
    const std::uint64_t known = k.w.stacks.known_hash(stack.index());
    if (kept.known != known) {
        const call_stack& calls = k.w.stacks[stack];
        bool others = false;
        kept.renamed = hash_words(reinterpret_cast<const std::byte*>(&calls), calls.stored_size(), member,
                                  false, others);
        kept.known = others ? 0 : known;
        names_others |= others;
    }
    return hash ^ (kept.renamed * 0x9e3779b97f4a7c15ULL);
}

void symmetry::place_in_walk(const kernel& k) {
    std::fill(places_.begin(), places_.end(), 0);
    // Those that wait for the RCU worker do so in a queue.
    std::uint64_t in_queue = 2;
    for (task_id t = k.w.rcu_first; t; t = k.w.tasks[t].next_thread, in_queue += 2)
        if (const std::size_t member = member_of(t); member != no_member)
            places_[member] = in_queue;
    others_ahead_ = 0;
    const task_id owner = k.w.groups[group_].siglock;
    if (const seccomp_sync_threads* walk = walk_of(k, owner))
        for_each_ahead(k, owner, *walk, [&](task_id t) {
            if (const std::size_t member = member_of(t); member != no_member)
                places_[member] |= 1;
            else
                others_ahead_ += (std::uint64_t{t.value} + 1) * 0x9e3779b97f4a7c15ULL;
        });
}

std::uint64_t symmetry::fingerprint(const kernel& k, std::uint64_t sum) {
    place_in_walk(k);
    bool names_others = false;
    for (std::size_t i = 0; i < members_.size(); ++i)
        colours_[i] = own_hash(k, i, names_others) + places_[i] * 0xd6e8feb86659fd93ULL;
    std::uint64_t total = sum;
    std::uint64_t members = 0;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        const task_id t = members_[i];
        total -= k.w.tasks.known_hash(t.index());
        std::uint64_t colour = colours_[i];
        if (const stack_id stack = k.w.tasks.is_live(t) ? k.w.tasks[t].call : stack_id{}) {
            total -= k.w.stacks.known_hash(stack.index());
            if (names_others) {
                // A second look, with the colours of those that it names.
                const call_stack& calls = k.w.stacks[stack];
                bool ignored = false;
                colour ^= hash_words(reinterpret_cast<const std::byte*>(&calls), calls.stored_size(), i, true,
                                     ignored);
            }
        }
        mixer one(colour);
        one.add(1);
        members += one.value();
    }
    // Everybody else, where one of the members may be named.
    const auto rename = [&](const table_base& table, index_type index, const auto& record, std::size_t size) {
        bool others = false;
        const std::uint64_t renamed =
            hash_words(reinterpret_cast<const std::byte*>(&record), size, nobody, true, others);
        total += renamed * 0x9e3779b97f4a7c15ULL - table.known_hash(index);
    };
    k.w.tasks.for_each([&](task_id t, const task& record) {
        if (member_of(t) != no_member)
            return;
        task other = record;
        if (other.has(task_flag::hashed))
            other.next_thread = other.prev_thread = {};
        rename(k.w.tasks, t.index(), other, sizeof other);
    });
    k.w.groups.for_each([&](group_id g, const thread_group& record) {
        thread_group other = record;
        other.first_thread = {};
        rename(k.w.groups, g.index(), other, sizeof other);
    });
    k.w.stacks.for_each([&](stack_id stack, const call_stack& calls) {
        for (const task_id m : members_)
            if (k.w.tasks.is_live(m) && k.w.tasks[m].call == stack)
                return;
        rename(k.w.stacks, stack.index(), calls, calls.stored_size());
    });
    world_globals globals = k.w;
    globals.rcu_first = globals.rcu_last = globals.rcu_first ? task_id{0} : task_id{};
    bool others = false;
    mixer mix(total + members + others_ahead_);
    mix.add(hash_words(reinterpret_cast<const std::byte*>(&globals), sizeof globals, nobody, true, others));
    return mix.value();
}

bool symmetry::chooses(const kernel& k, task_id walker) const {
    if (!on() || k.w.tasks[walker].group != group_ || !goes_to_next(k, walker))
        return false;
    std::size_t ahead = 0;
    for_each_ahead(k, walker, *walk_of(k, walker), [&](task_id) { ++ahead; });
    return ahead > 1;
}

std::vector<task_id> symmetry::next_of_walk(const kernel& k, task_id walker) const {
    std::vector<task_id> result;
    std::vector<std::uint64_t> seen;
    for_each_ahead(k, walker, *walk_of(k, walker), [&](task_id t) {
        const std::size_t member = member_of(t);
        if (member == no_member) {
            result.push_back(t);
        } else if (std::find(seen.begin(), seen.end(), colours_[member]) == seen.end()) {
            seen.push_back(colours_[member]);
            result.push_back(t);
        }
    });
    return result;
}

void symmetry::put_next(kernel& k, task_id walker, task_id next) {
    const seccomp_sync_threads* walk = walk_of(k, walker);
    thread_group& group = k.group_of(walker);
    thread_links::remove(k.w.tasks, group.first_thread, next);
    // Behind the thread that the walk is at; at its beginning, in front of all.
    if (!walk->thread) {
        thread_links::add_front(k.w.tasks, group.first_thread, next);
        return;
    }
    const task_id after = thread_links::after(k.w.tasks, group.first_thread, walk->thread);
    if (!after) {
        thread_links::add_tail(k.w.tasks, group.first_thread, next);
        return;
    }
    task& record = k.w.tasks[next];
    record.next_thread = after;
    record.prev_thread = walk->thread;
    k.w.tasks[walk->thread].next_thread = next;
    k.w.tasks[after].prev_thread = next;
}

} // namespace seccomp_sim::explore

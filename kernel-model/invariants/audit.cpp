// The invariants worked out from the world alone: who holds each filter is counted anew, from tasks, filters,
// files and the frames of calls in flight. Slower than the accounts kept step by step, and independent of
// them.
#include "seccomp_sim/kernel.hpp"

#include "kernel-model/functions.hpp"
#include "kernel-model/invariants/sleeper.hpp"
#include "kernel-model/seccomp_attach.hpp"

namespace seccomp_sim {
namespace {

template <class Use>
void for_each_frame(const call_stack& s, Use&& use) {
    for (std::size_t i = 0; i < s.depth; ++i)
        use(s.frame_at(i));
}

/// The filter that a failed install still holds for a listener whose file is gone.
filter_id held_for_listener(const frame& call) {
    if (call.function != function_number<seccomp_set_mode_filter>())
        return none;
    const auto& install = static_cast<const seccomp_set_mode_filter&>(call);
    return install.holds_for_listener() ? install.prepared : filter_id{};
}

} // namespace

std::vector<kernel::account> kernel::accounts_from_world() const {
    // Only as many as there are filters that somebody holds: an explorer copies them with each step.
    std::vector<account> accounts;
    const auto at = [&](filter_id f) -> account& {
        if (accounts.size() <= f.index())
            accounts.resize(f.index() + 1);
        return accounts[f.index()];
    };
    w.filters.for_each([&](filter_id f, const filter&) { at(f); });
    w.tasks.for_each([&](task_id, const task& t) {
        if (!t.filter)
            return;
        if (t.has(task_flag::holds_usage))
            ++at(t.filter).usage;
        if (t.has(task_flag::holds_live))
            ++at(t.filter).live;
        if (counts_as_user(t))
            ++at(t.filter).direct;
    });
    w.filters.for_each([&](filter_id, const filter& f) {
        if (f.prev && f.usage != 0)
            ++at(f.prev).usage;
        if (f.prev && f.live > 0)
            ++at(f.prev).live;
    });
    w.open_files.for_each([&](file_id, const file& f) {
        if (f.kind == file_kind::listener && filter_id{f.object}) // none while it is being released
            ++at(filter_id{f.object}).usage;
    });
    w.stacks.for_each([&](stack_id, const call_stack& s) {
        for_each_frame(s, [&](const frame& call) {
            if (call.owns_usage)
                ++at(call.owns_usage).usage;
            if (call.owns_live)
                ++at(call.owns_live).live;
            if (const filter_id f = held_for_listener(call))
                ++at(f).usage;
        });
    });
    // A dependent has a greater index than its prev only until indices are used again: go up from each user
    // instead.
    std::vector<bool> seen(w.filters.end_index());
    for (std::size_t i = 0; i < accounts.size(); ++i) {
        if (accounts[i].direct == 0)
            continue;
        filter_id f = table<filter>::id_at(static_cast<index_type>(i));
        while (!seen[f.index()]) {
            seen[f.index()] = true;
            const filter_id prev = w.filters[f].prev;
            if (!prev)
                break;
            ++at(prev).dependents;
            f = prev;
        }
    }
    return accounts;
}

void kernel::recount() {
    accounts_ = accounts_from_world();
    listeners_ = 0;
    sleepers_.clear();
    w.open_files.for_each(
        [&](file_id, const file& f) { listeners_ += f.kind == file_kind::listener ? 1 : 0; });
    w.stacks.for_each([&](stack_id, const call_stack& s) {
        for_each_frame(s, [&](const frame& call) { listeners_ += held_for_listener(call) ? 1 : 0; });
    });
    w.tasks.for_each([&](task_id t, const task& record) {
        if (is_asleep(record))
            sleepers_.push_back(t);
    });
}

void kernel::audit(bool rest) {
    where_ = 0;
    forget_touched();
    recount();
    const std::size_t filters = accounts_.size(); // a violation's message may make more
    for (index_type i = 0; i < filters; ++i) {
        const filter_id f = table<filter>::id_at(i);
        touch(f);
        check_touched();
        if (rest)
            check_filter_at_rest(f, account_at(i));
    }
    forget_touched_rest();
    if (!rest)
        return;
    check_sleepers(sleepers_.size());
    check_notifications_at_rest();
    w.open_files.for_each([&](file_id f, const file& record) {
        if (record.refs == 0)
            violate(invariant::no_leak,
                    "file " + describe(record.name) + " is still there, but nothing reaches it");
        static_cast<void>(f);
    });
}

} // namespace seccomp_sim

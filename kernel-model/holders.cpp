// Who holds which count of a filter. Each change of a pointer that stands for a count is told here, and the
// account that it leads to is what the exact invariants compare the counters with after each atomic step.
#include "seccomp_sim/kernel.hpp"

#include <cassert>
#include <utility>

namespace seccomp_sim {

void kernel::own_usage(frame& call, filter_id f) {
    const filter_id before = call.owns_usage;
    if (before == f)
        return;
    hold_usage(f, +1);
    hold_usage(before, -1);
    call.owns_usage = f;
}

void kernel::own_live(frame& call, filter_id f) {
    const filter_id before = call.owns_live;
    if (before == f)
        return;
    if (before && f && w.filters[before].prev == f && w.filters[before].live > 0) [[unlikely]]
        violate(invariant::walk_stops, "the walk went on from " + describe(before) + " to " + describe(f) +
                                           " although live was not 0");
    hold_live(f, +1);
    hold_live(before, -1);
    call.owns_live = f;
}

void kernel::give_to_caller(frame& callee) {
    frame& caller = stack().caller();
    assert(!caller.owns_usage && !caller.owns_live);
    caller.owns_usage = std::exchange(callee.owns_usage, none);
    caller.owns_live = std::exchange(callee.owns_live, none);
}

void kernel::take_holds(frame& call, task_id t) {
    task& record = w.tasks[t];
    assert(!call.owns_usage && !call.owns_live);
    if (record.has(task_flag::holds_usage))
        call.owns_usage = record.filter;
    if (record.has(task_flag::holds_live))
        call.owns_live = record.filter;
    record.set(task_flag::holds_usage | task_flag::holds_live, false);
}

void kernel::set_filter(task_id t, filter_id f, frame* giver) {
    task& record = w.tasks[t];
    const bool locked =
        record.has(task_flag::unhashed) || !record.has(task_flag::hashed) || group_of(t).siglock == self;
    count_test(invariant::locks_held);
    if (!locked) [[unlikely]]
        violate(invariant::locks_held, "the filter of " + describe(t) + " changed without its siglock");
    drop_usage_hold(t);
    drop_live_hold(t);
    if (check_invariants && counts_as_user(record)) {
        // The new one first: what is below both stays in use, and the path is not walked.
        use_changed(f, +1);
        use_changed(record.filter, -1);
    }
    record.filter = f;
    if (!giver || !f)
        return;
    own_usage(*giver, f);
    giver->owns_usage = none;
    record.set(task_flag::holds_usage);
    if (!rev.has_live())
        return;
    own_live(*giver, f);
    giver->owns_live = none;
    record.set(task_flag::holds_live);
}

bool kernel::counts_as_user(const task& t) const {
    if (t.has(task_flag::released))
        return false;
    switch (rev.release) {
    case release_point::exit:
        return !t.has(task_flag::exiting);
    case release_point::reap:
    case release_point::split:
        return !t.has(task_flag::unhashed);
    case release_point::free:
        return true;
    }
    return true;
}

void kernel::use_changed(filter_id f, std::int32_t change) {
    if (!f)
        return;
    account* holders = &account_of(f);
    bool before = holders->used();
    holders->direct += change;
    touch(f);
    // A filter that came into use, or out of it, is one dependent more or less for its prev.
    while (holders->used() != before) {
        f = std::as_const(w.filters)[f].prev;
        if (!f)
            return;
        change = before ? -1 : +1;
        holders = &account_of(f);
        before = holders->used();
        holders->dependents += change;
        touch(f);
    }
}

void kernel::stops_using(task_id t) {
    if (check_invariants && counts_as_user(w.tasks[t]))
        use_changed(w.tasks[t].filter, -1);
}

void kernel::drop_usage_hold(task_id t) {
    task& record = w.tasks[t];
    if (!record.has(task_flag::holds_usage))
        return;
    record.set(task_flag::holds_usage, false);
    hold_usage(record.filter, -1);
}

void kernel::drop_live_hold(task_id t) {
    task& record = w.tasks[t];
    if (!record.has(task_flag::holds_live))
        return;
    record.set(task_flag::holds_live, false);
    hold_live(record.filter, -1);
}

void kernel::set_prev(filter_id f, filter_id prev) {
    filter& record = deref(f);
    record.prev = prev;
    hold_usage(prev, +1);
    if (record.live > 0)
        hold_live(prev, +1);
}

void kernel::listener_opened(filter_id f, file_id listener) {
    note_opaque();
    ++listeners_;
    hold_usage(f, +1);
    if (watch)
        watch->on_listener(f, listener);
}

void kernel::listener_closed(filter_id f) {
    note_opaque();
    --listeners_;
    hold_usage(f, -1);
    if (watch)
        watch->on_listener(f, none);
}

filter_id kernel::new_filter(program_id program, name_id name) {
    const filter_id f = w.filters.allocate();
    filter& record = w.filters[f];
    record.program = program;
    record.name = name;
    if (check_invariants)
        account_of(f) = {};
    // No kernel function asks for a filter by its name, only whoever shows a replay.
    if (name && log_ == nullptr)
        set_meaning(lists().named_filters, name, f);
    if (watch)
        watch->on_counters(f);
    return f;
}

void kernel::free_filter(filter_id f) {
    filter& record = deref(f);
    if (record.wqh)
        violate(invariant::no_use_after_free,
                describe(f) + " was freed while somebody was on its wait queue");
    if (record.notif)
        violate(invariant::no_use_after_free, describe(f) + " was freed while its listener was open");
    record.flags |= filter_flag::freed;
    touch(f);
    w.filters.free(f);
    if (watch) {
        watch->on_counters(f);
        watch->on_filter_freed(f);
    }
}

void kernel::used_after_free(task_id t) {
    violate(invariant::no_use_after_free, describe(t) + " was used after it was freed");
}

void kernel::used_after_free(filter_id f) {
    violate(invariant::no_use_after_free, describe(f) + " was used after it was freed");
}

file& kernel::deref(file_id f) {
    if (!w.open_files.is_live(f))
        violate(invariant::no_use_after_free,
                "file " + describe(w.open_files[f].name) + " was used after it was freed");
    return w.open_files[f];
}

wait_entry& kernel::deref(wait_entry_id e) {
    if (!w.wait_entries.is_live(e))
        violate(invariant::no_use_after_free, "a wait-queue entry was used after it was freed");
    return w.wait_entries[e];
}

} // namespace seccomp_sim

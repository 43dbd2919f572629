// Wait queues and what happens to their entries when they are woken: kernel/sched/wait.c, and the wake
// functions of the callers (fs/select.c's pollwake, kernel/seccomp.c's recv_wake_function).
#include "kernel-model/wait_queue.hpp"

#include "kernel-model/eventpoll.hpp"
#include "kernel-model/file_table.hpp"
#include "kernel-model/ring.hpp"
#include "kernel-model/signal.hpp"

#include <algorithm>
#include <utility>

namespace seccomp_sim {
namespace {

/// Where the queue of a pid is, or would be.
std::ptrdiff_t place_of(const kernel& k, index_type pid) {
    const std::vector<pid_queue>& queues = k.lists().pid_queues;
    return std::lower_bound(queues.begin(), queues.end(), pid,
                            [](const pid_queue& a, index_type b) { return a.pid < b; }) -
           queues.begin();
}

/// The first entry of a queue; null if the queue has no head since nobody waits there.
wait_entry_id* head_of(kernel& k, queue_ref queue) {
    switch (queue.kind) {
    case queue_kind::filter:
        return &k.deref(filter_id{queue.object}).wqh;
    case queue_kind::ep_wait:
        return &deref(k, eventpoll_id{queue.object}).wq;
    case queue_kind::ep_poll:
        return &deref(k, eventpoll_id{queue.object}).poll_wait;
    case queue_kind::chldexit:
        return &k.deref(group_id{queue.object}).chldexit;
    case queue_kind::pidfd: {
        const std::vector<pid_queue>& queues = std::as_const(k).lists().pid_queues;
        const auto place = static_cast<std::size_t>(place_of(k, queue.object));
        const bool found = place < queues.size() && queues[place].pid == queue.object;
        return found ? &k.lists().pid_queues[place].waiters : nullptr;
    }
    case queue_kind::nothing:
        break;
    }
    return nullptr;
}

void unlink(kernel& k, wait_entry_id entry) {
    wait_entry& e = k.w.wait_entries[entry];
    wait_entry_id* head = head_of(k, e.queue);
    ring_remove(k.w.wait_entries, *head, entry);
    e.queued = 0;
    if (e.queue.kind == queue_kind::pidfd && !*head)
        k.lists().pid_queues.erase(k.lists().pid_queues.begin() + place_of(k, e.queue.object));
}

bool wake_task(kernel& k, const wait_entry& e, std::uint32_t events) {
    const task_id sleeper{e.owner};
    if (!k.wake(sleeper, wake_mask::normal))
        return false;
    if (k.watch)
        k.watch->on_wake(sleeper, e.queue, events);
    return true;
}

/// wait_queue_entry.func: says whether somebody was woken, which uses an exclusive wake up.
bool wake_entry(kernel& k, wait_entry_id entry, std::uint32_t events) {
    const wait_entry& e = k.deref(entry);
    switch (e.function) {
    case wake_function::receive:
        if (events != 0 && (events & e.key) == 0)
            return false;
        [[fallthrough]];
    case wake_function::task:
        if (!wake_task(k, e, events))
            return false;
        unlink(k, entry);
        return true;
    case wake_function::poll:
        if (events != 0 && (events & e.key) == 0)
            return false;
        k.deref(e.poll).triggered = 1;
        return wake_task(k, e, events);
    case wake_function::epoll:
        return ep_poll_callback(k, epitem_id{e.owner}, events);
    }
    return false;
}

/// __wake_up_common. An entry may take itself off while it is woken, and no other: so the walk is safe. An
/// epoll entry wakes the queues of its epoll instance in turn; that goes as deep as epoll instances nest,
/// which is at most five.
void wake_up_common(kernel& k, queue_ref queue, std::uint32_t events, bool all) {
    const wait_entry_id* head = head_of(k, queue);
    if (!head || !*head)
        return;
    const wait_entry_id last = k.w.wait_entries[*head].prev;
    for (wait_entry_id entry = *head;;) {
        const wait_entry_id next = k.w.wait_entries[entry].next;
        const bool exclusive = k.w.wait_entries[entry].exclusive != 0;
        const bool was_last = entry == last;
        const bool woken = wake_entry(k, entry, events);
        if (was_last || (woken && exclusive && !all))
            return;
        entry = next;
    }
}

} // namespace

wait_entry_id add_wait(kernel& k, queue_ref queue, wake_function function, index_type owner,
                       std::uint32_t key, bool exclusive) {
    const wait_entry_id entry = k.w.wait_entries.allocate();
    wait_entry& e = k.w.wait_entries[entry];
    e.queue = queue;
    e.function = function;
    e.owner = owner;
    e.key = key;
    e.exclusive = exclusive;
    e.queued = 1;
    wait_entry_id* head = head_of(k, queue);
    if (!head) {
        std::vector<pid_queue>& queues = k.lists().pid_queues;
        head =
            &queues.insert(queues.begin() + place_of(k, queue.object), pid_queue{queue.object, {}})->waiters;
    }
    if (exclusive)
        ring_add_tail(k.w.wait_entries, *head, entry);
    else
        ring_add(k.w.wait_entries, *head, entry);
    return entry;
}

void remove_wait(kernel& k, wait_entry_id entry) {
    const wait_entry& e = k.deref(entry);
    if (e.queued != 0)
        unlink(k, entry);
    k.w.wait_entries.free(entry);
}

void poll_wait(kernel& k, file_id file, queue_ref queue, const poll_table& table) {
    if (!table.wants_queue())
        return;
    if (table.function == wake_function::epoll) { // ep_ptable_queue_proc
        epitem& item = k.w.epitems[{table.owner}];
        const bool exclusive = (item.events & poll_event::exclusive) != 0;
        item.wait = add_wait(k, queue, wake_function::epoll, table.owner, 0, exclusive);
        return;
    }
    // __pollwait: the entry holds the file, and hangs on the record of the whole poll().
    const wait_entry_id record{table.owner};
    const wait_entry_id entry =
        add_wait(k, queue, wake_function::poll, k.w.wait_entries[record].owner, table.key, false);
    wait_entry& e = k.w.wait_entries[entry];
    e.poll = record;
    e.file = file;
    e.next_of_task = k.w.wait_entries[record].next_of_task;
    k.w.wait_entries[record].next_of_task = entry;
    get_file(k, file);
}

bool waitqueue_active(kernel& k, queue_ref queue) {
    const wait_entry_id* head = head_of(k, queue);
    return head && *head;
}

void wake_up_poll(kernel& k, queue_ref queue, std::uint32_t events) {
    if (k.watch && queue.kind == queue_kind::filter)
        k.watch->on_wake_up_poll(queue, events);
    wake_up_common(k, queue, events, false);
}

void wake_up(kernel& k, queue_ref queue) {
    wake_up_common(k, queue, 0, false);
}

void wake_up_all(kernel& k, queue_ref queue) {
    wake_up_common(k, queue, 0, true);
}

} // namespace seccomp_sim

// The world: everything that exists at one moment, as a value. It can be copied, compared and hashed at any
// point, also in the middle of any number of calls, since calls in flight are part of it.
#pragma once

#include "seccomp_sim/call_stack.hpp"
#include "seccomp_sim/file.hpp"
#include "seccomp_sim/filter.hpp"
#include "seccomp_sim/table.hpp"
#include "seccomp_sim/task.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace seccomp_sim {

/// A notification that a scenario named when it was received.
struct named_notification {
    filter_id filter;
    index_type cookie = 0;
    friend bool operator==(const named_notification&, const named_notification&) = default;
};

/// What there is one of.
struct world_globals {
    task_id tasklist_lock;       ///< who holds it for writing
    task_id rcu_worker;          ///< stands for the CPU that runs RCU callbacks
    task_id rcu_first, rcu_last; ///< dead tasks whose free_task waits for a grace period, by next_thread
    index_type next_pid = 1;
    std::uint32_t warnings = 0; ///< the kernel's own WARNs so far

    friend bool operator==(const world_globals&, const world_globals&) = default;
};
static_assert(std::has_unique_object_representations_v<world_globals>);

/// From now on `name` means `what`, in a list by name_id.
template <class T>
void set_meaning(std::vector<T>& list, name_id name, const T& what) {
    if (list.size() <= name.value)
        list.resize(name.value + 1);
    list[name.value] = what;
}

/// What names mean, and who waits for a pid: in no table, since it grows with the scenario.
struct world_lists {
    std::vector<pid_queue> pid_queues;    ///< by rising pid; only of pids that somebody waits for
    std::vector<task_id> named_tasks;     ///< by name_id
    std::vector<filter_id> named_filters; ///< by name_id
    std::vector<named_notification> named_notifications; ///< by name_id

    friend bool operator==(const world_lists&, const world_lists&) = default;
};

struct world : world_globals, world_lists {
    table<task> tasks;
    table<thread_group> groups;
    table<sighand> sighands;
    table<pid_namespace> namespaces;
    table<filter> filters;
    table<notification> notifications;
    table<knotif> knotifs;
    table<kaddfd> kaddfds;
    table<file> open_files;
    table<files> fd_tables;
    table<message> messages;
    table<eventpoll> eventpolls;
    table<epitem> epitems;
    table<wait_entry> wait_entries;
    table<call_stack, 0> stacks; ///< no step reaches one by an old name: the hottest is used again

    friend bool operator==(const world&, const world&) = default;

    /// Calls `use(table)` for each table, in the order of id_bits::kinds.
    template <class Use>
    void for_each_table(Use&& use) {
        visit_tables(*this, use);
    }
    template <class Use>
    void for_each_table(Use&& use) const {
        visit_tables(*this, use);
    }

  private:
    template <class World, class Use>
    static void visit_tables(World& w, Use& use) {
        use(w.tasks);
        use(w.groups);
        use(w.sighands);
        use(w.namespaces);
        use(w.filters);
        use(w.notifications);
        use(w.knotifs);
        use(w.kaddfds);
        use(w.open_files);
        use(w.fd_tables);
        use(w.messages);
        use(w.eventpolls);
        use(w.epitems);
        use(w.wait_entries);
        use(w.stacks);
    }
};

/// A hash of everything in the world that can make a difference later.
std::uint64_t hash_of(const world& w);

} // namespace seccomp_sim

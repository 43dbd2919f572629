// Runs in the kernel, once for each task of an iteration: notes the task, the filters on its path and those
// whose listeners it has open. It reads and never writes; structures are found by name when it is loaded
// (CO-RE).
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "iterator_records.h"

// The kernel's structures, as far as they matter here.
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
    int counter;
} atomic_t;
struct refcount_struct {
    atomic_t refs;
};
struct list_head {
    struct list_head *next, *prev;
};
struct wait_queue_head {
    struct list_head head;
};
struct notification {
    atomic_t requests;
    struct list_head notifications;
};
struct semaphore {
    unsigned int count;
};
// Before 6.6.
struct notification___semaphore {
    struct semaphore request;
};
struct seccomp_filter {
    struct refcount_struct refs;
    struct refcount_struct users;
    struct seccomp_filter* prev;
    struct notification* notif;
    struct wait_queue_head wqh;
};
struct seccomp {
    int mode;
    atomic_t filter_count;
    struct seccomp_filter* filter;
};
struct file_operations {
    const void* release;
};
struct file {
    const struct file_operations* f_op;
    void* private_data;
};
struct fdtable {
    unsigned int max_fds;
    struct file** fd;
};
struct files_struct {
    struct fdtable* fdt;
};
struct ns_common {
    unsigned int inum;
};
struct pid_namespace {
    struct ns_common ns;
};
struct upid {
    int nr;
    struct pid_namespace* ns;
};
struct pid {
    unsigned int level;
    struct upid numbers[1];
};
struct task_struct {
    unsigned int flags;
    int exit_state;
    int pid;
    int tgid;
    char comm[16];
    struct task_struct* group_leader;
    struct pid* thread_pid;
    struct seccomp seccomp;
    struct files_struct* files;
};
enum notify_state { SECCOMP_NOTIFY_INIT };
struct seccomp_knotif {
    struct task_struct* task;
    unsigned long long id;
    enum notify_state state;
    struct list_head list;
};
struct bpf_iter_meta {
    unsigned long long seq_num;
};
struct bpf_iter__task {
    struct bpf_iter_meta* meta;
    struct task_struct* task;
};

#pragma clang attribute pop

#define PF_EXITING 0x4
#define PF_KTHREAD 0x200000
#define MOST_OPEN_FILES 65536
#define MOST_LEVELS 32

char gpl[] SEC("license") = "GPL";

/// The inode of the reader's pid namespace; 0 when it is the first one.
const volatile unsigned int pid_namespace_inode = 0;

/// What makes a file a listener. Functions have an address in every kernel's symbols, tables not in each.
extern const void seccomp_notify_release __ksym;

struct iterator_look look;

/// Process -> the look that asked for it last. In the numbers of the reader's namespace.
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, MOST_PROCESSES);
    __type(key, int);
    __type(value, unsigned int);
} wanted SEC(".maps");

/// Address of a filter or fd table -> the look that has met it last.
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 2 * MOST_FILTERS);
    __type(key, unsigned long long);
    __type(value, unsigned int);
} met SEC(".maps");

static int meets_again(const void* object) {
    unsigned long long key = (unsigned long long)object;
    const unsigned int* before = bpf_map_lookup_elem(&met, &key);
    if (before && *before == look.generation)
        return 1;
    unsigned int now = look.generation;
    bpf_map_update_elem(&met, &key, &now, BPF_ANY);
    return 0;
}

static int number_in_namespace(struct task_struct* task) {
    if (pid_namespace_inode == 0)
        return BPF_CORE_READ(task, pid);
    struct pid* pid = BPF_CORE_READ(task, thread_pid);
    if (!pid)
        return 0;
    unsigned int level = BPF_CORE_READ(pid, level);
    for (unsigned int i = 0; i < MOST_LEVELS && i <= level; ++i) {
        struct upid id = {};
        bpf_probe_read_kernel(&id, sizeof id,
                              (const char*)pid + bpf_core_field_offset(struct pid, numbers) + i * sizeof id);
        if (BPF_CORE_READ(id.ns, ns.inum) == pid_namespace_inode)
            return id.nr;
    }
    return 0;
}

struct knotif_walk {
    const struct list_head* head;
    const struct list_head* at;
    unsigned long long filter;
};

static long note_knotif(unsigned int i, void* context) {
    struct knotif_walk* walk = context;
    // Apart from the walk, whose layout is ours and not to be looked for in the kernel.
    const struct list_head* at = walk->at;
    if (!at || at == walk->head)
        return 1;
    unsigned int n = look.notifications;
    if (n >= MOST_NOTIFICATIONS) {
        look.overflow = 1;
        return 1;
    }
    const struct seccomp_knotif* k =
        (const void*)((const char*)at - bpf_core_field_offset(struct seccomp_knotif, list));
    struct iterator_notification* out = &look.notification[n];
    out->filter = walk->filter;
    out->id = BPF_CORE_READ(k, id);
    out->state = (unsigned int)BPF_CORE_READ(k, state);
    struct task_struct* task = BPF_CORE_READ(k, task);
    out->tid = task ? number_in_namespace(task) : 0;
    look.notifications = n + 1;
    walk->at = BPF_CORE_READ(at, next);
    return 0;
}

static void note_notifications(struct iterator_filter* out, struct notification* notif) {
    out->has_listener = notif != 0;
    out->requests = 0;
    if (!notif)
        return;
    if (bpf_core_field_exists(notif->requests))
        out->requests = BPF_CORE_READ(notif, requests.counter);
    else
        out->requests = (int)BPF_CORE_READ((struct notification___semaphore*)notif, request.count);
    const struct list_head* head =
        (const void*)((const char*)notif + bpf_core_field_offset(struct notification, notifications));
    struct knotif_walk walk = {head, BPF_CORE_READ(head, next), out->address};
    bpf_loop(MOST_NOTIFICATIONS, note_knotif, &walk, 0);
}

struct path_walk {
    struct seccomp_filter* at;
};

static long note_filter(unsigned int i, void* context) {
    struct path_walk* walk = context;
    struct seccomp_filter* f = walk->at;
    if (!f || meets_again(f))
        return 1;
    unsigned int n = look.filters;
    if (n >= MOST_FILTERS) {
        look.overflow = 1;
        return 1;
    }
    struct iterator_filter* out = &look.filter[n];
    out->address = (unsigned long long)f;
    walk->at = BPF_CORE_READ(f, prev);
    out->prev = (unsigned long long)walk->at;
    out->usage = (unsigned int)BPF_CORE_READ(f, refs.refs.counter);
    out->live = (unsigned int)BPF_CORE_READ(f, users.refs.counter);
    const char* waiters = (const char*)f + bpf_core_field_offset(struct seccomp_filter, wqh) +
                          bpf_core_field_offset(struct wait_queue_head, head);
    out->waited_on = (const char*)BPF_CORE_READ((const struct list_head*)waiters, next) != waiters;
    look.filters = n + 1;
    note_notifications(out, BPF_CORE_READ(f, notif));
    return 0;
}

static void note_path(struct seccomp_filter* leaf) {
    struct path_walk walk = {leaf};
    bpf_loop(MOST_FILTERS, note_filter, &walk, 0);
}

struct file_walk {
    struct file** fds;
    unsigned int max_fds;
};

static long note_listener(unsigned int i, void* context) {
    const struct file_walk* walk = context;
    if (i >= walk->max_fds)
        return 1;
    struct file* file = 0;
    bpf_probe_read_kernel(&file, sizeof file, walk->fds + i);
    if (file && BPF_CORE_READ(file, f_op, release) == &seccomp_notify_release)
        note_path(BPF_CORE_READ(file, private_data));
    return 0;
}

/// A filter whose tasks are all gone is still held by its listener.
static void note_open_listeners(struct task_struct* task) {
    struct files_struct* files = BPF_CORE_READ(task, files);
    if (!files || meets_again(files))
        return;
    struct file_walk walk = {};
    walk.fds = BPF_CORE_READ(files, fdt, fd);
    walk.max_fds = BPF_CORE_READ(files, fdt, max_fds);
    bpf_loop(MOST_OPEN_FILES, note_listener, &walk, 0);
}

static int is_wanted(int tgid) {
    const unsigned int* generation = bpf_map_lookup_elem(&wanted, &tgid);
    return generation && *generation == look.generation;
}

SEC("iter/task")
int note_task(struct bpf_iter__task* context) {
    struct task_struct* task = context->task;
    if (!task || (task->flags & PF_KTHREAD))
        return 0;
    struct seccomp_filter* leaf = BPF_CORE_READ(task, seccomp.filter);
    if (look.all && !leaf)
        return 0;
    int tgid = pid_namespace_inode == 0 ? task->tgid : number_in_namespace(task->group_leader);
    if (tgid == 0 || (!look.all && !is_wanted(tgid)))
        return 0;
    unsigned int n = look.tasks;
    if (n >= MOST_TASKS) {
        look.overflow = 1;
        return 0;
    }
    struct iterator_task* out = &look.task[n];
    out->filter = (unsigned long long)leaf;
    out->tid = number_in_namespace(task);
    out->tgid = tgid;
    out->mode = (unsigned int)BPF_CORE_READ(task, seccomp.mode);
    out->filter_count = (unsigned int)BPF_CORE_READ(task, seccomp.filter_count.counter);
    out->exiting = (task->flags & PF_EXITING) != 0;
    out->exit_state = (unsigned int)task->exit_state;
    bpf_core_read_str(out->comm, sizeof out->comm, &task->comm);
    look.tasks = n + 1;
    note_path(leaf);
    note_open_listeners(task);
    return 0;
}

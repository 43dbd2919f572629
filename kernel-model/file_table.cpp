// Fd tables slot by slot, and the references to files: fs/file.c and the counting half of fs/file_table.c.
#include "kernel-model/file_table.hpp"

#include <algorithm>
#include <cerrno>

namespace seccomp_sim {
namespace {

using slot_list = std::vector<fd_slot>;

/// The first fd that is not a standard stream.
constexpr index_type first_fd = 3;

slot_list::iterator slot_at(slot_list& slots, index_type fd) {
    return std::lower_bound(slots.begin(), slots.end(), fd,
                            [](const fd_slot& slot, index_type number) { return slot.fd < number; });
}

/// The slot of that number, open or reserved, or the end.
slot_list::iterator find_slot(slot_list& slots, index_type fd) {
    const auto place = slot_at(slots, fd);
    return place != slots.end() && place->fd == fd ? place : slots.end();
}

/// find_next_fd. Where the numbers have no gap, a slot's place says its number.
index_type lowest_free(slot_list& slots) {
    const auto begin = slot_at(slots, first_fd);
    const auto gap = std::partition_point(begin, slots.end(), [&](const fd_slot& slot) {
        return slot.fd == first_fd + static_cast<index_type>(&slot - &*begin);
    });
    return first_fd + static_cast<index_type>(gap - begin);
}

/// The table of a task, which gets an empty one if it has none yet.
files& table_of(kernel& k, task_id t) {
    task& record = k.w.tasks[t];
    if (!record.files) {
        record.files = k.w.fd_tables.allocate();
        k.w.fd_tables[record.files].refs = 1;
    }
    return k.w.fd_tables[record.files];
}

/// dup_fd: a copy of what is open; what is only reserved is not copied.
files_id dup_fd(kernel& k, files_id from) {
    const files_id copy = k.w.fd_tables.allocate();
    files& table = k.w.fd_tables[copy];
    table.refs = 1;
    for (const fd_slot& slot : k.w.fd_tables[from].slots) {
        if (!slot.file)
            continue;
        get_file(k, slot.file);
        table.slots.push_back(slot);
    }
    return copy;
}

} // namespace

file_id new_file(kernel& k, file_kind kind, index_type object, name_id name) {
    const file_id f = k.w.open_files.allocate();
    file& record = k.w.open_files[f];
    record.kind = kind;
    record.refs = 1;
    record.object = object;
    record.name = name;
    return f;
}

void fput(kernel& k, file_id f) {
    file& record = k.deref(f);
    if (--record.refs > 0)
        return;
    record.next_work = k.current().works;
    k.current().works = f;
}

fd_slot* find_fd(kernel& k, task_id t, name_id name) {
    const files_id table = k.w.tasks[t].files;
    if (!table || !name)
        return nullptr;
    for (fd_slot& slot : k.w.fd_tables[table].slots)
        if (slot.name == name && slot.file)
            return &slot;
    return nullptr;
}

file_id fget(kernel& k, task_id t, name_id name) {
    const fd_slot* slot = find_fd(k, t, name);
    if (!slot)
        return none;
    get_file(k, slot->file);
    return slot->file;
}

std::int32_t get_unused_fd(kernel& k, task_id t, bool cloexec) {
    slot_list& slots = table_of(k, t).slots;
    const index_type fd = lowest_free(slots);
    if (fd >= k.group_of(t).limit_nofile)
        return -EMFILE;
    slots.insert(slot_at(slots, fd), fd_slot{fd, none, none, cloexec});
    return static_cast<std::int32_t>(fd);
}

void put_unused_fd(kernel& k, task_id t, std::int32_t fd) {
    slot_list& slots = table_of(k, t).slots;
    slots.erase(find_slot(slots, static_cast<index_type>(fd)));
}

void fd_install(kernel& k, task_id t, std::int32_t fd, file_id f, name_id name) {
    slot_list& slots = table_of(k, t).slots;
    const auto slot = find_slot(slots, static_cast<index_type>(fd));
    slot->file = f;
    slot->name = name;
}

std::int32_t receive_fd(kernel& k, task_id t, file_id f, name_id name, bool cloexec) {
    const std::int32_t fd = get_unused_fd(k, t, cloexec);
    if (fd < 0)
        return fd;
    get_file(k, f);
    fd_install(k, t, fd, f, name);
    return fd;
}

std::int32_t replace_fd(kernel& k, task_id t, std::int32_t fd, file_id f, name_id name, bool cloexec,
                        file_id& replaced) {
    const auto number = static_cast<index_type>(fd);
    if (number >= k.group_of(t).limit_nofile)
        return -EBADF;
    slot_list& slots = table_of(k, t).slots;
    auto slot = find_slot(slots, number);
    if (slot == slots.end())
        slot = slots.insert(slot_at(slots, number), fd_slot{number, none, none, 0});
    else if (!slot->file)
        return -EBUSY;
    get_file(k, f);
    replaced = slot->file;
    slot->file = f;
    slot->name = name;
    slot->cloexec = cloexec;
    return fd;
}

file_id file_close_fd(kernel& k, task_id t, name_id name) {
    const fd_slot* slot = find_fd(k, t, name);
    if (!slot)
        return none;
    const file_id f = slot->file;
    slot_list& slots = table_of(k, t).slots;
    slots.erase(slots.begin() + (slot - slots.data()));
    return f;
}

void copy_files(kernel& k, task_id child, bool share) {
    if (share) {
        files& table = table_of(k, k.self);
        ++table.refs;
        k.w.tasks[child].files = k.current().files;
        return;
    }
    const files_id mine = k.current().files;
    if (mine && !k.w.fd_tables[mine].slots.empty())
        k.w.tasks[child].files = dup_fd(k, mine);
}

void drop_files(kernel& k, task_id child) {
    const files_id table = k.w.tasks[child].files;
    k.w.tasks[child].files = none;
    if (!table || --k.w.fd_tables[table].refs > 0)
        return;
    // Nobody else ever saw this copy, so only the last puts matter, and those are the running task's to work
    // off.
    for (const fd_slot& slot : k.w.fd_tables[table].slots)
        fput(k, slot.file);
    k.w.fd_tables.free(table);
}

void unshare_files(kernel& k, task_id t) {
    const files_id shared = k.w.tasks[t].files;
    if (!shared || k.w.fd_tables[shared].refs == 1)
        return;
    // The kernel copies, switches and puts the old table one after the other. The copy is private, and it
    // keeps every file open that the old one has; so who puts the old one last makes no difference but to who
    // closes it.
    k.w.tasks[t].files = dup_fd(k, shared);
    --k.w.fd_tables[shared].refs;
}

} // namespace seccomp_sim

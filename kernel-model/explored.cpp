// What an explorer needs of a kernel beside its journal: the little that is in no table, kept and put back as
// a whole, and a world as bytes.
#include "seccomp_sim/kernel.hpp"

#include <utility>

namespace seccomp_sim {
namespace {

template <class T>
void put(std::vector<std::byte>& out, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof value);
}

template <class T>
void put_all(std::vector<std::byte>& out, const std::vector<T>& values) {
    put(out, static_cast<index_type>(values.size()));
    for (const T& value : values)
        put(out, value);
}

template <class T>
void take(const std::byte*& from, T& value) {
    std::memcpy(static_cast<void*>(&value), from, sizeof value);
    from += sizeof value;
}

template <class T>
void take_all(const std::byte*& from, std::vector<T>& values) {
    index_type size = 0;
    take(from, size);
    values.resize(size);
    for (T& value : values)
        take(from, value);
}

} // namespace

void kernel::keep_rest(unjournaled& out) const {
    out.globals = w;
    out.listeners = listeners_;
    out.pid_queues = w.pid_queues;
    out.named_tasks = w.named_tasks;
    out.named_filters = w.named_filters;
    out.named_notifications = w.named_notifications;
    out.accounts = accounts_;
}

void kernel::put_back_rest(const unjournaled& kept) {
    static_cast<world_globals&>(w) = kept.globals;
    listeners_ = kept.listeners;
    w.pid_queues = kept.pid_queues;
    w.named_tasks = kept.named_tasks;
    w.named_filters = kept.named_filters;
    w.named_notifications = kept.named_notifications;
    accounts_ = kept.accounts;
    touched_.clear();
    violations.clear();
    forget_rest();
}

void kernel::forget_rest() {
    for (const filter_id f : touched_rest_)
        account_of(f).waits_for_rest = 0;
    touched_rest_.clear();
    sleepers_.clear();
}

void kernel::pack(std::vector<std::byte>& out) const {
    const world_globals& globals = w;
    put(out, globals);
    put_all(out, w.pid_queues);
    put_all(out, w.named_tasks);
    put_all(out, w.named_filters);
    put_all(out, w.named_notifications);
    w.for_each_table([&](const auto& table) { table.pack(out); });
}

const std::byte* kernel::unpack(const std::byte* from) {
    world_globals globals;
    take(from, globals);
    static_cast<world_globals&>(w) = globals;
    take_all(from, w.pid_queues);
    take_all(from, w.named_tasks);
    take_all(from, w.named_filters);
    take_all(from, w.named_notifications);
    w.for_each_table([&](auto& table) { from = table.unpack(from); });
    log_->clear();
    recount();
    touched_.clear();
    violations.clear();
    forget_rest();
    return from;
}

} // namespace seccomp_sim

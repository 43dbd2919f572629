// What an explorer needs of a kernel beside its journal: the little that is in no table, kept and put back as
// a whole, and a world as bytes.
#include "seccomp_sim/kernel.hpp"

#include <algorithm>
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

void kernel::note_account(filter_id f) const {
    log_->note_access(w.filters, f.index());
}

void kernel::keep_rest(unjournaled& out) const {
    keep_globals(out);
    keep_accounts(out);
    out.lists = w;
    out.listeners = listeners_;
}

void kernel::keep_globals(unjournaled& out) const {
    out.globals = w;
}

void kernel::keep_accounts(unjournaled& out) const {
    out.accounts = accounts_;
}

void kernel::put_back_rest(const unjournaled& kept) {
    put_back_globals(kept);
    put_back_accounts(kept);
    static_cast<world_lists&>(w) = kept.lists;
    listeners_ = kept.listeners;
    forget_touched();
    violations.clear();
    forget_rest();
}

void kernel::put_back_globals(const unjournaled& kept) {
    static_cast<world_globals&>(w) = kept.globals;
}

void kernel::put_back_accounts(const unjournaled& kept) {
    accounts_ = kept.accounts;
}

bool kernel::has_accounts(const unjournaled& kept) const {
    for (std::size_t i = 0; i < std::max(accounts_.size(), kept.accounts.size()); ++i)
        if (account_in(kept.accounts, static_cast<index_type>(i)) != account_at(static_cast<index_type>(i)))
            return false;
    return true;
}

void kernel::forget_touched_rest() {
    for (const filter_id f : touched_rest_)
        waits_for_rest_[f.index()] = 0;
    touched_rest_.clear();
}

void kernel::forget_rest() {
    forget_touched_rest();
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
    forget_touched();
    violations.clear();
    forget_rest();
    return from;
}

} // namespace seccomp_sim

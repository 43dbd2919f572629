// Looks things up in what was read from a kernel.
#include "sim/live/white_box/seccomp_state.hpp"

#include <algorithm>

namespace seccomp_sim::live {
namespace {

template <class Record, class Key>
const Record* find_in_order(const std::vector<Record>& records, Key Record::*key, Key value) {
    const auto at = std::lower_bound(records.begin(), records.end(), value,
                                     [key](const Record& r, const Key& v) { return r.*key < v; });
    return at != records.end() && (*at).*key == value ? &*at : nullptr;
}

template <class Record, class Key>
void order_by(std::vector<Record>& records, Key Record::*key) {
    std::stable_sort(records.begin(), records.end(),
                     [key](const Record& a, const Record& b) { return a.*key < b.*key; });
    const auto doubles = std::unique(records.begin(), records.end(),
                                     [key](const Record& a, const Record& b) { return a.*key == b.*key; });
    records.erase(doubles, records.end());
}

} // namespace

const filter_record* seccomp_state::filter_at(std::uint64_t address) const {
    return find_in_order(filters, &filter_record::address, address);
}

const task_record* seccomp_state::task_of(pid_t tid) const {
    return find_in_order(tasks, &task_record::tid, tid);
}

void put_in_order(seccomp_state& state) {
    order_by(state.tasks, &task_record::tid);
    order_by(state.filters, &filter_record::address);
}

} // namespace seccomp_sim::live

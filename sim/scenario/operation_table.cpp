// The table of operations as a whole.
#include "sim/scenario/operation_table.hpp"

#include <algorithm>
#include <vector>

namespace seccomp_sim::scenario {

namespace {

std::vector<const operation_row*> gather() {
    std::vector<const operation_row*> rows;
    for (const auto& theme : {task_operations(), seccomp_operations(), listener_operations(),
                              file_operations(), ptrace_operations()})
        for (const operation_row& row : theme)
            rows.push_back(&row);
    return rows;
}

bool by_name(const operation_row* a, const operation_row* b) {
    return a->name < b->name;
}

std::vector<const operation_row*> sorted_rows() {
    std::vector<const operation_row*> rows = gather();
    std::sort(rows.begin(), rows.end(), by_name);
    return rows;
}

} // namespace

std::span<const operation_row* const> all_operations() {
    static const std::vector<const operation_row*> rows = gather();
    return rows;
}

const operation_row* find_operation(std::string_view name) {
    static const std::vector<const operation_row*> rows = sorted_rows();
    const auto found =
        std::lower_bound(rows.begin(), rows.end(), name,
                         [](const operation_row* row, std::string_view n) { return row->name < n; });
    return found != rows.end() && (*found)->name == name ? *found : nullptr;
}

} // namespace seccomp_sim::scenario

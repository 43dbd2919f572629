// Names and their numbers: a list, and a hash table of numbers beside it.
#include "sim/scenario/name_table.hpp"

#include <functional>

namespace seccomp_sim::scenario {

name_id name_table::intern(std::string_view name) {
    if (names_.size() * 2 >= slots_.size())
        grow();
    name_id& slot = slots_[slot_of(name)];
    if (!slot) {
        slot = {static_cast<index_type>(names_.size())};
        names_.emplace_back(name);
    }
    return slot;
}

name_id name_table::find(std::string_view name) const {
    return slots_.empty() ? name_id{} : slots_[slot_of(name)];
}

// The slot that holds the name, or the empty one where it belongs.
std::size_t name_table::slot_of(std::string_view name) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = std::hash<std::string_view>{}(name)&mask;
    while (slots_[slot] && names_[slots_[slot].value] != name)
        slot = (slot + 1) & mask;
    return slot;
}

void name_table::grow() {
    constexpr std::size_t first_size = 64;
    slots_.assign(slots_.empty() ? first_size : slots_.size() * 2, name_id{});
    for (index_type i = 0; i < names_.size(); ++i)
        slots_[slot_of(names_[i])] = {i};
}

} // namespace seccomp_sim::scenario

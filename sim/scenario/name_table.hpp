// The names of a scenario, numbered in the order in which they first appear.
#pragma once

#include "seccomp_sim/ids.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::scenario {

/// Strings and their numbers, both ways. A task, an fd and a filter of one name share its number; which of
/// them is meant follows from where the number stands.
class name_table {
  public:
    /// The number of a name, which is new if the name is.
    name_id intern(std::string_view name);
    /// The number of a name, or nothing.
    name_id find(std::string_view name) const;

    const std::string& operator[](name_id name) const { return names_[name.value]; }
    std::size_t size() const { return names_.size(); }
    /// All of them, by number: what kernel::names wants.
    const std::vector<std::string>& all() const { return names_; }

  private:
    std::size_t slot_of(std::string_view name) const;
    void grow();

    std::vector<std::string> names_;
    std::vector<name_id> slots_; // open addressing; at most half full
};

} // namespace seccomp_sim::scenario

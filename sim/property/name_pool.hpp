// Names for what a generator makes: "t1" for tasks, "L1" for listeners and so on.
#pragma once

#include "sim/scenario/name_table.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::property {

/// Gives names of one kind in turn. After `most` of them it begins anew, for histories without an end.
class name_pool {
  public:
    name_pool(std::string_view prefix, std::uint32_t most) : prefix_(prefix), most_(most) {}

    /// The next name. `is_taken(name)` says which must not be given now.
    template <class Taken>
    name_id next(scenario::name_table& names, Taken&& is_taken) {
        for (;;) {
            const std::uint32_t number = next_;
            next_ = next_ + 1 == most_ ? 0 : next_ + 1;
            if (number == given_.size())
                given_.push_back(names.intern(std::string(prefix_) + std::to_string(number + 1)));
            if (!is_taken(given_[number]))
                return given_[number];
        }
    }
    name_id next(scenario::name_table& names) {
        return next(names, [](name_id) { return false; });
    }

  private:
    std::string_view prefix_;
    std::uint32_t most_;
    std::uint32_t next_ = 0;
    std::vector<name_id> given_;
};

} // namespace seccomp_sim::property

// The filters that generated tasks install: one for each thing that a filter can do to a call.
#pragma once

#include "sim/scenario/scenario.hpp"

#include <span>

namespace seccomp_sim::property {

/// The filters, under their names, which are the first of `names` after "init" and "rcu".
struct filter_shelf {
    std::vector<scenario::named_filter> filters;
    scenario::name_table names;
    std::string text; ///< the "filters" object of a scenario
};

/// Made once; the same for every history.
const filter_shelf& shelf();

/// x86-64 numbers of the calls that the filters of the shelf look at, and of some that they do not.
std::span<const std::int32_t> shelf_calls();

} // namespace seccomp_sim::property

// The flags and events that a scenario names, with the kernel's bits. A name may keep its prefix: "TSYNC" is
// "SECCOMP_FILTER_FLAG_TSYNC".
#pragma once

#include "sim/scenario/json_fields.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace seccomp_sim::scenario {

using named_bits = enum_name<std::uint32_t>;

/// One set of names.
struct name_set {
    std::string_view what; ///< for messages: "clone flag"
    std::span<const named_bits> names;
    std::string_view prefix = {};       ///< what a name may begin with
    std::string_view other_prefix = {}; ///< or with this
};

/// What `word` means in `set`, at the place where it stands. Throws input_error.
std::uint32_t bits_at(const document& doc, source_ref word, const name_set& set);
/// The bits of an array of names together.
std::uint32_t list_bits_at(const document& doc, source_ref list, const name_set& set);
/// The names of the bits that are set, as in a scenario: `IN, HUP`; bits without a name are left out.
std::string names_of_bits(std::uint32_t bits, const name_set& set, std::string_view separator = ", ");

/// clone(2), and what fork's and vfork's callers may add.
extern const name_set clone_names;
extern const name_set fork_names;
/// Flags of seccomp(2)'s SET_MODE_FILTER.
extern const name_set install_names;
/// Filters' actions, by their return values.
extern const name_set action_names;
/// sigaction, as request::flags has them.
extern const name_set sigaction_names;
/// wait4's options.
extern const name_set wait_names;
/// The listener's ioctls.
extern const name_set reply_names;
extern const name_set addfd_names;
extern const name_set listener_names;
/// ptrace's options, as task_flag bits.
extern const name_set trace_names;
/// epoll_ctl's events, poll's, and those that either reports.
extern const name_set epoll_names;
extern const name_set poll_names;
extern const name_set reported_names;

} // namespace seccomp_sim::scenario

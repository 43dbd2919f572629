// What a search came to: in words, and as JSON (the certificate). It never says that something holds where a
// limit cut something off.
#pragma once

#include "sim/explore/search.hpp"

#include <string>
#include <vector>

namespace seccomp_sim::explore {

/// What was explored, for the record.
struct explored_subject {
    const scenario::scenario* script = nullptr;
    std::string kernel; ///< as the user named it
    scenario::chosen_kernel choices;
    search_options options;
    std::string no_symmetry; ///< why symmetry found nothing; empty: it was on, or not asked for
};

/// One paragraph: how much was covered, and what that means. Deterministic but for times.
std::string coverage_text(const explored_subject& of, const search_result& r);
/// The verdict in one line: "every interleaving holds", "live-exact is broken", "nothing found within ...".
std::string verdict_text(const search_result& r);
/// Labels of this kernel's functions that were reached by no step, of the functions that were entered.
std::vector<std::string> unreached_labels(const search_result& r);
/// Calls of branches that no way made, each with its place.
std::vector<std::string> never_made_calls(const scenario::scenario& s, const search_result& r);

/// All of it as JSON, with the scenario's hash and every choice of the revision.
std::string certificate_json(const explored_subject& of, const search_result& r);
/// The hash of a scenario's text: the same for the same bytes.
std::string scenario_hash(const scenario::scenario& s);

} // namespace seccomp_sim::explore

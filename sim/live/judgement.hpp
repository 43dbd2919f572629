// What came of holding one scenario against one kernel, whole: for people, for tables, and for handing from
// a guest to the machine that it runs on.
#pragma once

#include "sim/live/comparison.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace seccomp_sim::live {

struct judgement {
    std::string kernel;
    std::string scenario;
    verdict how = verdict::agrees;
    std::size_t steps = 0;
    double seconds = 0; ///< that the comparison took
    std::size_t failing_step = 0;
    std::string step; ///< the failing one, in short
    std::vector<difference> differences;
    std::string why; ///< it cannot be run
    /// Sets of choices under which the model would agree: "release=reap", "live=no recv_unused=wait".
    std::vector<std::string> agreeing_choices;
    std::string minimal; ///< a smallest scenario that still differs, as a file's text
};

/// How a random campaign went.
struct campaign {
    std::string kernel;
    std::size_t scenarios = 0;
    std::size_t steps = 0; ///< compared
    std::size_t differing = 0;
    double seconds = 0;
    std::map<std::string, std::size_t> cut_short; ///< why scenarios could not be run to their end
};

/// Compares, and if there is a difference finds out what there is to say about it.
judgement judge(const scenario::scenario& s, const scenario::chosen_kernel& on, const std::string& kernel,
                const comparison_options& options);

/// Random scenarios with seeds from `seed` on, until `steps` steps were compared or five scenarios differed.
campaign run_campaign(const scenario::chosen_kernel& on, const std::string& kernel,
                      const comparison_options& options, std::size_t steps, std::uint64_t seed,
                      const std::function<void(const judgement&)>& differing);

/// One line of JSON.
std::string to_json(const judgement& j);
std::string to_json(const campaign& c);
/// What a line says that one of them wrote; nothing if it is no such line.
std::variant<std::monostate, judgement, campaign> from_json(const std::string& line);

} // namespace seccomp_sim::live

// When taking a filter's counter up or down is private.
#include "sim/explore/count_effects.hpp"

#include "kernel-model/exit.hpp"
#include "kernel-model/seccomp_filter.hpp"
#include "sim/explore/frames.hpp"

namespace seccomp_sim::explore {
namespace {

/// Whether a task that stays holds a count of `f`, by `flag`, from its own leaf up.
bool has_user_that_stays(const kernel& k, const scenario_facts& facts, filter_id f, std::uint32_t flag) {
    bool found = false;
    k.w.tasks.for_each([&](task_id t, const task& record) {
        if (found || !record.filter || !record.has(flag) || !stays(k, facts, t))
            return;
        for (filter_id at = record.filter; at && !found; at = k.w.filters[at].prev)
            found = at == f;
    });
    return found;
}

} // namespace

bool counts_beside_a_user(const kernel& k, const scenario_facts& facts, task_id who) {
    const frame& call = top_frame<frame>(k, who);
    switch (k.waits_at(who)) {
    case label("get_seccomp_filter/before-usage-inc"):
        return has_user_that_stays(k, facts, top_frame<get_seccomp_filter>(k, who).orig,
                                   task_flag::holds_usage);
    case label("get_seccomp_filter/before-live-inc"):
        return has_user_that_stays(k, facts, top_frame<get_seccomp_filter>(k, who).orig,
                                   task_flag::holds_live);
    case label("seccomp_filter_orphan/before-dec"):
    case label("seccomp_filter_release_fused/before-dec"):
        return has_user_that_stays(k, facts, call.owns_live, task_flag::holds_live);
    case label("put_seccomp_filter/before-dec"):
        // Where release_task lets go of the filter last, the same step puts the task into the RCU worker's
        // queue, in which its place is seen.
        return (k.rev.release != release_point::reap || !is_in<release_task>(k, who)) &&
               has_user_that_stays(k, facts, call.owns_usage, task_flag::holds_usage);
    default:
        return false;
    }
}

} // namespace seccomp_sim::explore

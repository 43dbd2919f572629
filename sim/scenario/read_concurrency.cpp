// Reads calls that are made at the same time, and the schedule that says who goes on when.
#include "sim/scenario/reading.hpp"

#include "seccomp_sim/labels.hpp"
#include "sim/scenario/schedule_text.hpp"

#include <span>
#include <unordered_map>

namespace seccomp_sim::scenario {

namespace {

constexpr std::string_view between = ": ";
constexpr std::string_view expected_entry = R"("task: label", such as "worker: do_exit/before-exit-notify")";

// Which branch each task is in, and where that was first said.
class branch_of_task {
  public:
    void add(reading& r, name_id task, std::size_t branch, source_ref where) {
        const auto [known, is_new] = branches_.try_emplace(task.value, branch, where);
        if (!is_new && known->second.first != branch)
            fail_at(r.doc, where, "the task " + quoted(r.out.names[task]) + " is in two branches",
                    "expected all calls of a task in one branch; the other is in line " +
                        std::to_string(r.doc.place_of(known->second.second).line));
    }

  private:
    std::unordered_map<index_type, std::pair<std::size_t, source_ref>> branches_; // looked up only
};

concurrent_step::branch_call read_branch_call(reading& r, source_ref value, constraint_id on) {
    r.count_step(value);
    object_reader step(r.doc, value, "a call in a branch");
    for (const std::string_view key : {"expect", "concurrently", "repeat"})
        if (const source_ref member = r.doc.find(value, key))
            fail_at_key(r.doc, member, quoted(key) + " inside a branch", "expected calls only, with \"do\"");
    concurrent_step::branch_call out;
    out.info = read_step_info(r, step, on);
    out.call = read_call(r, step, out.info.on);
    if (out.call.special != macro::none)
        fail_at(r.doc, step.required("do"), "\"event_loop\" inside a branch", "expected single calls");
    return out;
}

schedule_entry read_entry(reading& r, source_ref value) {
    const std::string text(r.text_at(value, expected_entry));
    const std::size_t colon = text.find(between);
    if (colon == std::string::npos)
        fail_at(r.doc, value, quoted(text) + " is no entry of a schedule", hint_text(expected_entry, {}));
    const std::string_view task = std::string_view(text).substr(0, colon);
    const std::string_view label = std::string_view(text).substr(colon + between.size());
    schedule_entry entry;
    entry.where = value;
    entry.task = task == "rcu" ? scenario::rcu() : r.names.number_of(task, {value});
    if (entry.task != scenario::rcu())
        r.names.require(entry.task, name_role::task, {value});
    entry.label = label.empty() ? label_id{0} : find_label(label);
    if (entry.label == 0 && label != start_of_call)
        fail_unknown_word(r.doc, value, label, "label of a yield", std::span(yield_labels).subspan(1));
    return entry;
}

} // namespace

concurrent_step read_concurrency(reading& r, object_reader& step, constraint_id on) {
    concurrent_step out;
    branch_of_task tasks;
    r.names.begin_block();
    const source_ref list = step.required("concurrently");
    for (const source_ref branch : array_at(r.doc, list, "an array of branches")) {
        auto& calls = out.branches.emplace_back();
        for (const source_ref call : array_at(r.doc, branch, "an array of calls")) {
            calls.push_back(read_branch_call(r, call, on));
            tasks.add(r, calls.back().call.task, out.branches.size() - 1, call);
        }
        if (calls.empty())
            fail_at(r.doc, branch, "a branch without calls", "expected at least one");
    }
    if (out.branches.empty())
        fail_at(r.doc, list, "no branches", "expected at least one");
    r.names.end_block();

    if (const source_ref schedule = step.optional("schedule")) {
        out.schedule.emplace();
        for (const source_ref entry : array_at(r.doc, schedule, "an array of strings"))
            out.schedule->push_back(read_entry(r, entry));
    }
    if (const source_ref seed = step.optional("seed"))
        out.seed = unsigned_at(r.doc, seed, std::numeric_limits<std::uint64_t>::max());
    step.finish();
    return out;
}

} // namespace seccomp_sim::scenario

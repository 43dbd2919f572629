// The explorer's endings say more than can be compared (who was woken, in which order), so each is gone to
// once more, and told in other words.
#include "sim/live/points/modelled_outcomes.hpp"

#include "kernel-model/task_table.hpp"
#include "seccomp_sim/errno_name.hpp"
#include "sim/explore/search.hpp"
#include "sim/live/points/outcome_text.hpp"
#include "sim/live/view.hpp"
#include "sim/replay/words.hpp"
#include "sim/scenario/input_error.hpp"

#include <utility>

namespace seccomp_sim::live {
namespace {

constexpr std::uint64_t most_states = 5'000'000;

/// Who had which pid, as each namespace sees it. Some are gone at the end.
using known_pids = std::map<std::pair<index_type, std::int64_t>, name_id>;

void note_pids(const kernel& k, known_pids& pids) {
    k.w.tasks.for_each([&](task_id looks, const task& looker) {
        if (!looker.name || looker.has(task_flag::unhashed))
            return;
        const pid_namespace_id ns = k.w.groups[k.w.tasks[looks].group].ns;
        k.w.tasks.for_each([&](task_id t, const task& record) {
            if (record.name && ns && !record.has(task_flag::unhashed))
                pids[{ns.value, pid_seen_from(k, t, ns)}] = record.name;
        });
    });
}

class teller {
  public:
    teller(const scenario::scenario& s, const scenario::chosen_kernel& on, std::size_t block)
        : s_(s), on_(on), at_(block), block_(std::get<scenario::concurrent_step>(s.steps[block].what)) {
        options_.observations = true;
    }

    std::string tell(const explore::path& way);

  private:
    std::string value_text(const request& asked, pid_namespace_id ns, std::int64_t value) const;
    void add_calls(const explore::position& p, block_ending& seen) const;

    const scenario::scenario& s_;
    const scenario::chosen_kernel& on_;
    std::size_t at_;
    const scenario::concurrent_step& block_;
    explore::position_options options_;
    known_pids pids_;
    std::map<name_id, pid_namespace_id> namespaces_;
};

std::string teller::value_text(const request& asked, pid_namespace_id ns, std::int64_t value) const {
    if (asked.op == operation::system_call && (value >= 0 || value == asked.native) && !gives_pid(asked))
        return goes_through;
    if (value < 0 && value > -4096)
        return errno_text(static_cast<int>(-value));
    if (value > 0 && gives_pid(asked))
        if (const auto whose = pids_.find({ns.value, value}); whose != pids_.end())
            return "pid of " + std::string(s_.name_of(whose->second));
    return asked.op == operation::send_fd ? "0" : std::to_string(value);
}

void teller::add_calls(const explore::position& p, block_ending& seen) const {
    const kernel& k = p.model();
    for (std::size_t b = 0; b < block_.branches.size(); ++b) {
        seen.calls.emplace_back(block_.branches[b].size());
        const std::uint32_t made = p.made()[at_][b];
        for (std::size_t i = 0; i < block_.branches[b].size(); ++i) {
            const scenario::call_step& call = block_.branches[b][i].call;
            const task_id t = find_task(k, call.task);
            const bool dead = !t || k.w.tasks[t].exit_state != exit_state::alive;
            call_ending& c = seen.calls[b][i];
            c.ended = dead       ? call_ending::how::dies
                      : i < made ? call_ending::how::blocks
                                 : call_ending::how::not_begun;
            for (const explore::observation& o : p.observations())
                if (o.what == explore::observation::kind::returned && o.who == call.task &&
                    o.branch == i + 1) {
                    const auto ns = namespaces_.find(call.task);
                    c = {call_ending::how::returned,
                         value_text(call.asked, ns != namespaces_.end() ? ns->second : pid_namespace_id{},
                                    o.value)};
                }
        }
    }
}

std::string teller::tell(const explore::path& way) {
    explore::position p(s_, on_, options_);
    const auto mark = p.make_mark();
    pids_.clear();
    std::set<name_id> everybody;
    std::set<name_id> listeners;
    const auto note = [&] {
        note_pids(p.model(), pids_);
        p.model().w.tasks.for_each([&](task_id, const task& t) {
            if (!t.name || t.has(task_flag::kernel_thread))
                return;
            everybody.insert(t.name);
            namespaces_[t.name] = p.model().w.groups[t.group].ns;
        });
    };
    note();
    p.model().w.open_files.for_each([&](file_id, const file& f) {
        if (f.kind == file_kind::listener && f.name)
            listeners.insert(f.name);
    });
    for (const explore::choice c : way) {
        if (c == explore::go_on_choice)
            p.go_on(*mark);
        else
            p.take(c, *mark);
        note();
    }
    block_ending seen;
    add_calls(p, seen);
    for (const name_id who : everybody) {
        const task_id t = find_task(p.model(), who);
        const bool gone = !t || p.model().w.tasks[t].has(task_flag::unhashed);
        if (gone || p.model().w.tasks[t].exit_state != exit_state::alive)
            seen.dead[std::string(s_.name_of(who))] = gone ? "gone" : "zombie";
    }
    for (const replay::poll_state& poll : p.final_polls())
        if (listeners.count(poll.fd) != 0)
            seen.polls[std::string(s_.name_of(poll.fd))] = replay::event_names(poll.events & shown_events);
    return outcome_text(s_, block_, seen);
}

} // namespace

modelled_outcomes outcomes_of_model(const scenario::scenario& s, const scenario::chosen_kernel& on) {
    const auto block = first_block(s, on);
    if (!block)
        throw scenario::input_error({s.text ? place{s.text->file(), 1, 1, ""} : place{},
                                     "nothing happens at the same time in this scenario",
                                     "a concurrently block"});
    scenario::scenario start = s;
    start.steps.resize(*block + 1);
    explore::search_options options;
    options.outcomes = true;
    options.all_findings = true;
    options.max_states = most_states;
    const explore::search_result r = explore::search(start, on, options).run();
    modelled_outcomes result;
    if (r.why != explore::stop_reason::exhausted)
        result.missing = "the model has more than " + std::to_string(most_states) + " states";
    else if (!r.findings.empty())
        result.missing = "the model breaks " + std::string(name_of(r.findings.front().what.which)) +
                         ", and what comes after that is not explored";
    teller words(start, on, *block);
    for (const auto& [text, e] : r.endings)
        result.all.insert(words.tell(e.way));
    return result;
}

} // namespace seccomp_sim::live

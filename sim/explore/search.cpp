// A search: shares the work among its workers and puts together what they found.
#include "sim/explore/search.hpp"

#include "sim/explore/worker.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <tuple>

namespace seccomp_sim::explore {
namespace {

void merge_findings(std::vector<finding>& into, const std::vector<finding>& from) {
    for (const finding& f : from) {
        const auto same = std::find_if(into.begin(), into.end(), [&](const finding& g) {
            return g.what.which == f.what.which && g.at == f.at && g.before_it == f.before_it;
        });
        if (same == into.end()) {
            into.push_back(f);
        } else {
            same->times += f.times;
            if (f.way.size() < same->way.size()) {
                same->way = f.way;
                same->what = f.what;
            }
        }
    }
}

void merge(search_result& into, const search_result& from) {
    into.transitions += from.transitions;
    into.atomic_steps += from.atomic_steps;
    into.rests += from.rests;
    into.collision_bound += from.collision_bound;
    into.cycles += from.cycles;
    into.depth = std::max(into.depth, from.depth);
    into.bounded |= from.bounded;
    merge_findings(into.findings, from.findings);
    for (const auto& [text, e] : from.endings) {
        ending& mine = into.endings[text];
        if (mine.count == 0 || e.way.size() < mine.way.size())
            mine.way = e.way;
        mine.count += e.count;
    }
    into.label_counts.resize(yield_labels.size());
    for (std::size_t i = 0; i < from.label_counts.size(); ++i)
        into.label_counts[i] += from.label_counts[i];
    into.made.resize(std::max(into.made.size(), from.made.size()));
    for (std::size_t i = 0; i < from.made.size(); ++i) {
        into.made[i].resize(from.made[i].size());
        for (std::size_t j = 0; j < from.made[i].size(); ++j)
            into.made[i][j] = std::max(into.made[i][j], from.made[i][j]);
    }
    std::vector<std::pair<label_id, label_id>> pairs;
    std::set_union(into.pairs.begin(), into.pairs.end(), from.pairs.begin(), from.pairs.end(),
                   std::back_inserter(pairs));
    into.pairs.swap(pairs);
    for (std::size_t i = 0; i < into.tested.size(); ++i)
        into.tested[i] += from.tested[i];
}

} // namespace

search::search(const scenario::scenario& s, const scenario::chosen_kernel& on, search_options options)
    : s_(s), on_(on), options_(options), visited_(options.bitstate, options.workers) {
    options_.in_position.observations |= options.outcomes;
}

void search::resume(unfinished_search from) {
    for (const std::uint64_t fingerprint : from.visited)
        visited_.insert(fingerprint);
    work_ = std::move(from.work);
    before_ = std::move(from.so_far);
}

search_result search::run(const progress_report& report) {
    using clock = std::chrono::steady_clock;
    const auto start = clock::now();
    shared_work shared(options_, visited_, stop_);
    std::vector<std::unique_ptr<worker>> workers;
    for (unsigned i = 0; i < std::max(1U, options_.workers); ++i)
        workers.push_back(std::make_unique<worker>(s_, on_, options_, shared, i));
    if (work_.empty())
        work_.push_back(workers[0]->first_work());
    shared.add(std::move(work_), workers.size());
    const auto collect = [&] {
        search_result all = before_;
        for (const auto& w : workers)
            merge(all, w->result());
        all.states = visited_.size();
        all.seconds = before_.seconds + std::chrono::duration<double>(clock::now() - start).count();
        all.visited_bytes = visited_.bytes();
        all.collision_bound += visited_.collision_bound();
        return all;
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < workers.size(); ++i)
        threads.emplace_back([&, i] { workers[i]->work(); });
    workers[0]->work([&](const search_result& mine) {
        if (!report)
            return;
        search_result rough = mine;
        rough.states = visited_.size();
        rough.seconds = before_.seconds + std::chrono::duration<double>(clock::now() - start).count();
        report(rough);
    });
    for (std::thread& t : threads)
        t.join();
    shared.rethrow();
    result_ = collect();
    for (const auto& w : workers)
        w->add_unfinished(left_);
    shared.take_rest(left_);
    result_.why = stop_.load();
    if (!result_.findings.empty() && !options_.all_findings)
        result_.why = stop_reason::violation;
    std::sort(result_.findings.begin(), result_.findings.end(), [](const finding& a, const finding& b) {
        return std::tie(a.what.which, a.at, a.before_it) < std::tie(b.what.which, b.at, b.before_it);
    });
    return result_;
}

unfinished_search search::take_unfinished() {
    return {visited_.all(), std::move(left_), result_};
}

replayed_path replay_path(const scenario::scenario& s, const scenario::chosen_kernel& on,
                          const position_options& options, const path& way) {
    replayed_path out;
    position p(s, on, options);
    p.record_to(&out.steps);
    const auto mark = p.make_mark();
    for (const auto chosen : way) {
        // A way through another scenario may not be one through this.
        if (chosen != go_on_choice && !p.model().can_run(task_of(chosen)))
            return out;
        const auto done = chosen == go_on_choice ? p.go_on(*mark) : p.take(chosen, *mark);
        if (done == position::outcome::violated) {
            out.violations = p.violations();
            break;
        }
    }
    if (out.violations.empty() && !p.check_rest())
        out.violations = p.violations();
    out.observations = p.observations();
    out.at_step = p.at_step();
    return out;
}

} // namespace seccomp_sim::explore

// The shortest way to a broken invariant, layer by layer. What comes out does not depend on how the workers
// share a layer: of two ways to a world the better one is kept, by an order without ties.
#include "sim/explore/shortest.hpp"

#include "sim/explore/ending.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <exception>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace seccomp_sim::explore {
namespace {

/// How many worlds a worker expands between two looks at the limits.
constexpr std::size_t chunk_size = 2048;
constexpr std::uint32_t no_parent = ~std::uint32_t{0};

/// A way to a world: what the number of context switches that will follow depends on, and how it came.
struct way {
    choice last = go_on_choice;
    std::uint32_t switches = 0;
    std::uint64_t tasks = 0;          ///< that took steps, as bits by number; a hint where there are many
    std::uint32_t parent = no_parent; ///< in the trace
    choice taken = go_on_choice;

    auto order() const { return std::tuple(switches, std::popcount(tasks), tasks, parent, taken); }
};

/// A world of a layer, with the best way to it for each task that may have taken the last step.
struct node {
    std::uint64_t fingerprint = 0;
    std::vector<std::byte> state;
    std::vector<way> ways;

    void add(const way& w) {
        const auto same =
            std::find_if(ways.begin(), ways.end(), [&](const way& v) { return v.last == w.last; });
        if (same == ways.end())
            ways.push_back(w);
        else if (w.order() < same->order())
            *same = w;
    }
};

using layer = std::unordered_map<std::uint64_t, node>; // looked up only; sorted before anything depends on it

/// A way that ends in a broken invariant.
struct fatal_way {
    way before;
    bool at_rest = false; ///< no further step: `before` leads there
    violation what;
    label_id label = 0;
};

way extended(const way& from, std::uint32_t trace_index, choice taken) {
    way to = from;
    to.switches += from.last != go_on_choice && from.last != taken ? 1U : 0U;
    to.tasks |= std::uint64_t{1} << (task_of(taken).index() & 63);
    to.last = to.taken = taken;
    to.parent = trace_index;
    return to;
}

class breadth_first {
  public:
    breadth_first(const scenario::scenario& s, const scenario::chosen_kernel& on,
                  const shortest_options& options)
        : options_(options), visited_(0, options.workers) {
        for (unsigned i = 0; i < std::max(1U, options.workers); ++i)
            workers_.push_back(std::make_unique<worker>(s, on, *this, i));
    }

    shortest_result run() {
        std::vector<node> now;
        now.push_back(workers_[0]->first_node());
        visited_.insert(now[0].fingerprint);
        while (!now.empty() && !stopped()) {
            now_bytes_ = std::exchange(next_bytes_, 0);
            layer next;
            std::vector<node> round = std::move(now);
            while (!round.empty() && !stopped())
                round = expand(round, next);
            if (stopped())
                break;
            if (take_best())
                return finish(stop_reason::violation);
            ++out_.layers;
            if (options_.most_steps != 0 && out_.layers > options_.most_steps)
                break;
            now = sorted(next);
        }
        return finish(out_.why);
    }

  private:
    struct traced {
        std::uint32_t parent;
        choice taken;
    };

    /// One worker, and what it found in its part of a layer.
    class worker {
      public:
        worker(const scenario::scenario& s, const scenario::chosen_kernel& on, breadth_first& all,
               std::size_t number)
            : all_(all), number_(number),
              p_(s, on, all.options_.endings.empty() ? single_steps : single_steps_seen),
              before_(p_.make_mark()) {}

        layer next; ///< one step further
        layer here; ///< no step further: the scenario went on
        std::vector<fatal_way> fatal;
        std::exception_ptr failure;

        node first_node() {
            node n;
            n.fingerprint = p_.fingerprint();
            p_.pack(n.state);
            n.ways.push_back({});
            return n;
        }

        void expand(const node* begin, const node* end) {
            try {
                for (; begin != end; ++begin)
                    expand(*begin);
            } catch (...) {
                failure = std::current_exception();
            }
        }

      private:
        void expand(const node& from) {
            p_.unpack(from.state.data());
            p_.candidates(choices_);
            bool moved = false;
            for (const choice who : choices_) {
                const label_id label = p_.model().waits_at(task_of(who));
                const position::outcome done = p_.take(who, *before_);
                if (done == position::outcome::blocked)
                    continue;
                moved = true;
                const way best = best_way(from, [&](const way& w) { return extended(w, w.parent, who); });
                if (done == position::outcome::violated)
                    found(best, false, label);
                else if (!all_.is_last_layer())
                    arrive(next, best);
                p_.undo(*before_);
            }
            if (!moved)
                rest(from);
        }

        void rest(const node& from) {
            const auto as_it_is = [](const way& w) { return w; };
            if (!p_.check_rest()) {
                found(best_way(from, as_it_is), true, 0);
                return;
            }
            if (!all_.options_.endings.empty() && p_.nothing_follows()) {
                if (std::string text = describe_ending(p_); all_.options_.endings.count(text) != 0)
                    fatal.push_back({best_way(from, as_it_is), true, {{}, std::move(text)}, 0});
                return;
            }
            if (p_.at_end())
                return;
            way on = best_way(from, as_it_is);
            on.last = on.taken = go_on_choice;
            if (p_.go_on(*before_) == position::outcome::violated)
                found(on, false, 0);
            else
                arrive(here, on);
        }

        template <class Extend>
        static way best_way(const node& from, Extend&& extend) {
            way best = extend(from.ways.front());
            for (const way& w : from.ways) {
                const way other = extend(w);
                if (other.order() < best.order())
                    best = other;
            }
            return best;
        }

        void arrive(layer& into, const way& by) {
            const std::uint64_t fingerprint = p_.fingerprint();
            const bool is_new = all_.visited_.insert(fingerprint, number_);
            node& n = into[fingerprint];
            n.fingerprint = fingerprint;
            n.add(by);
            if (is_new)
                p_.pack(n.state);
        }

        void found(const way& by, bool at_rest, label_id label) {
            for (const violation& v : p_.violations())
                if (all_.options_.endings.empty() &&
                    (!all_.options_.which || v.which == *all_.options_.which)) {
                    fatal.push_back({by, at_rest, v, label});
                    return;
                }
        }

        breadth_first& all_;
        const std::size_t number_;
        position p_;
        std::unique_ptr<position::mark> before_;
        std::vector<choice> choices_;
    };

    /// Of which only the rests matter.
    bool is_last_layer() const { return options_.most_steps != 0 && out_.layers == options_.most_steps; }
    bool stopped() const { return out_.why != stop_reason::exhausted; }

    /// Expands all of `from` into `next`; gives the worlds of this same layer that were reached.
    std::vector<node> expand(std::vector<node>& from, layer& next) {
        enter_trace(from);
        layer here;
        for (std::size_t begin = 0; begin < from.size() && !stopped();) {
            std::vector<std::thread> threads;
            for (std::size_t i = 0; i < workers_.size() && begin < from.size(); ++i) {
                const std::size_t end = std::min(begin + chunk_size, from.size());
                const node* first = from.data() + begin;
                const node* last = from.data() + end;
                if (end == from.size() && threads.empty())
                    workers_[i]->expand(first, last);
                else
                    threads.emplace_back([w = workers_[i].get(), first, last] { w->expand(first, last); });
                begin = end;
            }
            for (std::thread& t : threads)
                t.join();
            for (const auto& w : workers_) {
                if (w->failure)
                    std::rethrow_exception(w->failure);
                merge(next, w->next);
                merge(here, w->here);
                std::move(w->fatal.begin(), w->fatal.end(), std::back_inserter(fatal_));
                w->fatal.clear();
            }
            look_at_limits();
        }
        // What the scenario reaches by going on is in this layer, also if a step reaches it as well.
        for (auto& [fingerprint, n] : here)
            if (const auto later = next.find(fingerprint); later != next.end()) {
                if (n.state.empty())
                    n.state = std::move(later->second.state);
                next.erase(later);
            }
        return sorted(here);
    }

    /// From now on the parent of a way is its own place in the trace: that of the ways that follow it.
    void enter_trace(std::vector<node>& nodes) {
        for (node& n : nodes)
            for (way& w : n.ways) {
                trace_.push_back({w.parent, w.taken});
                w.parent = static_cast<std::uint32_t>(trace_.size() - 1);
            }
    }

    void merge(layer& into, layer& from) {
        for (auto& [fingerprint, n] : from) {
            node& mine = into[fingerprint];
            mine.fingerprint = fingerprint;
            if (!n.state.empty()) {
                mine.state = std::move(n.state);
                next_bytes_ += mine.state.capacity() + sizeof(node) + sizeof(way) + 32;
            }
            for (const way& w : n.ways)
                mine.add(w);
        }
        from.clear();
    }

    /// The worlds of a layer in a fixed order. Those without a state are of an earlier layer.
    static std::vector<node> sorted(layer& from) {
        std::vector<node> nodes;
        for (auto& [fingerprint, n] : from) {
            if (n.state.empty())
                continue;
            std::sort(n.ways.begin(), n.ways.end(),
                      [](const way& a, const way& b) { return a.last < b.last; });
            nodes.push_back(std::move(n));
        }
        std::sort(nodes.begin(), nodes.end(),
                  [](const node& a, const node& b) { return a.fingerprint < b.fingerprint; });
        from.clear();
        return nodes;
    }

    void look_at_limits() {
        const std::uint64_t bytes =
            visited_.bytes() + trace_.size() * sizeof(traced) + now_bytes_ + next_bytes_;
        out_.bytes = std::max(out_.bytes, bytes);
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
        if (options_.max_states != 0 && visited_.size() >= options_.max_states)
            out_.why = stop_reason::states;
        else if (options_.max_memory != 0 && bytes >= options_.max_memory)
            out_.why = stop_reason::memory;
        else if (options_.max_seconds > 0 && spent.count() >= options_.max_seconds)
            out_.why = stop_reason::time;
    }

    /// Takes the best of the ways found in the present layer, if there is one that is not too long.
    bool take_best() {
        const auto too_long = [&](const fatal_way& f) {
            return options_.most_steps != 0 && steps_of(f) > options_.most_steps;
        };
        fatal_.erase(std::remove_if(fatal_.begin(), fatal_.end(), too_long), fatal_.end());
        const auto best = std::min_element(fatal_.begin(), fatal_.end(), [&](const auto& a, const auto& b) {
            return std::pair(steps_of(a), a.before.order()) < std::pair(steps_of(b), b.before.order());
        });
        if (best == fatal_.end())
            return false;
        finding f;
        f.what = best->what;
        f.at = best->label;
        if (!best->at_rest)
            f.way.push_back(best->before.taken);
        // At rest the parent is the way's own place; otherwise that of the way before the last choice.
        for (std::uint32_t i = best->before.parent; i != no_parent; i = trace_[i].parent)
            if (trace_[i].parent != no_parent)
                f.way.push_back(trace_[i].taken);
        std::reverse(f.way.begin(), f.way.end());
        out_.steps = steps_of(*best);
        out_.switches = best->before.switches;
        out_.found = std::move(f);
        return true;
    }

    std::size_t steps_of(const fatal_way& f) const {
        return out_.layers + (f.at_rest || f.before.taken == go_on_choice ? 0U : 1U);
    }

    shortest_result finish(stop_reason why) {
        out_.why = why;
        out_.states = visited_.size();
        return std::move(out_);
    }

    const shortest_options& options_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    visited_set visited_;
    std::vector<traced> trace_;
    std::vector<fatal_way> fatal_;
    std::vector<std::unique_ptr<worker>> workers_;
    std::uint64_t now_bytes_ = 0;  ///< of the worlds of this layer
    std::uint64_t next_bytes_ = 0; ///< and of the next
    shortest_result out_;
};

} // namespace

shortest_result find_shortest(const scenario::scenario& s, const scenario::chosen_kernel& on,
                              const shortest_options& options) {
    return breadth_first(s, on, options).run();
}

} // namespace seccomp_sim::explore

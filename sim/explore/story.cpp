// The way to a broken invariant in words. The steps are gathered first, since the columns depend on all.
#include "sim/explore/story.hpp"

#include "sim/replay/changes.hpp"
#include "sim/replay/words.hpp"
#include "sim/report/tree.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace seccomp_sim::explore {
namespace {

struct story_step {
    name_id who; ///< nothing: a whole step of the scenario, which `label` describes
    std::string label;
    std::vector<std::string> changes;
    std::optional<violation> fatal;
};

/// The invariant whose breaking ends the story.
bool is_fatal(const violation& v, const std::optional<invariant>& expected) {
    return !expected || v.which == *expected;
}

std::optional<violation> fatal_since(const replay::run& r, std::size_t known,
                                     const std::optional<invariant>& expected) {
    const auto& all = r.violations();
    const auto found = std::find_if(all.begin() + static_cast<std::ptrdiff_t>(known), all.end(),
                                    [&](const violation& v) { return is_fatal(v, expected); });
    return found == all.end() ? std::nullopt : std::optional(*found);
}

/// Runs a scenario up to the fatal step and keeps what there is to tell.
class told_run {
  public:
    told_run(const scenario::scenario& s, const scenario::chosen_kernel& on)
        : s_(s), expected_(scenario::applicability(s, on).violation_of(s)) {
        replay::run_options options;
        options.watch_polls = false;
        const replay::run* now = nullptr;
        options.after_pass = [&](const kernel&, const replay::pass& p) {
            // What the block does after the fatal step is not told any more.
            if (!ended_)
                atomic_step(*now, p);
        };
        replay::run r(s, on, options);
        now = &r;
        before_.emplace(r);
        while (!ended_) {
            const std::size_t told = steps.size();
            auto next = r.next();
            if (!next)
                break;
            const replay::step_report report = scenario::value_or_throw(std::move(*next));
            if (!report.skipped && !ended_)
                whole_step(r, report, told);
        }
    }

    std::vector<story_step> steps;
    std::vector<name_id> tasks; ///< that take atomic steps, in the order of their first ones

  private:
    void atomic_step(const replay::run& r, const replay::pass& p) {
        if (std::find(tasks.begin(), tasks.end(), p.who) == tasks.end())
            tasks.push_back(p.who);
        story_step step;
        step.who = p.who;
        step.label = p.label == 0 ? "enters the kernel" : std::string(label_name(p.label));
        step.changes = replay::changes_since(*before_, r, &p);
        step.fatal = fatal_since(r, before_->violations, expected_);
        ended_ = step.fatal.has_value();
        steps.push_back(std::move(step));
        before_.emplace(r);
    }

    void whole_step(const replay::run& r, const replay::step_report& report, std::size_t told) {
        const bool is_block = std::holds_alternative<scenario::concurrent_step>(report.step->what);
        story_step step;
        step.fatal = fatal_since(r, before_->violations, expected_);
        ended_ = step.fatal.has_value();
        if (std::holds_alternative<scenario::call_step>(report.step->what)) {
            const std::string end = replay::end_text(r, report);
            step.label = replay::step_text(s_, *report.step) + (end.empty() ? "" : " " + end);
            for (const replay::counter_change& c : report.counters)
                step.changes.push_back(replay::counter_text(r, c));
            steps.push_back(std::move(step));
        } else if (is_block && steps.size() > told) {
            step.label = "nobody can go on";
            if (step.fatal)
                steps.push_back(std::move(step));
        }
        before_.emplace(r);
        before_->events = 0;
    }

    const scenario::scenario& s_;
    std::optional<invariant> expected_;
    std::optional<replay::moment> before_;
    bool ended_ = false;
};

std::string cut_to(std::string text, std::size_t width) {
    if (text.size() > width) {
        text.resize(width > 0 ? width - 1 : 0);
        text += '~';
    }
    return text;
}

std::string padded(std::string text, std::size_t width) {
    text = cut_to(std::move(text), width);
    text.resize(width, ' ');
    return text;
}

/// Words of `text` in lines of at most `width`.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
    std::vector<std::string> lines;
    std::string line;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string word = text.substr(at, end - at);
        if (!line.empty() && line.size() + 1 + word.size() > width)
            lines.push_back(std::exchange(line, {}));
        line += (line.empty() ? "" : " ") + word;
        at = end + 1;
    }
    lines.push_back(line);
    return lines;
}

class page {
  public:
    page(const scenario::scenario& s, const told_run& told, const story_options& options)
        : s_(s), told_(told), options_(options) {
        lay_out();
    }

    std::string text() {
        head();
        std::size_t number = 0;
        for (const story_step& step : told_.steps) {
            if (step.who)
                atomic_step(step, ++number);
            else
                whole_step(step);
            if (step.fatal)
                fatal(*step.fatal);
        }
        return std::move(out_);
    }

  private:
    static constexpr std::size_t number_width = 4;
    static constexpr std::size_t narrowest = 16;
    static constexpr std::size_t gap = 2;

    /// Tasks' columns are as wide as their labels need and the page allows. If there are too many tasks for
    /// columns that can be read, one column has them all, with the task's name before each label.
    void lay_out() {
        const std::size_t room = options_.width - std::min(options_.width, number_width + gap);
        const std::size_t least_changes = std::max<std::size_t>(room / 3, 30);
        const std::size_t for_tasks = room > least_changes ? room - least_changes : narrowest;
        std::size_t tasks = std::max<std::size_t>(told_.tasks.size(), 1);
        shared_ = for_tasks / tasks < narrowest + gap;
        if (shared_)
            tasks = 1;
        columns_.assign(tasks, narrowest);
        for (const story_step& step : told_.steps)
            if (step.who)
                widen(column_of(step.who), cell_of(step).size());
        for (std::size_t i = 0; i < tasks && !shared_; ++i)
            widen(i, s_.name_of(told_.tasks[i]).size());
        for (std::size_t& width : columns_)
            width = std::min(width, for_tasks / tasks - gap);
        std::size_t used = number_width + gap;
        for (const std::size_t width : columns_)
            used += width + gap;
        changes_ = options_.width > used + 20 ? options_.width - used : 20;
    }
    void widen(std::size_t column, std::size_t width) {
        columns_[column] = std::max(columns_[column], width);
    }

    std::size_t column_of(name_id who) const {
        if (shared_)
            return 0;
        return static_cast<std::size_t>(std::find(told_.tasks.begin(), told_.tasks.end(), who) -
                                        told_.tasks.begin());
    }

    std::string cell_of(const story_step& step) const {
        return shared_ ? std::string(s_.name_of(step.who)) + ": " + step.label : step.label;
    }

    /// The label, or as much of it as fits: its function, or its place where the task is still in the
    /// function of the line before.
    std::string fitted(const story_step& step, std::size_t width) {
        std::string cell = cell_of(step);
        const std::size_t slash = std::min(cell.find('/'), cell.size());
        const std::string function = cell.substr(0, slash);
        const bool same = std::exchange(functions_[step.who], function) == function;
        if (cell.size() <= width)
            return cell;
        return cut_to(same && slash < cell.size() ? "  " + cell.substr(slash) : function, width);
    }

    void head() {
        out_ += paint("1", s_.name) + "\n";
        if (!s_.summary.empty())
            for (const std::string& line : wrapped(s_.summary, options_.width))
                out_ += line + "\n";
        out_ += "\n";
    }

    void column_heads() {
        if (std::exchange(has_heads_, true))
            return;
        std::string line = padded("step", number_width + gap);
        for (std::size_t i = 0; i < columns_.size(); ++i)
            line +=
                padded(shared_ ? "task: where" : std::string(s_.name_of(told_.tasks[i])), columns_[i] + gap);
        out_ += paint("1", line + "what changes") + "\n";
    }

    void atomic_step(const story_step& step, std::size_t number) {
        column_heads();
        const std::size_t column = column_of(step.who);
        std::string changes;
        for (const std::string& change : step.changes)
            changes += (changes.empty() ? "" : "; ") + change;
        const std::vector<std::string> lines = wrapped(changes, changes_);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            std::string line = i == 0 ? std::to_string(number) : "";
            line.insert(0, number_width > line.size() ? number_width - line.size() : 0, ' ');
            line += std::string(gap, ' ');
            for (std::size_t c = 0; c < columns_.size(); ++c)
                line += padded(i == 0 && c == column ? fitted(step, columns_[c]) : "", columns_[c] + gap);
            line += lines[i];
            line.erase(line.find_last_not_of(' ') + 1);
            out_ += (step.fatal ? paint("31", line) : line) + "\n";
        }
    }

    void whole_step(const story_step& step) {
        std::string line = step.label;
        for (std::size_t i = 0; i < step.changes.size(); ++i)
            line += (i == 0 ? "   (" : "; ") + step.changes[i];
        if (!step.changes.empty())
            line += ")";
        const std::vector<std::string> lines = wrapped(line, options_.width - number_width - gap);
        for (const std::string& one : lines)
            out_ += std::string(number_width + gap, ' ') + one + "\n";
        has_heads_ = false;
    }

    void fatal(const violation& v) {
        const std::string text = std::string(name_of(v.which)) + " is broken: " + v.message;
        out_ += "\n";
        for (const std::string& line : wrapped(text, options_.width))
            out_ += paint("1;31", line) + "\n";
    }

    std::string paint(std::string_view code, std::string_view text) const {
        if (!options_.colour)
            return std::string(text);
        return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
    }

    const scenario::scenario& s_;
    const told_run& told_;
    story_options options_;
    std::vector<std::size_t> columns_;
    std::size_t changes_ = 0;
    std::map<name_id, std::string> functions_; ///< in which each task took its last step
    bool shared_ = false;
    bool has_heads_ = false;
    std::string out_;
};

} // namespace

std::string tell_story(const scenario::scenario& s, const scenario::chosen_kernel& on,
                       const story_options& options) {
    const told_run told(s, on);
    return page(s, told, options).text();
}

std::string fatal_step_dot(const scenario::scenario& s, const scenario::chosen_kernel& on) {
    const std::optional<invariant> expected = scenario::applicability(s, on).violation_of(s);
    std::string before;
    std::string after;
    std::optional<violation> fatal;
    const replay::run* now = nullptr;
    const auto look = [&] {
        if (fatal)
            return;
        fatal = fatal_since(*now, 0, expected);
        (fatal ? after : before) = report::tree_dot_body(*now, fatal ? "after" : "before");
    };
    replay::run_options options;
    options.watch_polls = false;
    options.after_pass = [&](const kernel&, const replay::pass&) { look(); };
    replay::run r(s, on, options);
    now = &r;
    while (!fatal) {
        auto next = r.next();
        if (!next)
            break;
        scenario::value_or_throw(std::move(*next));
        look();
    }
    const auto cluster = [](const std::string& name, const std::string& title, const std::string& body) {
        return "  subgraph cluster_" + name + " {\n    label=\"" + title + "\";\n" + body + "  }\n";
    };
    const std::string what = fatal ? std::string(name_of(fatal->which)) : "no invariant is broken";
    return "digraph fatal_step {\n  rankdir=BT;\n  node [shape=box];\n  label=\"" + what + "\";\n" +
           cluster("before", "before the step", before) + cluster("after", "after the step", after) + "}\n";
}

} // namespace seccomp_sim::explore

// `explore`: every interleaving of what a scenario does at the same time.
#include "sim/cli/commands.hpp"
#include "sim/cli/explore_modes.hpp"

#include "sim/explore/checkpoint.hpp"
#include "sim/explore/overlap.hpp"
#include "sim/explore/reduction_check.hpp"
#include "sim/explore/result_json.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/input_file.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <csignal>
#include <iostream>
#include <unistd.h>

namespace seccomp_sim::cli {
namespace {

/// The search that Ctrl-C ends: it stops where it is, and what is left can be written down.
std::atomic<explore::search*> running_search{nullptr};

void on_interrupt(int) {
    if (explore::search* search = running_search.load())
        search->interrupt();
}

/// While it lives, SIGINT and SIGTERM stop the search instead of the program.
class interruptible {
  public:
    explicit interruptible(explore::search& search) {
        running_search = &search;
        struct sigaction stop {};
        stop.sa_handler = on_interrupt;
        ::sigaction(SIGINT, &stop, &before_int_);
        ::sigaction(SIGTERM, &stop, &before_term_);
    }
    ~interruptible() {
        ::sigaction(SIGINT, &before_int_, nullptr);
        ::sigaction(SIGTERM, &before_term_, nullptr);
        running_search = nullptr;
    }
    interruptible(const interruptible&) = delete;
    interruptible& operator=(const interruptible&) = delete;

  private:
    struct sigaction before_int_ {};
    struct sigaction before_term_ {};
};

/// A line a second on a terminal.
explore::progress_report progress_line() {
    if (::isatty(STDERR_FILENO) == 0)
        return {};
    return [next = 1.0](const explore::search_result& r) mutable {
        if (r.seconds < next)
            return;
        next = r.seconds + 1;
        std::cerr << "\r" << r.states << " states, depth " << r.depth << ", "
                  << static_cast<std::uint64_t>(r.seconds) << " s \033[K" << std::flush;
    };
}

void print_text(const explore::explored_subject& of, const explore::search_result& r) {
    std::cout << of.script->name << " on " << of.kernel << ": " << explore::verdict_text(r) << "\n"
              << explore::coverage_text(of, r);
    for (const explore::finding& f : r.findings)
        std::cout << "  " << name_of(f.what.which) << ": " << f.what.message << "\n    after " << f.way.size()
                  << " choices; seen " << f.times << " times\n";
    for (const auto& [text, e] : r.endings)
        std::cout << "  outcome, " << e.count << " states: " << text << "\n";
    for (const std::string& call : explore::never_made_calls(*of.script, r))
        std::cout << "  no schedule makes this call: " << call << "\n";
}

explore::search_result explore_one(const explore_settings& asked, explore::explored_subject& of) {
    explore::search search(*of.script, of.choices, asked.options);
    {
        const explore::position first(*of.script, of.choices, asked.options.in_position);
        const explore::symmetry* same = first.interchangeable();
        of.no_symmetry = same != nullptr && !same->on() ? same->why_off() : "";
    }
    if (!asked.resume.empty()) {
        const std::string bytes =
            scenario::value_or_throw(scenario::read_input(asked.resume, std::size_t{1} << 40));
        search.resume(scenario::value_or_throw(explore::read_checkpoint(bytes, asked.resume, of)));
    }
    explore::search_result r;
    {
        const interruptible stop(search);
        r = search.run(progress_line());
    }
    if (::isatty(STDERR_FILENO) != 0)
        std::cerr << "\r\033[K";
    const bool cut_off = r.why != explore::stop_reason::exhausted && r.why != explore::stop_reason::violation;
    if (cut_off && !asked.checkpoint.empty()) {
        write_file(asked.checkpoint, explore::write_checkpoint(of, search.take_unfinished()));
        std::cerr << "what is left was written to " << asked.checkpoint << "; go on with --resume\n";
    }
    return r;
}

int check_reductions(const scenario::scenario& s, const named_kernel& kernel, std::uint64_t max_states) {
    const explore::reduction_report r =
        explore::check_reduction(s, kernel.kernel, max_states == 0 ? 1'000'000 : max_states);
    std::cout << s.name << " on " << kernel.name << ": " << r.states << " states, " << r.pairs
              << " pairs of steps in both orders, " << (r.exhausted ? "all there are" : "a limit was hit")
              << "\n";
    for (const std::string& lie : r.lies)
        std::cout << "  marked as private: " << lie << "\n";
    return r.lies.empty() ? all_held : something_failed;
}

int explore_file(const explore_settings& asked) {
    check_revision_options(asked.revisions, asked.settings);
    scenario::scenario s = read_one(asked.path);
    if (!asked.overlap.empty())
        s = explore::overlap_tasks(s, asked.overlap);
    if (!asked.diff.empty())
        return diff_outcomes(s, asked);
    int code = all_held;
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const named_kernel& kernel : kernels_for(s, asked.revisions, asked.settings)) {
        if (!scenario::applicability(s, kernel.kernel)(s.on))
            continue;
        if (asked.check_reduction) {
            code = std::max(code, check_reductions(s, kernel, asked.options.max_states));
            continue;
        }
        explore::explored_subject of{&s, kernel.name, kernel.kernel, asked.options, {}};
        const explore::search_result r = explore_one(asked, of);
        if (asked.format == "json")
            all.push_back(nlohmann::ordered_json::parse(explore::certificate_json(of, r)));
        else
            print_text(of, r);
        if (!asked.certificate.empty())
            write_file(asked.certificate, explore::certificate_json(of, r));
        if (!r.findings.empty()) {
            code = something_failed;
            tell_findings(s, kernel, asked, r);
        }
    }
    if (asked.format == "json")
        std::cout << (all.size() == 1 ? all[0] : all).dump(2) << "\n";
    return code;
}

} // namespace

void add_explore(CLI::App& program, action& chosen) {
    auto asked = std::make_shared<explore_settings>();
    CLI::App* app = program.add_subcommand("explore", "Check every invariant in every interleaving");
    app->add_option("path", asked->path, "A scenario with a concurrent block, or - for standard input")
        ->type_name("FILE|-");
    add_revision_options(*app, asked->revisions, asked->settings,
                         "The kernel revision, or 'all' (default: the newest); may be given again");
    explore::search_options& o = asked->options;
    app->add_option("--overlap", asked->overlap, "Let the steps of these tasks overlap")->delimiter(',');
    app->add_flag("--outcomes", o.outcomes, "List every way in which the scenario can end");
    app->add_option("--diff", asked->diff, "Two revisions: what can be seen on one and not on the other")
        ->expected(2)
        ->allow_extra_args(false) // a file may follow
        ->type_name("A B");
    app->add_flag("--shortest", asked->shortest, "Find a counterexample than which there is none shorter");
    app->add_flag("--all", o.all_findings, "Go on after the first broken invariant");
    app->add_flag("--fair", asked->fair, "Also check that each HUP that is due is delivered");
    app->add_option("--counterexample", asked->counterexample, "Write a counterexample as a scenario")
        ->type_name("FILE");
    app->add_option("--dot", asked->dot, "Write the filter tree around the fatal step, for graphviz")
        ->type_name("FILE");
    app->add_option("--certificate", asked->certificate, "Write what was covered, as JSON")
        ->type_name("FILE");
    app->add_option("--checkpoint", asked->checkpoint, "Where to write what is left when a limit is hit")
        ->type_name("FILE");
    app->add_option("--resume", asked->resume, "Go on from a checkpoint")->type_name("FILE");
    app->add_option("--max-states", o.max_states, "Stop after so many states");
    app->add_option("--max-memory", o.max_memory, "Stop at so many bytes (K, M, G)")
        ->transform(CLI::AsSizeValue(false));
    app->add_option("--max-time", o.max_seconds, "Stop after so many seconds")->check(CLI::NonNegativeNumber);
    app->add_option("--max-preemptions", o.max_preemptions,
                    "Only so many switches away from a task that could go on");
    app->add_option("--max-depth", o.max_depth, "Only ways of so many choices");
    app->add_option("--bitstate", o.bitstate, "Two bits a state in a table of 2^N bits: may miss states")
        ->check(CLI::Range(10, 36))
        ->type_name("N");
    app->add_option("--workers", o.workers, "Threads")->check(CLI::Range(1, 64))->capture_default_str();
    app->add_flag("--no-por", asked->no_por, "Without partial order reduction");
    std::vector<std::string> parts;
    parts.reserve(std::size(explore::reduction_part_names));
    for (const explore::reduction_part& part : explore::reduction_part_names)
        parts.emplace_back(part.name);
    app->add_option("--without", asked->without, "Without these parts of partial order reduction")
        ->delimiter(',')
        ->check(CLI::IsMember(parts));
    app->add_flag("--no-symmetry", asked->no_symmetry, "Without symmetry of interchangeable threads");
    app->add_flag("--no-known-steps", asked->no_known_steps,
                  "Take each step, also where it is known what it changes");
    app->add_flag("--check-reduction", asked->check_reduction,
                  "Test what the partial order reduction takes for granted");
    app->add_flag("--mutants", asked->mutants, "Which invariant kills each mutant (path: a folder)");
    app->add_option("--campaign", asked->campaign,
                    "Explore every small scenario with so many calls at a time")
        ->check(CLI::Range(1, 4))
        ->type_name("SIZE");
    app->add_option("-o,--output", asked->output, "Where --campaign writes its counterexamples")
        ->type_name("FOLDER");
    app->add_option("--format", asked->format, "How to report")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    app->callback([asked, &chosen] {
        asked->options.in_position.partial_order = !asked->no_por;
        for (const explore::reduction_part& part : explore::reduction_part_names)
            asked->options.in_position.parts.*part.part =
                std::find(asked->without.begin(), asked->without.end(), part.name) == asked->without.end();
        // Preemptions are counted by task, so tasks are not interchangeable then.
        asked->options.in_position.symmetric =
            !asked->no_symmetry && !asked->fair && !asked->options.max_preemptions;
        asked->options.in_position.repeat_known = !asked->no_known_steps;
        asked->options.cycles = asked->fair;
        if (asked->fair)
            asked->options.workers = 1;
        if (asked->path.empty() && asked->campaign == 0 && !asked->mutants)
            throw CLI::RequiredError("path");
        chosen = [asked] {
            if (asked->campaign != 0)
                return run_campaign_mode(*asked);
            return asked->mutants ? hunt_mutants_mode(*asked) : explore_file(*asked);
        };
    });
}

} // namespace seccomp_sim::cli

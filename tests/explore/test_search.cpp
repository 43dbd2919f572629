// The explorer: how many states it visits, with and without each reduction, and that nothing is lost by them.
#include "sim/explore/campaign.hpp"
#include "sim/explore/checkpoint.hpp"
#include "sim/explore/mutant_hunt.hpp"
#include "sim/explore/overlap.hpp"
#include "sim/explore/reduction_check.hpp"
#include "sim/explore/result_json.hpp"
#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/read_scenario.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <set>

using namespace seccomp_sim;
using namespace seccomp_sim::explore;

namespace {

scenario::scenario counted(const std::string& name) {
    return scenario::read_scenario_file("tests/explore/counted/" + name + ".json").value();
}

scenario::chosen_kernel on(const scenario::scenario& s, std::string_view preset) {
    return scenario::choose(scenario::parse_preset(preset).value(), s.set);
}

search_options with(bool partial_order, bool symmetric) {
    search_options options;
    options.in_position.partial_order = partial_order;
    options.in_position.symmetric = symmetric;
    options.all_findings = true;
    return options;
}

std::set<invariant> broken(const search_result& r) {
    std::set<invariant> which;
    for (const finding& f : r.findings)
        which.insert(f.what.which);
    return which;
}

std::set<std::string> outcomes(const search_result& r) {
    std::set<std::string> texts;
    for (const auto& [text, e] : r.endings)
        texts.insert(text);
    return texts;
}

struct space {
    const char* file;
    const char* preset;
    bool partial_order, symmetric;
    std::uint64_t states, transitions;
    const char* without = ""; ///< one part of partial order reduction
};

search_options without(std::string_view name, search_options options) {
    for (const reduction_part& part : reduction_part_names)
        options.in_position.parts.*part.part = part.name != name;
    return options;
}

} // namespace

TEST_CASE("State spaces have the size that a hand or SPIN counts, and each reduction makes them smaller",
          "[explore]") {
    const auto expected = GENERATE(values<space>({
        {"two-calls", "v6.15", false, false, 9, 12},
        {"three-calls", "v6.15", false, false, 27, 54},
        {"lock", "v6.15", false, false, 28, 42},
        {"lock", "v6.15", true, false, 20, 30},
        {"shared-table", "v6.15", false, false, 40, 64},
        {"passing-calls", "v6.15", false, false, 25, 40},
        {"passing-calls", "v6.15", true, false, 9, 12, "passing-calls"},
        {"passing-calls", "v6.15", true, false, 4, 4},
        {"tsync-exit-1", "patch-v2", false, false, 349, 631},
        {"tsync-exit-1", "patch-v2", true, false, 16, 22},
        {"tsync-exit-1", "patch-v2", true, false, 32, 46, "counts"},
        {"tsync-exit-1", "patch-v2", true, false, 34, 52, "sections"},
        {"tsync-exit-1", "patch-v2", true, false, 26, 39, "lock-pairs"},
        {"tsync-exit-1", "patch-v2", true, false, 25, 39, "passing-calls"},
        {"tsync-exit-2", "patch-v2", false, false, 9396, 24758},
        // as rumur counts them with exhaustive symmetry on bench/peers/tsync_exit.m
        {"tsync-exit-2", "patch-v2", false, true, 5599, 0},
        {"tsync-exit-2", "patch-v2", true, false, 62, 118},
        {"tsync-exit-2", "patch-v2", true, true, 45, 72},
    }));
    const auto workers = GENERATE(1U, 2U);
    CAPTURE(expected.file, expected.partial_order, expected.symmetric, expected.without, workers);
    const scenario::scenario s = counted(expected.file);
    search_options options = without(expected.without, with(expected.partial_order, expected.symmetric));
    options.workers = workers;
    const search_result r = search(s, on(s, expected.preset), options).run();
    CHECK(r.states == expected.states);
    if (!expected.symmetric) // which of several alike goes first depends on who came first
        CHECK(r.transitions == expected.transitions);
    CHECK(r.findings.empty());
    CHECK(r.why == stop_reason::exhausted);
}

TEST_CASE("Reductions lose no verdict and no outcome of any small scenario", "[explore]") {
    const auto preset = GENERATE(as<std::string_view>{}, "v5.0", "patch-v2", "v5.9", "v6.15");
    for (const std::string& text : campaign_scenarios(2)) {
        const scenario::scenario s = scenario::read_scenario(text, "campaign").value();
        const scenario::chosen_kernel kernel = on(s, preset);
        INFO(preset << " " << s.name);
        const search_result plain = search(s, kernel, with(false, false)).run();
        const search_result reduced = search(s, kernel, with(true, true)).run();
        REQUIRE(broken(plain) == broken(reduced));
        search_options seen = with(false, false);
        seen.outcomes = true;
        const std::set<std::string> all = outcomes(search(s, kernel, seen).run());
        seen.in_position.partial_order = true;
        REQUIRE(outcomes(search(s, kernel, seen).run()) == all);
        for (const reduction_part& part : reduction_part_names) {
            INFO("without " << part.name);
            REQUIRE(broken(search(s, kernel, without(part.name, with(true, true))).run()) == broken(plain));
            REQUIRE(outcomes(search(s, kernel, without(part.name, seen)).run()) == all);
        }
    }
}

TEST_CASE("What is marked as private is private, in every state of every small scenario", "[explore]") {
    const auto preset =
        GENERATE(as<std::string_view>{}, "v5.0", "patch-v2", "v5.9", "v6.2", "v6.11", "v6.15");
    std::uint64_t pairs = 0;
    for (const std::string& text : campaign_scenarios(2)) {
        const scenario::scenario s = scenario::read_scenario(text, "campaign").value();
        const reduction_report r = check_reduction(s, on(s, preset), 2000);
        INFO(preset << " " << s.name << " " << (r.lies.empty() ? "" : r.lies.front()));
        REQUIRE(r.lies.empty());
        pairs += r.pairs;
    }
    CHECK(pairs > 10'000);
}

TEST_CASE("The campaign finds what the revisions are known for, and nothing on the current ones",
          "[explore]") {
    const auto of = [](const char* name) { return scenario::parse_preset(name).value(); };
    campaign_options options;
    const campaign_result r =
        run_campaign({of("v5.0"), of("patch-v2"), of("v5.9"), of("v6.2"), of("v6.11"), of("v6.15")}, options);
    std::set<std::string> names;
    for (const defect& d : r.defects)
        names.insert(defect_file_name(d));
    CHECK(names == std::set<std::string>{"patch-v2-live-exact-put_seccomp_filter.json",
                                         "patch-v2-live-exact-seccomp_release_live.json",
                                         "patch-v2-live-exact-seccomp_sync_threads.json",
                                         "patch-v2-no-leak-rest.json", "v5.0-no-leak-rest.json",
                                         "v5.9-usage-exact-free_task.json"});
    CHECK(r.cut_off == 0);
    options.workers = 1;
    const campaign_result again = run_campaign({of("patch-v2"), of("v5.9")}, options);
    REQUIRE(again.defects.size() == 5);
    for (std::size_t i = 0; i < again.defects.size(); ++i) {
        // The first one of the other is of v5.0.
        CHECK(again.defects[i].scenario == r.defects[i + 1].scenario);
        CHECK(again.defects[i].shortest.way == r.defects[i + 1].shortest.way);
    }
}

TEST_CASE("Every mutant dies", "[explore]") {
    std::vector<scenario::scenario> arena;
    const std::vector<std::string> folder{"scenarios/mutants"};
    const std::vector<std::string> files = scenario::find_scenarios(folder).value();
    for (const std::string& file : files)
        arena.push_back(scenario::read_scenario_file(file).value());
    for (const mutant_verdict& v : hunt_mutants(arena, 200'000)) {
        INFO(v.mutant->name << " on " << v.preset);
        CHECK(!v.killer.empty());
    }
}

TEST_CASE("A search that was stopped goes on from its checkpoint to the same end", "[explore]") {
    const scenario::scenario s = counted("tsync-exit-2");
    search_options options = with(false, true);
    explored_subject of{&s, "patch-v2", on(s, "patch-v2"), options, {}};
    const search_result whole = search(s, of.choices, options).run();
    options.max_states = 500;
    search first(s, of.choices, options);
    const search_result part = first.run();
    REQUIRE(part.why == stop_reason::states);
    CHECK(verdict_text(part).find("holds") == std::string::npos);
    const std::string bytes = write_checkpoint(of, first.take_unfinished());

    const result<unfinished_search> read = read_checkpoint(bytes, "file", of);
    REQUIRE(read);
    search second(s, of.choices, with(false, true));
    second.resume(read.value());
    const search_result rest = second.run();
    CHECK(rest.states == whole.states);
    CHECK(rest.transitions == whole.transitions);
    CHECK(rest.rests == whole.rests);
    CHECK(rest.atomic_steps == whole.atomic_steps);
    // The first is of steps without a label, which no report has.
    CHECK(std::equal(rest.label_counts.begin() + 1, rest.label_counts.end(), whole.label_counts.begin() + 1,
                     whole.label_counts.end()));
    CHECK(rest.why == stop_reason::exhausted);
    CHECK(verdict_text(rest).find("holds") != std::string::npos);

    SECTION("of another kernel it is refused") {
        explored_subject other = of;
        other.choices = on(s, "v5.9");
        CHECK(!read_checkpoint(bytes, "file", other));
    }
    SECTION("cut off it is refused") {
        CHECK(!read_checkpoint(bytes.substr(0, bytes.size() - 5), "file", of));
        CHECK(!read_checkpoint(bytes.substr(0, 40), "file", of));
        CHECK(!read_checkpoint("", "file", of));
        CHECK(!read_checkpoint("{}\n", "file", of));
    }
    SECTION("with a count that is none it is refused") {
        const std::size_t states = bytes.find("\"states\":") + 9;
        for (const std::string_view no_count : {"5666666666666666666666666666666666", "-1.5", "1e300"}) {
            std::string wrong = bytes;
            wrong.replace(states, wrong.find(',', states) - states, no_count);
            CHECK(!read_checkpoint(wrong, "file", of));
        }
    }
    SECTION("with a way that leads nowhere it is refused") {
        unfinished_search wrong = read.value();
        wrong.work.at(0).way.push_back(choice_of(task_id{12345}));
        search third(s, of.choices, with(false, true));
        third.resume(wrong);
        CHECK_THROWS_AS(third.run(), scenario::input_error);
    }
    SECTION("with a choice left that is none it is refused") {
        unfinished_search wrong = read.value();
        wrong.work.at(0).begun = true;
        wrong.work.at(0).left = {choice_of(task_id{12345})};
        search third(s, of.choices, with(false, true));
        third.resume(wrong);
        CHECK_THROWS_AS(third.run(), scenario::input_error);
    }
}

TEST_CASE("A bound on preemptions is told, and one that is wide enough loses nothing", "[explore]") {
    const scenario::scenario s = counted("tsync-exit-1");
    search_options options = with(false, false);
    options.max_preemptions = 0;
    const search_result narrow = search(s, on(s, "patch-v2"), options).run();
    CHECK(narrow.bounded);
    CHECK(verdict_text(narrow).find("bound") != std::string::npos);
    options.max_preemptions = 100;
    CHECK(!search(s, on(s, "patch-v2"), options).run().bounded);
}

TEST_CASE("Bitstate visits no more states than there are, and says what it is", "[explore]") {
    const scenario::scenario s = counted("tsync-exit-2");
    search_options options = with(false, true);
    options.bitstate = 20;
    const search_result r = search(s, on(s, "patch-v2"), options).run();
    CHECK(r.states <= 5599);
    CHECK(r.states > 5000);
    const explored_subject of{&s, "patch-v2", on(s, "patch-v2"), options, {}};
    CHECK(coverage_text(of, r).find("bitstate") != std::string::npos);
}

TEST_CASE("A certificate says what was covered", "[explore]") {
    const scenario::scenario s = counted("tsync-exit-1");
    const search_options options = with(true, true);
    const explored_subject of{&s, "patch-v2", on(s, "patch-v2"), options,
                              "no two threads are interchangeable"};
    const search_result r = search(s, of.choices, options).run();
    const auto json = nlohmann::json::parse(certificate_json(of, r));
    CHECK(json["exhausted"] == true);
    CHECK(json["states"] == r.states);
    CHECK(json["choices"]["release"] == "split");
    CHECK(json["scenario_hash"] == scenario_hash(s));
    CHECK(json["tested"]["live-exact"].get<std::uint64_t>() > 0);
    CHECK(json["labels"].contains("do_exit/before-live-dec"));
    CHECK(!json["label_pairs"].empty());
}

TEST_CASE("What poll would report at the end is part of an outcome", "[explore]") {
    const auto preset = GENERATE(as<std::string_view>{}, "v5.0", "v5.9", "v6.15");
    const scenario::scenario s = scenario::read_scenario(R"({
            "schema": "seccomp-sim/scenario/1", "name": "hup",
            "filters": {"watch": {"allow": 4}},
            "steps": [
                {"task": "init", "do": "fork", "child": "worker"},
                {"task": "worker", "do": "seccomp", "filter": "watch", "flags": ["NEW_LISTENER"],
                 "listener": "L"},
                {"task": "worker", "do": "send_fd", "fd": "L", "to": "init"},
                {"concurrently": [[{"task": "worker", "do": "exit"}], [{"task": "init", "do": "wait"}]]}
            ]})",
                                                         "hup")
                                     .value();
    search_options options = with(false, false);
    options.outcomes = true;
    const std::set<std::string> texts = outcomes(search(s, on(s, preset), options).run());
    REQUIRE(!texts.empty());
    for (const std::string& text : texts) {
        INFO(preset << ": " << text);
        const std::string poll = "poll L: ";
        REQUIRE(text.find(poll) != std::string::npos);
        CHECK((text.find("HUP", text.find(poll)) != std::string::npos) == (preset != "v5.0"));
    }
}

TEST_CASE("One walk that frees on its way holds in every interleaving, and its counting is private",
          "[explore]") {
    scenario::scenario s = counted("tsync-exit-1");
    s.set.clear();
    scenario::chosen_kernel fused = scenario::choose(scenario::parse_preset("v6.15").value());
    fused.choices.walk = exit_walk::fused;
    const search_result plain = search(s, fused, with(false, false)).run();
    CHECK(plain.findings.empty());
    CHECK(plain.why == stop_reason::exhausted);
    CHECK(plain.label_counts[label("seccomp_filter_release_fused/before-dec")] > 0);
    const search_result reduced = search(s, fused, with(true, true)).run();
    CHECK(reduced.findings.empty());
    CHECK(reduced.states < plain.states / 4);
    CHECK(check_reduction(s, fused, 100'000).lies.empty());
}

TEST_CASE("Steps of tasks can be made to overlap", "[explore]") {
    const scenario::scenario s =
        scenario::read_scenario_file("scenarios/lifecycle/filter-empty.json").value();
    const scenario::scenario together = overlap_tasks(s, {"worker", "init"});
    const search_result r = search(together, on(together, "v6.15"), with(true, true)).run();
    CHECK(r.why == stop_reason::exhausted);
    CHECK(r.states > 10);
    CHECK_THROWS_AS(overlap_tasks(s, {"nobody"}), scenario::input_error);
    CHECK_THROWS_AS(search(s, on(s, "v6.15"), {}).run(), scenario::input_error);
}

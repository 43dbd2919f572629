// The report for programs: one JSON object a line, for each step and each verdict. Keys keep their order.
#include "sim/report/report.hpp"

#include "sim/replay/words.hpp"

#include <nlohmann/json.hpp>

namespace seccomp_sim::report {
namespace {

using json = nlohmann::ordered_json;

json failures_of(const std::vector<replay::failure>& failures) {
    json list = json::array();
    for (const replay::failure& f : failures)
        list.push_back({{"file", f.where.file},
                        {"line", f.where.line},
                        {"column", f.where.column},
                        {"pointer", f.where.pointer},
                        {"message", f.message}});
    return list;
}

json violations_of(const std::vector<violation>& violations) {
    json list = json::array();
    for (const violation& v : violations)
        list.push_back({{"invariant", name_of(v.which)}, {"message", v.message}});
    return list;
}

class jsonl_report : public reporter {
  public:
    using reporter::reporter;

    void start_run(const replay::run& r, std::string_view kernel) override {
        line({{"event", "run"}, {"scenario", r.script().name}, {"revision", kernel}});
    }

    void step(const replay::run& r, const replay::step_report& s) override {
        json out = {{"event", "step"}, {"step", s.number}, {"text", replay::step_text(r.script(), *s.step)}};
        if (s.skipped)
            out["skipped"] = true;
        if (const auto* call = std::get_if<scenario::call_step>(&s.step->what)) {
            out["task"] = r.script().name_of(call->task);
            out["do"] = r.script().verb_of(s.step->info);
        }
        if (s.end == replay::call_end::returned)
            out["returned"] = s.value;
        else if (s.end == replay::call_end::blocks || s.end == replay::call_end::died)
            out["returned"] = replay::end_text(r, s);
        if (!s.events.empty()) {
            out["events"] = json::array();
            for (const replay::event& e : s.events)
                out["events"].push_back(replay::event_text(r, e));
        }
        if (!s.counters.empty()) {
            out["counters"] = json::object();
            for (const replay::counter_change& c : s.counters)
                out["counters"][std::string(r.script().name_of(c.filter))] = counters_of(r, c);
        }
        if (!s.polls.empty()) {
            out["poll"] = json::object();
            for (const replay::poll_state& p : s.polls)
                out["poll"][std::string(r.script().name_of(p.fd))] = replay::event_names(p.events);
        }
        if (!s.schedule.empty())
            out["schedule"] = s.schedule;
        if (!s.violations.empty())
            out["violations"] = violations_of(s.violations);
        if (!s.failures.empty())
            out["failures"] = failures_of(s.failures);
        line(out);
    }

    void end_run(const replay::run& r, std::string_view kernel, const verdict& v) override {
        json out = {{"event", "verdict"},
                    {"scenario", r.script().name},
                    {"revision", kernel},
                    {"verdict", !v.skipped.empty() ? "skipped"
                                : v.held()         ? "held"
                                                   : "failed"},
                    {"steps", v.steps}};
        if (!v.skipped.empty())
            out["reason"] = v.skipped;
        if (!v.held())
            out["failures"] = failures_of(v.failures);
        line(out);
    }

    void finish(const totals& t) override {
        line({{"event", "summary"}, {"runs", t.runs}, {"failed", t.failed}, {"skipped", t.skipped}});
    }

  private:
    static json counters_of(const replay::run& r, const replay::counter_change& c) {
        if (c.freed)
            return "freed";
        json counters = {{"usage", c.usage_after}};
        if (r.on().choices.has_live())
            counters["live"] = c.live_after;
        return counters;
    }

    void line(const json& object) { say(object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"); }
};

} // namespace

std::unique_ptr<reporter> make_jsonl(sink out) {
    return std::make_unique<jsonl_report>(std::move(out));
}

} // namespace seccomp_sim::report

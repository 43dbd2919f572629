// The report for people: what each step did, what did not hold, and a verdict. Colour only repeats what the
// words say.
#include "sim/report/report.hpp"

#include "sim/replay/words.hpp"

namespace seccomp_sim::report {
namespace {

class text_report : public reporter {
  public:
    text_report(style how, sink out) : reporter(std::move(out)), how_(how) {}

    void start_run(const replay::run& r, std::string_view kernel) override {
        run_ = paint("1", r.script().name) + " on " + std::string(kernel) + "\n";
        if (!r.script().summary.empty() && !how_.brief)
            run_ += "  " + r.script().summary + "\n";
    }

    void step(const replay::run& r, const replay::step_report& s) override {
        const std::string number = std::to_string(s.number);
        std::string line = std::string(number.size() < 4 ? 4 - number.size() : 0, ' ') + number + "  " +
                           replay::step_text(r.script(), *s.step);
        if (s.skipped) {
            run_ += paint("2", line + "  (not on this kernel)") + "\n";
            return;
        }
        const std::string end = replay::end_text(r, s);
        run_ += line + (end.empty() ? "" : "  " + end) + "\n";
        for (const replay::event& e : s.events)
            run_ += detail(replay::event_text(r, e));
        for (const replay::counter_change& c : s.counters)
            run_ += detail(replay::counter_text(r, c));
        for (const replay::poll_state& p : s.polls)
            run_ += detail("poll of " + std::string(r.script().name_of(p.fd)) + ": " +
                           replay::event_names(p.events));
        if (!s.schedule.empty()) {
            run_ += detail("schedule:");
            for (const std::string& entry : s.schedule)
                run_ += detail("  " + entry);
        }
        for (const violation& v : s.violations)
            run_ += detail(paint("31", std::string(name_of(v.which)) + " is broken") + ": " + v.message);
        for (const replay::failure& f : s.failures)
            run_ += detail(paint("31", "FAILED ") + failure_text(f));
    }

    void end_run(const replay::run& r, std::string_view kernel, const verdict& v) override {
        if (!v.skipped.empty()) {
            say(paint("33", "skip") + "  " + r.script().name + " on " + std::string(kernel) + ": " +
                v.skipped + "\n");
            return;
        }
        if (how_.brief && v.held()) {
            say(paint("32", "ok") + "    " + r.script().name + " on " + std::string(kernel) + ": " +
                std::to_string(v.steps) + " steps\n");
            return;
        }
        say(run_);
        for (const replay::failure& f : v.failures)
            say("  " + failure_text(f) + "\n");
        say((v.held() ? paint("32", "held") : paint("31", "FAILED")) + "  " + r.script().name + " on " +
            std::string(kernel) + ", " + std::to_string(v.steps) + " steps\n\n");
    }

    void finish(const totals& t) override {
        if (t.runs > 1)
            say(std::to_string(t.runs) + " runs: " + std::to_string(t.runs - t.failed - t.skipped) +
                " held, " + std::to_string(t.failed) + " failed, " + std::to_string(t.skipped) +
                " skipped\n");
    }

  private:
    std::string paint(std::string_view code, std::string_view text) const {
        if (!how_.colour)
            return std::string(text);
        return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
    }
    static std::string detail(const std::string& text) { return "        " + text + "\n"; }

    style how_;
    std::string run_;
};

} // namespace

std::unique_ptr<reporter> make_text(style how, sink out) {
    return std::make_unique<text_report>(how, std::move(out));
}

} // namespace seccomp_sim::report

// The report as the kernel's own tests give it: KTAP version 1, a test a run.
#include "sim/report/report.hpp"

namespace seccomp_sim::report {
namespace {

class ktap_report : public reporter {
  public:
    using reporter::reporter;

    void start(std::size_t runs) override { say("KTAP version 1\n1.." + std::to_string(runs) + "\n"); }

    void end_run(const replay::run& r, std::string_view kernel, const verdict& v) override {
        for (const replay::failure& f : v.failures)
            say("# " + failure_text(f) + "\n");
        say(std::string(v.held() ? "ok " : "not ok ") + std::to_string(++number_) + " " + r.script().name +
            "/" + std::string(kernel) + (v.skipped.empty() ? "" : " # SKIP " + v.skipped) + "\n");
    }

    void finish(const totals& t) override {
        say("# Totals: pass:" + std::to_string(t.runs - t.failed - t.skipped) + " fail:" +
            std::to_string(t.failed) + " xfail:0 xpass:0 skip:" + std::to_string(t.skipped) + " error:0\n");
    }

  private:
    std::size_t number_ = 0;
};

} // namespace

std::unique_ptr<reporter> make_ktap(sink out) {
    return std::make_unique<ktap_report>(std::move(out));
}

} // namespace seccomp_sim::report

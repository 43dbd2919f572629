// The report as JUnit XML: a test suite a scenario file, a test case a kernel. No times: they would differ
// between runs.
#include "sim/report/report.hpp"

namespace seccomp_sim::report {
namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            // XML 1.0 has no way to write the other control characters.
            out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
        }
    }
    return out;
}

class junit_report : public reporter {
  public:
    using reporter::reporter;

    void end_run(const replay::run& r, std::string_view kernel, const verdict& v) override {
        cases_ +=
            "    <testcase classname=\"" + escaped(r.script().name) + "\" name=\"" + escaped(kernel) + "\">";
        if (!v.skipped.empty())
            cases_ += "<skipped message=\"" + escaped(v.skipped) + "\"/>";
        for (const replay::failure& f : v.failures)
            cases_ += "<failure message=\"" + escaped(failure_text(f)) + "\"/>";
        cases_ += "</testcase>\n";
    }

    void finish(const totals& t) override {
        const std::string counts = " tests=\"" + std::to_string(t.runs) + "\" failures=\"" +
                                   std::to_string(t.failed) + "\" skipped=\"" + std::to_string(t.skipped) +
                                   "\"";
        say("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + counts +
            ">\n  <testsuite name=\"seccomp-sim\"" + counts + ">\n" + cases_ +
            "  </testsuite>\n</testsuites>\n");
    }

  private:
    std::string cases_;
};

} // namespace

std::unique_ptr<reporter> make_junit(sink out) {
    return std::make_unique<junit_report>(std::move(out));
}

} // namespace seccomp_sim::report

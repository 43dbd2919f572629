// How runs are told: as text for people, as JSON lines, as KTAP, as JUnit XML. A report hears of each run
// step by step.
#pragma once

#include "sim/replay/run.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::report {

/// How one scenario came out on one kernel.
struct verdict {
    std::string skipped;                   ///< why it was not run; empty: it was
    std::vector<replay::failure> failures; ///< of the whole run
    std::size_t steps = 0;                 ///< that happened
    bool held() const { return failures.empty(); }
};

/// The whole invocation.
struct totals {
    std::size_t runs = 0;
    std::size_t failed = 0;
    std::size_t skipped = 0;
};

/// Where a report writes; called with pieces of text in order.
using sink = std::function<void(std::string_view)>;

class reporter {
  public:
    explicit reporter(sink out) : out_(std::move(out)) {}
    virtual ~reporter() = default;
    /// Before anything: how many runs there will be.
    virtual void start(std::size_t /*runs*/) {}
    virtual void start_run(const replay::run& /*r*/, std::string_view /*kernel*/) {}
    virtual void step(const replay::run& /*r*/, const replay::step_report& /*s*/) {}
    virtual void end_run(const replay::run& /*r*/, std::string_view /*kernel*/, const verdict& /*v*/) {}
    virtual void finish(const totals& /*t*/) {}

  protected:
    void say(std::string_view text) { out_(text); }

  private:
    sink out_;
};

enum class format : std::uint8_t { text, jsonl, ktap, junit };

struct style {
    bool colour = false;
    bool brief = false; ///< text: a line a run, and steps only where something failed
};

std::unique_ptr<reporter> make_reporter(format f, style how, sink out);

std::unique_ptr<reporter> make_text(style how, sink out);
std::unique_ptr<reporter> make_jsonl(sink out);
std::unique_ptr<reporter> make_ktap(sink out);
std::unique_ptr<reporter> make_junit(sink out);

/// `file:line:column: pointer: message` of a failed expectation.
std::string failure_text(const replay::failure& f);

} // namespace seccomp_sim::report

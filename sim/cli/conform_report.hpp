// How `conform` tells what came out: as text, JSON lines or KTAP, and as the table of scenarios and kernels.
#pragma once

#include "sim/live/judgement.hpp"

#include <map>
#include <string>
#include <vector>

namespace seccomp_sim::cli {

/// "text", "jsonl" or "ktap". Prints judgements as they come; `finish` ends the report.
class conform_report {
  public:
    conform_report(std::string format, bool verbose) : format_(std::move(format)), verbose_(verbose) {}

    void add(const live::judgement& j);
    void add(const live::campaign& c);
    void finish() const;

    std::size_t compared() const { return agree_ + differ_; }
    std::size_t differing() const { return differ_; }

  private:
    void say_difference(const live::judgement& j) const;

    std::string format_;
    bool verbose_;
    /// What was done on a kernel.
    struct work {
        std::size_t steps = 0;
        double seconds = 0;
    };

    void say_rates() const;

    std::map<std::string, work> work_;
    std::size_t agree_ = 0, differ_ = 0, cannot_ = 0;
    std::vector<std::string> ktap_;
};

/// The table scenario x kernel in Markdown, and below it why what cannot run cannot.
std::string conform_table(const std::vector<live::judgement>& all);

} // namespace seccomp_sim::cli

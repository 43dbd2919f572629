// Chooses a report by its format.
#include "sim/report/report.hpp"

namespace seccomp_sim::report {

std::unique_ptr<reporter> make_reporter(format f, style how, sink out) {
    switch (f) {
    case format::jsonl:
        return make_jsonl(std::move(out));
    case format::ktap:
        return make_ktap(std::move(out));
    case format::junit:
        return make_junit(std::move(out));
    case format::text:
        break;
    }
    return make_text(how, std::move(out));
}

std::string failure_text(const replay::failure& f) {
    return to_text(diagnostic{f.where, f.message, ""});
}

} // namespace seccomp_sim::report

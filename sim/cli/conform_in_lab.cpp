// `conform` under a lab kernel: it runs there as it does here, and its results come out line by line.
#include "sim/cli/conform_settings.hpp"

#include "sim/cli/options.hpp"
#include "sim/live/cannot_run.hpp"
#include "sim/live/lab/run_in_guest.hpp"
#include "sim/scenario/find_scenarios.hpp"
#include "sim/scenario/input_error.hpp"

#include <filesystem>

namespace seccomp_sim::cli {
namespace {

/// Cuts what a guest prints into lines and hands on the results that they are.
class result_lines {
  public:
    result_lines(const judgement_sink& judged, const campaign_sink& finished)
        : judged_(judged), finished_(finished) {}

    void take(std::string_view text) {
        rest_ += text;
        for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
            const auto said = live::from_json(rest_.substr(0, end));
            rest_.erase(0, end + 1);
            if (const auto* j = std::get_if<live::judgement>(&said)) {
                ++judgements_;
                judged_(*j);
            } else if (const auto* c = std::get_if<live::campaign>(&said)) {
                finished_(*c);
            }
        }
    }
    std::size_t judgements() const { return judgements_; }

  private:
    const judgement_sink& judged_;
    const campaign_sink& finished_;
    std::string rest_;
    std::size_t judgements_ = 0;
};

std::vector<std::string> command_line(const conform_settings& asked, const std::string& name) {
    std::vector<std::string> argv = {std::filesystem::read_symlink("/proc/self/exe"), "conform",
                                     "--lab-kernel", name};
    for (const auto& [option, value] : std::initializer_list<std::pair<std::string, std::string>>{
             {"--white-box", asked.white_box},
             {"--timeout", std::to_string(asked.timeout)},
             {"--random", std::to_string(asked.random)},
             {"--seed", std::to_string(asked.seed)}}) {
        argv.push_back(option);
        argv.push_back(value);
    }
    for (const std::string& revision : asked.revisions)
        argv.insert(argv.end(), {"--revision", revision});
    for (const std::string& setting : asked.settings)
        argv.insert(argv.end(), {"--set", setting});
    return argv;
}

/// A result comes after each scenario, and one after the whole campaign: two steps that take all of their
/// time, and five steps a second, are slower than any machine that is worth waiting for. (User-mode kernels
/// before 6.1 map all BPF programs anew when one is added: the path limit takes them minutes.)
std::chrono::seconds longest_silence(const conform_settings& asked, std::size_t most_steps) {
    constexpr std::chrono::seconds boot_and_slack(60);
    return boot_and_slack + std::chrono::seconds(static_cast<std::int64_t>(2 * asked.timeout)) +
           std::chrono::seconds(asked.random / 20) + std::chrono::seconds(most_steps / 5);
}

live::judgement ended_at(const std::string& scenario, const std::string& kernel, const std::string& how) {
    live::judgement j;
    j.kernel = kernel;
    j.scenario = scenario;
    j.how = live::verdict::differs;
    j.differences.push_back({"the kernel", "goes on", how});
    return j;
}

} // namespace

void conform_in_lab(const conform_settings& asked, const std::string& name, const judgement_sink& judged,
                    const campaign_sink& finished) {
    const live::lab_kernel kernel = scenario::value_or_throw(live::find_kernel(name));
    std::vector<std::string> files;
    if (!asked.paths.empty())
        files = scenario::value_or_throw(scenario::find_scenarios(asked.paths));
    std::vector<std::string> names;
    names.reserve(files.size());
    std::size_t most_steps = 0;
    for (const std::string& file : files) {
        const scenario::scenario s = read_one(file);
        names.push_back(s.name);
        most_steps = std::max(most_steps, s.steps.size());
    }
    std::size_t done = 0;
    for (bool in_vain = false;;) {
        result_lines lines(judged, finished);
        live::guest_command command;
        command.limit = std::chrono::hours(6);
        command.silence = longest_silence(asked, most_steps);
        command.argv = command_line(asked, name);
        command.argv.insert(command.argv.end(), files.begin() + static_cast<std::ptrdiff_t>(done),
                            files.end());
        // One task moves at a time.
        command.one_cpu = true;
        command.read_only = true;
        command.takes_input = false;
        command.take_output = [&lines](std::string_view text) { lines.take(text); };
        const result<int> code = live::run_in_guest(kernel, command);
        if (code && (*code == all_held || *code == something_failed))
            return;
        done += lines.judgements();
        if (code && *code == cannot_be_done)
            throw live::cannot_run("nothing can be compared there");
        const std::string how = code ? "it ended with code " + std::to_string(*code) : code.error().message;
        // In the middle of a campaign, or twice before the first result: it is not about one scenario.
        if (done >= files.size() || (in_vain && lines.judgements() == 0))
            throw live::cannot_run(how);
        in_vain = lines.judgements() == 0;
        judged(ended_at(names[done], name, how));
        ++done;
        if (done == files.size() && asked.random == 0)
            return;
    }
}

} // namespace seccomp_sim::cli

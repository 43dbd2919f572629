// How long a real task's exit takes as its chain of filters grows, on the running kernel: clone, attach k
// filters, exit, reap. The slope in ns a filter, by least squares over the lower quartiles, is the walk's and
// the free's; a listener on the leaf holds the chain in memory, so that there only the walk is left, and its
// close frees what it held; another task under the leaf makes the walk stop at once.
#include "bench/kernel/levels_walked.hpp"
#include "bench/kernel/notifying_filter.hpp"
#include "bench/walk/stopwatch.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <sched.h>
#include <set>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace seccomp_sim::bench {
namespace {

using steady = std::chrono::steady_clock;

/// What a child and its parent share.
struct shared_page {
    std::atomic<int> attached{0}; ///< 1, or minus an errno
    std::atomic<int> may_exit{0};
    int listener = -1;
    pid_t other = 0; ///< the task that holds the leaf beside the child
    steady::time_point exits;
};

/// Who else holds the chain.
enum class holder : std::uint8_t { nobody, listener, task };

/// Only a few spins: the other side may need this CPU.
template <class Condition>
void wait_until(Condition&& holds) {
    while (!holds())
        std::this_thread::yield();
}

[[noreturn]] void child(shared_page& shared, std::size_t filters, holder who) {
    bool good = allow_filters();
    for (std::size_t i = 1; good && i < filters; ++i)
        good = attach_filter();
    if (good && who == holder::listener)
        good = (shared.listener = attach_listener()) >= 0;
    else if (good && filters > 0)
        good = attach_filter();
    if (good && who == holder::task) {
        const long other = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
        if (other == 0)
            for (;;)
                pause();
        shared.other = static_cast<pid_t>(other);
        good = other > 0;
    }
    shared.attached = good ? 1 : -errno;
    wait_until([&] { return shared.may_exit != 0; });
    shared.exits = steady::now();
    syscall(SYS_exit_group, 0);
    __builtin_unreachable();
}

struct exit_times {
    double exit = 0;  ///< ns from just before the exit until the parent has reaped
    double close = 0; ///< ns of the listener's close, where there is one
};

exit_times one_exit(shared_page& shared, std::size_t filters, holder who) {
    new (&shared) shared_page;
    // With one table of fds the child's listener is ours as well.
    const auto pid = static_cast<pid_t>(syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
    if (pid == 0)
        child(shared, filters, who);
    if (pid < 0)
        throw std::runtime_error(std::string("cannot clone: ") + std::strerror(errno));
    wait_until([&] { return shared.attached != 0; });
    if (shared.attached < 0) {
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
        throw std::runtime_error(std::string("cannot attach a filter: ") + std::strerror(-shared.attached));
    }
    shared.may_exit = 1;
    waitpid(pid, nullptr, 0);
    exit_times times;
    times.exit = std::chrono::duration<double, std::nano>(steady::now() - shared.exits).count();
    if (shared.listener >= 0)
        times.close = nanoseconds_of([&] { close(shared.listener); });
    if (shared.other > 0) {
        kill(shared.other, SIGKILL);
        waitpid(shared.other, nullptr, 0);
    }
    return times;
}

/// A straight line through points, and how far its slope may be off.
struct line {
    double slope = 0, intercept = 0, margin = 0; ///< margin: half of the 95 % confidence interval
};

line least_squares(const std::map<std::size_t, double>& points) {
    const auto n = static_cast<double>(points.size());
    double mean_x = 0, mean_y = 0, sxx = 0, sxy = 0, rest = 0;
    for (const auto& [x, y] : points) {
        mean_x += static_cast<double>(x) / n;
        mean_y += y / n;
    }
    for (const auto& [x, y] : points) {
        sxx += std::pow(static_cast<double>(x) - mean_x, 2);
        sxy += (static_cast<double>(x) - mean_x) * (y - mean_y);
    }
    line fit{.slope = sxy / sxx};
    fit.intercept = mean_y - fit.slope * mean_x;
    for (const auto& [x, y] : points)
        rest += std::pow(y - fit.intercept - fit.slope * static_cast<double>(x), 2);
    // Student's t at 97.5 %, by degrees of freedom from 1.
    static constexpr double t[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};
    const std::size_t freedom = points.size() - 2;
    fit.margin = (freedom <= std::size(t) ? t[freedom - 1] : 1.96) * std::sqrt(rest / (n - 2) / sxx);
    return fit;
}

class exit_bench {
  public:
    exit_bench(std::vector<std::size_t> filters, std::size_t samples)
        : filters_(std::move(filters)), samples_(samples) {
        void* page =
            mmap(nullptr, sizeof(shared_page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED)
            throw std::runtime_error("cannot map a page");
        shared_ = static_cast<shared_page*>(page);
    }

    /// All measurements, each depth in turn, so that a busy moment of the machine meets all of them.
    nlohmann::json run() {
        std::map<std::string, std::map<std::size_t, std::vector<double>>> times;
        for (std::size_t i = 0; i < samples_; ++i)
            for (const std::size_t k : filters_) {
                times["exit"][k].push_back(one_exit(*shared_, k, holder::nobody).exit);
                const exit_times held = one_exit(*shared_, k, holder::listener);
                times["exit, chain held by a listener"][k].push_back(held.exit);
                times["close of that listener"][k].push_back(held.close);
                times["exit, leaf held by a task"][k].push_back(one_exit(*shared_, k, holder::task).exit);
            }
        nlohmann::json results = nlohmann::json::array();
        for (const auto& [what, by_filters] : times)
            results.push_back(fit(what, by_filters));
        return results;
    }

  private:
    static nlohmann::json fit(const std::string& what,
                              const std::map<std::size_t, std::vector<double>>& by_filters) {
        // A busy machine only adds: the lower quartile is nearer to what the kernel itself takes.
        std::map<std::size_t, double> quartiles;
        nlohmann::json points = nlohmann::json::array();
        for (const auto& [k, samples] : by_filters) {
            quartiles[k] = quantile(samples, 0.25);
            points.push_back({{"filters", k},
                              {"quartile_ns", quartiles[k]},
                              {"median_ns", median(samples)},
                              {"p10_ns", quantile(samples, 0.1)},
                              {"p90_ns", quantile(samples, 0.9)}});
        }
        const line fitted = least_squares(quartiles);
        std::cout << what << ": " << fitted.slope << " +- " << fitted.margin << " ns a filter, "
                  << fitted.intercept / 1000 << " us for the rest" << std::endl;
        return {{"what", what},
                {"slope_ns", fitted.slope},
                {"margin_ns", fitted.margin},
                {"intercept_ns", fitted.intercept},
                {"points", points}};
    }

    std::vector<std::size_t> filters_;
    std::size_t samples_;
    shared_page* shared_ = nullptr;
};

int run(int argc, char** argv) {
    CLI::App program("A real task's exit over the length of its filter chain");
    std::vector<std::size_t> filters{1, 200, 400, 600, 800, 1000, 1200};
    std::size_t samples = 15;
    std::string out;
    program.add_option("--filters", filters, "chain lengths, three at least")->check(CLI::Range(1, 3000));
    program.add_option("--samples", samples, "of each length")->check(CLI::PositiveNumber);
    program.add_option("--out", out, "a JSON file");
    CLI11_PARSE(program, argc, argv);
    if (std::set<std::size_t>(filters.begin(), filters.end()).size() < 3) {
        std::cerr << "kernel_exit: --filters: expected three different lengths at least\n";
        return 2;
    }
    nlohmann::json results{{"levels", compare_levels_walked({1, 8, 64, 512})}};
    results["fits"] = exit_bench(filters, samples).run();
    if (!out.empty())
        std::ofstream(out) << results.dump(1) << "\n";
    return 0;
}

} // namespace
} // namespace seccomp_sim::bench

int main(int argc, char** argv) {
    try {
        return seccomp_sim::bench::run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "kernel_exit: " << error.what() << "\n";
        return 4;
    }
}

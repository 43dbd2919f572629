// What the wakeup costs on the running kernel: from just before the last task under a filter exits until a
// supervisor's epoll_wait has returned with HUP of its listener. The supervisor is a Boost.Asio loop with 1
// to 10,000 listeners; beside it, in the same loop, the floor: an eventfd that somebody writes to.
#include "bench/kernel/notifying_filter.hpp"
#include "bench/walk/stopwatch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <poll.h>
#include <pthread.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace seccomp_sim::bench {
namespace {

using steady = std::chrono::steady_clock;
using descriptor = boost::asio::posix::stream_descriptor;

double nanoseconds_between(steady::time_point a, steady::time_point b) {
    return std::chrono::duration<double, std::nano>(b - a).count();
}

[[noreturn]] void give_up(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

/// A thread that is the only user of its filter.
class worker {
  public:
    worker() {
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, std::size_t{64} * 1024);
        const int error = pthread_create(&thread_, &attributes, body, this);
        pthread_attr_destroy(&attributes);
        if (error != 0) {
            errno = error;
            give_up("cannot start a thread");
        }
        listener_.wait(not_yet);
        if (listener_ < 0) {
            errno = -listener_;
            give_up("cannot attach a filter with a listener");
        }
    }
    ~worker() {
        go();
        pthread_join(thread_, nullptr);
    }
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    int listener() const { return listener_; }
    void go() {
        may_exit_ = true;
        may_exit_.notify_one();
    }
    steady::time_point exited; ///< just before its exit

  private:
    static constexpr int not_yet = -100'000;

    static void* body(void* argument) {
        auto& self = *static_cast<worker*>(argument);
        const int fd = allow_filters() ? attach_listener() : -1;
        self.listener_ = fd >= 0 ? fd : -errno;
        self.listener_.notify_one();
        self.may_exit_.wait(false);
        self.exited = steady::now();
        // Not by pthread_exit, which does more before it gets to the kernel.
        syscall(SYS_exit, 0);
        return nullptr;
    }

    pthread_t thread_{};
    std::atomic<int> listener_{not_yet};
    std::atomic<bool> may_exit_{false};
};

/// The supervisor: one thread in epoll_wait, with a handler for each listener.
class supervisor {
  public:
    supervisor() : keep_(loop_.get_executor()), event_(loop_, eventfd(0, EFD_NONBLOCK)) {
        expect_event();
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~supervisor() {
        loop_.stop();
        thread_.join();
    }
    supervisor(const supervisor&) = delete;
    supervisor& operator=(const supervisor&) = delete;

    /// Takes the listener into the loop; it leaves, and is closed, with HUP.
    void watch(int listener) {
        auto fd = std::make_shared<descriptor>(loop_, listener);
        fd->async_wait(descriptor::wait_read, [this, fd](boost::system::error_code error) {
            const steady::time_point now = steady::now();
            pollfd look{fd->native_handle(), POLLIN, 0};
            if (error || poll(&look, 1, 0) != 1 || (look.revents & POLLHUP) == 0)
                return; // at the end of the loop
            tell(now);
        });
    }
    /// Waits for the next handler to run; when it did.
    steady::time_point next() {
        told_.wait(false);
        told_ = false;
        return when_;
    }
    void write_event() {
        const std::uint64_t one = 1;
        if (write(event_.native_handle(), &one, sizeof one) != sizeof one)
            give_up("cannot write to an eventfd");
    }

  private:
    void tell(steady::time_point now) {
        when_ = now;
        told_ = true;
        told_.notify_one();
    }
    void expect_event() {
        event_.async_wait(descriptor::wait_read, [this](boost::system::error_code error) {
            const steady::time_point now = steady::now();
            std::uint64_t value = 0;
            if (error || read(event_.native_handle(), &value, sizeof value) != sizeof value)
                return;
            expect_event();
            tell(now);
        });
    }

    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_;
    descriptor event_;
    std::atomic<bool> told_{false};
    steady::time_point when_;
    std::thread thread_;
};

nlohmann::json summary(const std::vector<double>& ns) {
    return {{"p50", quantile(ns, 0.5)}, {"p90", quantile(ns, 0.9)},    {"p99", quantile(ns, 0.99)},
            {"max", quantile(ns, 1)},   {"p999", quantile(ns, 0.999)}, {"samples", ns.size()}};
}

nlohmann::json measure(std::size_t listeners, std::size_t samples) {
    supervisor boss;
    std::vector<std::unique_ptr<worker>> workers;
    for (std::size_t i = 0; i < listeners; ++i) {
        workers.push_back(std::make_unique<worker>());
        boss.watch(workers.back()->listener());
    }
    std::vector<double> hup, event;
    for (std::size_t i = 0; i < samples; ++i) {
        std::unique_ptr<worker>& chosen = workers[(i * 7919) % listeners];
        chosen->go();
        const steady::time_point woken = boss.next();
        hup.push_back(nanoseconds_between(chosen->exited, woken));
        chosen = std::make_unique<worker>();
        boss.watch(chosen->listener());

        const steady::time_point written = steady::now();
        boss.write_event();
        event.push_back(nanoseconds_between(written, boss.next()));
    }
    return {{"listeners", listeners},
            {"hup_ns", summary(hup)},
            {"eventfd_ns", summary(event)},
            {"over_floor", median(hup) / median(event)}};
}

void allow_many_fds(std::size_t count) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::max<rlim_t>(limit.rlim_cur, count);
    limit.rlim_max = std::max(limit.rlim_max, limit.rlim_cur);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        give_up("cannot have " + std::to_string(count) + " open files");
}

int run(int argc, char** argv) {
    CLI::App program("From the last exit under a filter to the supervisor's wakeup with HUP");
    std::vector<std::size_t> listeners{1, 10, 100, 1000, 10'000};
    std::size_t samples = 1000;
    std::string out;
    program.add_option("--listeners", listeners, "in the epoll set")->check(CLI::PositiveNumber);
    program.add_option("--samples", samples)->check(CLI::PositiveNumber);
    program.add_option("--out", out, "a JSON file");
    CLI11_PARSE(program, argc, argv);
    nlohmann::json results = nlohmann::json::array();
    for (const std::size_t count : listeners) {
        allow_many_fds(count + 100);
        results.push_back(measure(count, samples));
        const nlohmann::json& r = results.back();
        std::cout << count << " listeners: HUP after " << r["hup_ns"]["p50"].get<double>() / 1000
                  << " us (median), " << r["hup_ns"]["p99"].get<double>() / 1000 << " us (p99); eventfd "
                  << r["eventfd_ns"]["p50"].get<double>() / 1000 << " us, "
                  << r["eventfd_ns"]["p99"].get<double>() / 1000 << " us; ratio "
                  << r["over_floor"].get<double>() << std::endl;
    }
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
        std::cerr << "hup_wakeup: " << error.what() << "\n";
        return 4;
    }
}

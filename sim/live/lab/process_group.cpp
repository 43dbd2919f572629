// Starts a keeper with its program, and listens to what it tells.
#include "sim/live/lab/process_group.hpp"

#include "sim/live/lab/keeper.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

using scenario::file_descriptor;
using scenario::input_error;

struct pipe_ends {
    file_descriptor read;
    file_descriptor write;
};

pipe_ends make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw input_error({{}, "no pipe can be made: " + scenario::errno_text(errno), ""});
    return {file_descriptor(ends[0]), file_descriptor(ends[1])};
}

pipe_ends make_stream() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw input_error({{}, "no socket can be made: " + scenario::errno_text(errno), ""});
    return {file_descriptor(ends[0]), file_descriptor(ends[1])};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (std::string& text : texts)
        all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

/// Our environment, with `changes` over it.
std::vector<std::string> changed_environment(const std::vector<std::string>& changes) {
    std::vector<std::string> all = changes;
    for (char** entry = environ; *entry; ++entry) {
        const std::string_view name(*entry, ::strcspn(*entry, "=") + 1);
        const bool changed = std::any_of(changes.begin(), changes.end(),
                                         [&](const std::string& c) { return c.starts_with(name); });
        if (!changed)
            all.emplace_back(*entry);
    }
    return all;
}

keeper_news read_news(int fd) {
    keeper_news news = {keeper_news::what::ended, SIGKILL};
    ssize_t size = 0;
    do
        size = ::read(fd, &news, sizeof news);
    while (size < 0 && errno == EINTR);
    // A keeper that was killed tells nothing; its program was killed with it.
    return size == sizeof news ? news : keeper_news{keeper_news::what::ended, SIGKILL};
}

} // namespace

result<process_group> process_group::start(const command& what) {
    return scenario::as_result([&] {
        pipe_ends life = make_stream();
        pipe_ends news = make_pipe();
        std::vector<std::string> argv = what.argv;
        std::vector<std::string> environment = changed_environment(what.environment);
        std::vector<std::string> remove;
        if (!what.scratch.empty())
            remove = {"/bin/rm", "-rf", "--", what.scratch};

        keeper_plan plan;
        plan.argv = pointers(argv);
        plan.environment = pointers(environment);
        plan.folder = what.folder.empty() ? nullptr : what.folder.c_str();
        plan.descriptors = what.descriptors;
        plan.cpu = what.cpu;
        plan.life = life.read.get();
        plan.news = news.write.get();
        plan.kept = what.held;
        plan.kept.insert(plan.kept.end(), {plan.life, plan.news});
        std::sort(plan.kept.begin(), plan.kept.end());
        if (!remove.empty())
            plan.remove = pointers(remove);
        plan.remove_only_if_abandoned = what.keep_scratch_unless_abandoned;

        process_group group;
        group.keeper_ = ::fork();
        if (group.keeper_ == 0)
            keep(plan);
        if (group.keeper_ < 0)
            throw input_error({{}, "no process can be started: " + scenario::errno_text(errno), ""});
        group.life_ = std::move(life.write);
        group.news_ = std::move(news.read);
        news.write.close();

        const keeper_news first = read_news(group.news_.get());
        const bool started = first.kind == keeper_news::what::started;
        if (started)
            group.pid_ = first.value;
        if (!started && first.kind == keeper_news::what::failed)
            throw input_error(
                {{}, what.argv[0] + " cannot be started: " + scenario::errno_text(first.value), ""});
        return group;
    });
}

process_group::process_group(process_group&& other) noexcept
    : life_(std::move(other.life_)), news_(std::move(other.news_)), keeper_(std::exchange(other.keeper_, -1)),
      pid_(other.pid_), status_(other.status_) {}

process_group& process_group::operator=(process_group&& other) noexcept {
    std::swap(life_, other.life_);
    std::swap(news_, other.news_);
    std::swap(keeper_, other.keeper_);
    std::swap(pid_, other.pid_);
    std::swap(status_, other.status_);
    return *this;
}

process_group::~process_group() {
    stop();
}

std::optional<int> process_group::wait(std::optional<std::chrono::milliseconds> limit) {
    if (status_ || keeper_ < 0)
        return status_;
    const auto end = std::chrono::steady_clock::now() + limit.value_or(std::chrono::milliseconds(0));
    for (;;) {
        int left = -1;
        if (limit)
            left = static_cast<int>(std::max<std::chrono::milliseconds::rep>(
                0,
                std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now())
                    .count()));
        pollfd news = {news_.get(), POLLIN, 0};
        const int ready = ::poll(&news, 1, left);
        if (ready > 0)
            break;
        if (ready == 0)
            return std::nullopt;
    }
    status_ = read_news(news_.get()).value;
    return status_;
}

void process_group::stop() {
    if (keeper_ < 0)
        return;
    // A byte before the end of the stream: this is an end that was meant. A keeper that is gone needs none.
    ::send(life_.get(), "e", 1, MSG_NOSIGNAL);
    life_.close();
    if (!status_)
        status_ = read_news(news_.get()).value;
    while (::waitpid(keeper_, nullptr, 0) < 0 && errno == EINTR) {
    }
    keeper_ = -1;
}

std::string wait_status_text(int status) {
    if (WIFEXITED(status))
        return "exit status " + std::to_string(WEXITSTATUS(status));
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return std::string("killed by SIG") + (name ? name : std::to_string(WTERMSIG(status)));
}

} // namespace seccomp_sim::live

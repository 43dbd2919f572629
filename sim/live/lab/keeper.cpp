// The keeper: starts the program in a group of its own, waits for its end or for ours, then kills what is
// left and removes the scratch folder. Between fork and exec it calls only what a signal handler might.
#include "sim/live/lab/keeper.hpp"

#include "sim/live/one_cpu.hpp"

#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

void tell(int news, keeper_news::what kind, int value) {
    const keeper_news what = {kind, value};
    // When nobody reads any more, there is nobody to tell.
    if (::write(news, &what, sizeof what) < 0)
        return;
}

[[noreturn]] void say_failed(int failure) {
    const int error = errno;
    if (::write(failure, &error, sizeof error) < 0)
        ::_exit(126);
    ::_exit(127);
}

/// `failure` gets the errno; a program that starts closes it.
[[noreturn]] void become_program(const keeper_plan& plan, pid_t keeper, int failure) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != keeper)
        ::_exit(127);
    ::setpgid(0, 0);
    if (plan.cpu)
        stay_on(0, *plan.cpu); // else it runs as well elsewhere
    if (plan.folder && ::chdir(plan.folder) != 0)
        say_failed(failure);
    // First away from the low numbers, so that none is overwritten before it is copied.
    constexpr int high = 200;
    int from[16] = {};
    std::size_t n = 0;
    for (; n < plan.descriptors.size() && n < 16; ++n)
        from[n] = ::fcntl(plan.descriptors[n].first, F_DUPFD_CLOEXEC, high);
    failure = ::fcntl(failure, F_DUPFD_CLOEXEC, high);
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(null, STDIN_FILENO);
    for (std::size_t i = 0; i < n; ++i)
        ::dup2(from[i], plan.descriptors[i].second);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int s : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGXFSZ, SIGCHLD})
        ::signal(s, SIG_DFL);
    ::execvpe(plan.argv[0], plan.argv.data(), plan.environment.data());
    say_failed(failure);
}

/// Waits until the program has started; else its errno.
int failure_to_start(int failure) {
    int error = 0;
    ssize_t size = 0;
    do
        size = ::read(failure, &error, sizeof error);
    while (size < 0 && errno == EINTR);
    ::close(failure);
    return size == sizeof error ? error : 0;
}

/// Closes all but what the plan says, so that no pipe of ours stays open for the keeper's sake.
void close_the_rest(const keeper_plan& plan) {
    unsigned from = STDERR_FILENO + 1;
    for (const int fd : plan.kept) {
        const auto kept = static_cast<unsigned>(fd);
        if (kept > from)
            ::close_range(from, kept - 1, 0);
        from = kept + 1;
    }
    ::close_range(from, ~0U, 0);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(null, fd);
}

/// Sends SIGKILL to whatever was reparented to the keeper from outside the group.
void kill_children() {
    const int fd = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    char text[4096];
    const ssize_t size = fd < 0 ? 0 : ::read(fd, text, sizeof text);
    pid_t pid = 0;
    for (ssize_t i = 0; i < size; ++i) {
        if (text[i] >= '0' && text[i] <= '9') {
            pid = pid * 10 + (text[i] - '0');
        } else if (pid > 0) {
            ::kill(pid, SIGKILL);
            pid = 0;
        }
    }
    if (fd >= 0)
        ::close(fd);
}

void wait_a_little(int signals) {
    pollfd ended = {signals, POLLIN, 0};
    ::poll(&ended, 1, 20);
    signalfd_siginfo info;
    if (::read(signals, &info, sizeof info) < 0)
        return;
}

/// Until no child is left.
void end_all(pid_t program, int signals) {
    for (;;) {
        ::kill(-program, SIGKILL);
        kill_children();
        const pid_t gone = ::waitpid(-1, nullptr, WNOHANG);
        if (gone < 0 && errno == ECHILD)
            return;
        if (gone == 0)
            wait_a_little(signals);
    }
}

bool over(int life) {
    char byte = 0;
    return ::read(life, &byte, 1) == 1;
}

} // namespace

void keep(const keeper_plan& plan) {
    const pid_t self = ::getpid();
    ::prctl(PR_SET_NAME, "seccomp-sim-kpr");
    // Ctrl-C is for us; the keeper goes when we have gone.
    ::setpgid(0, 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::signal(SIGCHLD, SIG_DFL);
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    sigset_t child_signal;
    ::sigemptyset(&child_signal);
    ::sigaddset(&child_signal, SIGCHLD);

    int failure[2];
    const pid_t program = ::pipe2(failure, O_CLOEXEC) == 0 ? ::fork() : -1;
    if (program == 0)
        become_program(plan, self, failure[1]);
    int error = program < 0 ? errno : 0;
    if (program > 0) {
        ::close(failure[1]);
        error = failure_to_start(failure[0]);
    }
    close_the_rest(plan);
    const int signals = ::signalfd(-1, &child_signal, SFD_CLOEXEC | SFD_NONBLOCK);
    if (error != 0)
        tell(plan.news, keeper_news::what::failed, error);
    else
        tell(plan.news, keeper_news::what::started, program);

    bool abandoned = false;
    for (bool running = error == 0; running;) {
        pollfd events[] = {{plan.life, POLLIN, 0}, {signals, POLLIN, 0}};
        ::poll(events, 2, -1);
        if (events[0].revents != 0) {
            abandoned = !over(plan.life);
            running = false;
        }
        if (events[1].revents != 0) {
            signalfd_siginfo info;
            while (::read(signals, &info, sizeof info) > 0) {
            }
            int status = 0;
            for (pid_t gone = 0; (gone = ::waitpid(-1, &status, WNOHANG)) > 0;)
                if (gone == program) {
                    tell(plan.news, keeper_news::what::ended, status);
                    running = false;
                }
        }
    }
    if (program > 0)
        end_all(program, signals);
    if (!plan.remove.empty() && (abandoned || !plan.remove_only_if_abandoned)) {
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        ::execve(plan.remove[0], plan.remove.data(), plan.environment.data());
    }
    ::_exit(0);
}

} // namespace seccomp_sim::live

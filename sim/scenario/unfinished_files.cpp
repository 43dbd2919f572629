// Removes temporary files when a signal ends the program. A handler may neither allocate nor lock, so the
// paths stand in fixed memory, each guarded by an atomic that says whose it is.
#include "sim/scenario/unfinished_files.hpp"

#include "sim/scenario/output_file.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>

#include <pthread.h>
#include <unistd.h>

namespace seccomp_sim::scenario {

namespace {

struct table_entry {
    static constexpr pid_t free = 0;
    static constexpr pid_t being_filled = -1;

    std::atomic<pid_t> owner{free};
    std::array<char, PATH_MAX> path;
};
static_assert(std::atomic<pid_t>::is_always_lock_free, "read in a signal handler");

std::array<table_entry, most_unfinished_files> table;

extern "C" void remove_and_end(int signal_number) {
    unlink_unfinished();
    // The signal is held until this returns, and then ends the program in the way its parent expects.
    ::signal(signal_number, SIG_DFL);
    ::raise(signal_number);
}

void remove_on(int signal_number) {
    struct sigaction now = {};
    if (::sigaction(signal_number, nullptr, &now) != 0 || now.sa_handler == SIG_IGN)
        return;
    struct sigaction act = {};
    act.sa_handler = remove_and_end;
    sigfillset(&act.sa_mask);
    ::sigaction(signal_number, &act, nullptr);
}

} // namespace

std::size_t remember_unfinished(const std::string& path) {
    if (path.size() >= PATH_MAX)
        return most_unfinished_files;
    for (std::size_t i = 0; i < table.size(); ++i) {
        pid_t expected = table_entry::free;
        if (!table[i].owner.compare_exchange_strong(expected, table_entry::being_filled))
            continue;
        std::memcpy(table[i].path.data(), path.c_str(), path.size() + 1);
        table[i].owner.store(::getpid());
        return i;
    }
    return most_unfinished_files;
}

void forget_unfinished(std::size_t entry) {
    table[entry].owner.store(table_entry::free);
}

void unlink_unfinished() noexcept {
    const int saved = errno;
    const pid_t self = ::getpid();
    for (table_entry& entry : table)
        if (entry.owner.load() == self)
            ::unlink(entry.path.data());
    errno = saved;
}

signals_held::signals_held() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
}

signals_held::~signals_held() {
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void remove_unfinished_output_on_signals() {
    for (int signal_number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
        remove_on(signal_number);
    ::signal(SIGXFSZ, SIG_IGN);
}

} // namespace seccomp_sim::scenario

// A guest, looked into: what its processes did to their filters is what is read. Run by test_lab.sh for each
// kernel that has been built; KERNEL in the environment names it.
#include "sim/live/lab/guest.hpp"
#include "sim/live/lab/guest_frames.hpp"
#include "sim/live/white_box/white_box.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <iostream>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace seccomp_sim;
using namespace seccomp_sim::live;

namespace {

long install(unsigned flags) {
    sock_filter allow[] = {{0x06, 0, 0, SECCOMP_RET_ALLOW}};
    sock_fprog program = {1, allow};
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    REQUIRE(value);
    return value;
}

/// A guest that runs one command as `kernel run` does.
class running_guest {
  public:
    running_guest(const lab_kernel& k, const std::vector<std::string>& argv) : guest_(started(k)) {
        nlohmann::json j;
        j["argv"] = argv;
        j["folder"] = "/";
        j["environment"] = {"PATH=/usr/bin:/bin", "HOME=/"};
        REQUIRE(next(frame_kind::ready));
        send(frame_kind::command, j.dump());
    }
    guest& get() { return guest_; }
    void send(frame_kind kind, const std::string& content) {
        const std::string text = frame(kind, content);
        REQUIRE(::write(guest_.channel(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    /// Waits for output that holds `word`.
    bool says(const std::string& word) {
        while (output_.find(word) == std::string::npos)
            if (!next(frame_kind::output))
                return false;
        return true;
    }
    /// Waits for a frame of a kind; false when nothing more comes.
    bool next(frame_kind wanted) {
        for (bool found = false; !found;) {
            pollfd channel = {guest_.channel(), POLLIN, 0};
            std::string text;
            if (::poll(&channel, 1, 30000) <= 0 || !read_some(guest_.channel(), text))
                return false;
            reader_.add(text, [&](frame_kind kind, std::string_view content) {
                found = found || kind == wanted;
                if (kind == frame_kind::output)
                    output_ += content;
            });
        }
        return true;
    }

  private:
    static guest started(const lab_kernel& k) {
        guest_options options;
        options.init = std::filesystem::canonical(environment("SECCOMP_SIM"));
        options.arguments = {"guest-init"};
        auto g = guest::start(k, options);
        if (!g)
            FAIL(to_text(g.error()));
        return std::move(*g);
    }

    guest guest_;
    frame_reader reader_;
    std::string output_;
};

lab_kernel named_kernel() {
    auto k = find_kernel(environment("KERNEL"));
    if (!k)
        FAIL(to_text(k.error()));
    return *k;
}

} // namespace

TEST_CASE("hold filters in a guest until standard input ends", "[.filter-holder]") {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    install(SECCOMP_FILTER_FLAG_NEW_LISTENER);
    install(0);
    if (::fork() == 0) {
        char none = 0;
        while (::read(STDIN_FILENO, &none, 1) > 0) {
        }
        ::_exit(0);
    }
    if (::fork() == 0)
        ::_exit(0); // a zombie
    siginfo_t ended = {};
    ::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT);
    std::cout << "holding" << std::endl;
    char none = 0;
    while (::read(STDIN_FILENO, &none, 1) > 0) {
    }
}

TEST_CASE("the counters of a guest's filters", "[.lab]") {
    const lab_kernel k = named_kernel();
    running_guest running(k, {std::filesystem::canonical("/proc/self/exe"), "[.filter-holder]"});
    REQUIRE(running.says("holding"));
    auto box = open_guest_kernel(running.get());
    if (!box)
        FAIL(to_text(box.error()));
    const auto looked = (*box)->read();
    if (!looked)
        FAIL(to_text(looked.error()));
    const seccomp_state& state = *looked;

    std::vector<task_record> alive;
    std::vector<task_record> zombies;
    for (const task_record& t : state.tasks)
        if (t.mode == SECCOMP_MODE_FILTER)
            (t.exit_state == 0 ? alive : zombies).push_back(t);
    REQUIRE(alive.size() == 2);
    REQUIRE(zombies.size() == 1);
    CHECK(alive[0].filter == alive[1].filter);
    // Since 6.11 a task lets go when it exits, before that when it is reaped.
    const bool lets_go_at_exit = zombies[0].filter == 0;
    REQUIRE(state.filters.size() == 2);
    const filter_record* leaf = state.filter_at(alive[0].filter);
    REQUIRE(leaf);
    CHECK(leaf->usage == (lets_go_at_exit ? 2U : 3U));
    const filter_record* older = state.filter_at(leaf->prev);
    REQUIRE(older);
    CHECK(older->prev == 0);
    CHECK(older->usage == 2);
    CHECK(older->has_listener);
    CHECK_FALSE(leaf->has_listener);
    CHECK(older->notifications.empty());
    const bool two_counters = leaf->live.has_value();
    CHECK(two_counters == (k.name != "v5.0"));
    if (two_counters) {
        CHECK(leaf->live == leaf->usage);
        CHECK(older->live == 1U);
    }
    const auto only_first = (*box)->read(std::vector<pid_t>{1});
    REQUIRE(only_first);
    CHECK(only_first->tasks.size() == 1);
    CHECK(only_first->filters.empty());

    running.send(frame_kind::input, "");
    CHECK(running.next(frame_kind::ended));
    CHECK(running.get().wait(std::chrono::seconds(30)));
}

// An output is there whole or not at all, whichever way the writing ends.
#include "sim/scenario/output_file.hpp"

#include "sim/scenario/unfinished_files.hpp"
#include "tests/scenario/scratch_folder.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <iomanip>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

output_file opened(const std::string& path) {
    auto file = output_file::open(path);
    if (!file)
        FAIL(to_text(file.error()));
    return std::move(*file);
}

std::string told_of(const std::string& path) {
    const auto file = output_file::open(path);
    return file ? "opened" : to_text(file.error());
}

unsigned mode_of(const std::string& path) {
    struct stat s = {};
    ::stat(path.c_str(), &s);
    return s.st_mode & 07777U;
}

// Runs `work` in a child and gives its wait status.
template <class F>
int status_of_child(F work) {
    const pid_t child = ::fork();
    if (child == 0) {
        // Catch2's own handlers would take the signal for a failed test.
        for (int s : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
            ::signal(s, SIG_DFL);
        work();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

} // namespace

TEST_CASE("a committed file has its name and its content", "[output]") {
    const scratch_folder folder;
    output_file file = opened(folder / "out");
    file.write("one\n");
    file.stream() << "two " << 1'234'567 << std::endl;
    file.write(std::string(500'000, 'x'));
    CHECK_FALSE(std::filesystem::exists(folder / "out"));
    REQUIRE(file.commit());
    CHECK(folder.read("out") == "one\ntwo 1234567\n" + std::string(500'000, 'x'));
    CHECK(folder.names() == std::vector<std::string>{"out"});
}

TEST_CASE("a file that is not committed leaves nothing, and what was there before", "[output]") {
    const scratch_folder folder;
    folder.write("out", "before");
    {
        output_file file = opened(folder / "out");
        file.write(std::string(200'000, 'x'));
        CHECK(file.flush());
        CHECK(folder.names().size() == 2);
        output_file moved = std::move(file);
        moved.write("more");
    }
    CHECK(folder.names() == std::vector<std::string>{"out"});
    CHECK(folder.read("out") == "before");
}

TEST_CASE("a file that is replaced keeps its mode, a new one has the umask's", "[output]") {
    const scratch_folder folder;
    folder.write("old", "before");
    ::chmod((folder / "old").c_str(), 0640);
    const mode_t before = ::umask(027);
    for (const char* name : {"old", "new"})
        CHECK(opened(folder / name).commit());
    ::umask(before);
    CHECK(mode_of(folder / "old") == 0640);
    CHECK(mode_of(folder / "new") == 0640);
    ::chmod((folder / "old").c_str(), 0600);
    CHECK(opened(folder / "old").commit());
    CHECK(mode_of(folder / "old") == 0600);
}

TEST_CASE("a link is kept and its target written", "[output]") {
    const scratch_folder folder;
    std::filesystem::create_directory(folder / "d");
    std::filesystem::create_symlink("d/target", folder / "link");
    std::filesystem::create_symlink("link", folder / "again");
    for (const char* content : {"first", "second"}) {
        output_file file = opened(folder / "again");
        file.write(content);
        REQUIRE(file.commit());
        CHECK(folder.read("d/target") == content);
    }
    CHECK(std::filesystem::is_symlink(folder / "link"));
    std::filesystem::create_symlink("loop", folder / "loop");
    CHECK_THAT(told_of(folder / "loop"), Catch::Contains("Too many levels of symbolic links"));
}

TEST_CASE("a name that cannot be written says why", "[output]") {
    const scratch_folder folder;
    folder.write("f", "x");
    const std::string in_folder = "; expected a folder that exists and can be written to";
    CHECK(told_of(folder.path()) == folder.path().string() + ": is a directory; expected a file name");
    CHECK(told_of(folder / "new/") == (folder / "new/") + ": is a directory; expected a file name");
    CHECK(told_of(folder / "none/out") == (folder / "none/out") + ": cannot be written: the folder \"" +
                                              (folder / "none/") + "\": No such file or directory" +
                                              in_folder);
    CHECK(told_of(folder / "f/out") == (folder / "f/out") + ": cannot be written: Not a directory");
    CHECK_THAT(told_of("/proc/out"),
               Catch::StartsWith("/proc/out: cannot be written: the folder \"/proc/\": "));
    CHECK_THAT(told_of(""), Catch::Contains("empty"));
    CHECK_THAT(told_of(folder / std::string(300, 'n')), Catch::EndsWith("File name too long"));
    if (::geteuid() != 0) {
        ::chmod((folder / "f").c_str(), 0400);
        CHECK_THAT(told_of(folder / "f"), Catch::EndsWith("Permission denied"));
        ::chmod(folder.path().c_str(), 0500);
        CHECK_THAT(told_of(folder / "new"), Catch::EndsWith("Permission denied" + in_folder));
        ::chmod(folder.path().c_str(), 0700);
    }
}

TEST_CASE("a full disk is told when the file is committed", "[output]") {
    output_file file = opened("/dev/full");
    file.write(std::string(1'000'000, 'x'));
    file.write("and more");
    const auto outcome = file.commit();
    REQUIRE_FALSE(outcome);
    CHECK(to_text(outcome.error()) == "/dev/full: cannot be written: No space left on device");
}

TEST_CASE("devices and pipes are written in place", "[output]") {
    output_file null = opened("/dev/null");
    null.write("x");
    CHECK(null.commit());
    CHECK(std::filesystem::is_character_file("/dev/null"));

    const scratch_folder folder;
    const std::string pipe = folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(told_of(pipe) == pipe + ": is a pipe that nobody reads");
    const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
    output_file file = opened(pipe);
    file.write("through");
    CHECK(file.commit());
    char got[16] = {};
    CHECK(::read(reader, got, sizeof got) == 7);
    CHECK(std::string(got) == "through");
    ::close(reader);
}

TEST_CASE("standard output is written at once when it is flushed, and is not closed", "[output]") {
    const scratch_folder folder;
    const int status = status_of_child([&] {
        const int fd = ::open((folder / "captured").c_str(), O_WRONLY | O_CREAT, 0600);
        ::dup2(fd, STDOUT_FILENO);
        for (const char* part : {"one ", "two"}) {
            output_file out = opened("-");
            out.write(part);
            if (!out.commit())
                ::_exit(1);
        }
    });
    CHECK(status == 0);
    CHECK(folder.read("captured") == "one two");
}

TEST_CASE("a standard output that was closed is an error, and no file takes its place", "[output]") {
    const scratch_folder folder;
    const int status = status_of_child([&] {
        ::close(STDOUT_FILENO);
        output_file file = opened(folder / "out");
        output_file out = opened("-");
        out.write("stray");
        const auto outcome = out.commit();
        ::_exit(!outcome && outcome.error().message == "cannot be written: Bad file descriptor" ? 7 : 1);
    });
    CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("signals that end the program remove what is unfinished", "[output]") {
    const int signal_number = GENERATE(SIGINT, SIGTERM, SIGHUP, SIGPIPE);
    const scratch_folder folder;
    folder.write("kept", "before");
    const int status = status_of_child([&] {
        remove_unfinished_output_on_signals();
        output_file a = opened(folder / "kept");
        output_file b = opened(folder / "new");
        b.write(std::string(200'000, 'x'));
        output_file done = opened(folder / "done");
        if (!done.commit())
            ::_exit(1);
        ::raise(signal_number);
    });
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal_number);
    auto names = folder.names();
    std::sort(names.begin(), names.end());
    CHECK(names == std::vector<std::string>{"done", "kept"});
    CHECK(folder.read("kept") == "before");
}

TEST_CASE("a signal that was ignored stays ignored", "[output]") {
    const int status = status_of_child([] {
        ::signal(SIGHUP, SIG_IGN);
        remove_unfinished_output_on_signals();
        ::raise(SIGHUP);
        ::_exit(7);
    });
    CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("a child process does not remove its parent's files", "[output]") {
    const scratch_folder folder;
    output_file file = opened(folder / "out");
    file.write("content");
    CHECK(WTERMSIG(status_of_child([] {
              remove_unfinished_output_on_signals();
              ::raise(SIGTERM);
          })) == SIGTERM);
    status_of_child([&] { const output_file taken = std::move(file); });
    REQUIRE(file.commit());
    CHECK(folder.read("out") == "content");
}

TEST_CASE("a limit on the file's size is an error and no signal", "[output]") {
    const scratch_folder folder;
    const int status = status_of_child([&] {
        remove_unfinished_output_on_signals();
        const rlimit small = {1000, 1000};
        ::setrlimit(RLIMIT_FSIZE, &small);
        output_file file = opened(folder / "out");
        file.write(std::string(5000, 'x'));
        const auto outcome = file.commit();
        const bool told = !outcome && outcome.error().message == "cannot be written: File too large";
        { const output_file gone = std::move(file); }
        ::_exit(told ? 7 : 1);
    });
    CHECK(WEXITSTATUS(status) == 7);
    CHECK(folder.names().empty());
}

TEST_CASE("the table of unfinished files has an end", "[output]") {
    const scratch_folder folder;
    std::vector<output_file> files;
    for (std::size_t i = 0; i < most_unfinished_files; ++i)
        files.push_back(opened(folder / std::to_string(i)));
    CHECK_THAT(told_of(folder / "more"), Catch::Contains("more than 16 files"));
    files.pop_back();
    files.push_back(opened(folder / "more"));
    files.clear();
    CHECK(folder.names().empty());
}

// Reading whatever a path may name: it ends, it is bounded, and it says what is wrong.
#include "sim/scenario/input_file.hpp"

#include "tests/scenario/scratch_folder.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

std::string told_of(const std::string& path, std::size_t limit = input_limit) {
    const auto text = read_input(path, limit);
    return text ? "read " + std::to_string(text->size()) : to_text(text.error());
}

// Puts a file or pipe in the place of standard input for one test.
class standard_input {
  public:
    explicit standard_input(int fd) : saved_(::dup(STDIN_FILENO)) {
        ::dup2(fd, STDIN_FILENO);
        ::close(fd);
    }
    ~standard_input() {
        ::dup2(saved_, STDIN_FILENO);
        ::close(saved_);
    }
    standard_input(const standard_input&) = delete;
    standard_input& operator=(const standard_input&) = delete;

  private:
    int saved_;
};

} // namespace

TEST_CASE("a file is read whole", "[input]") {
    const scratch_folder folder;
    const std::string bytes = std::string("a\0\r\n\xff", 5) + std::string(300'000, 'x');
    folder.write("f", bytes);
    folder.write("empty", "");
    CHECK(*read_input(folder / "f") == bytes);
    CHECK(read_input(folder / "empty")->empty());
    CHECK_FALSE(read_input("/proc/self/status")->empty()); // says that its size is 0
}

TEST_CASE("what cannot be opened says why", "[input]") {
    const scratch_folder folder;
    folder.write("f", "x");
    std::filesystem::create_symlink(folder / "loop", folder / "loop");
    CHECK(told_of(folder / "none") == (folder / "none") + ": cannot be opened: No such file or directory");
    CHECK(told_of(folder / "f/x") == (folder / "f/x") + ": cannot be opened: Not a directory");
    CHECK(told_of(folder.path()) == folder.path().string() + ": is a directory; expected a file");
    CHECK_THAT(told_of(folder / "loop"), Catch::Contains("Too many levels of symbolic links"));
    CHECK_THAT(told_of(folder / std::string(300, 'n')), Catch::EndsWith("File name too long"));
    CHECK_THAT(told_of((folder / "f") + std::string(1, '\0')), Catch::EndsWith("No such file or directory"));
    CHECK(told_of("") == "cannot be opened: No such file or directory");
    if (::geteuid() != 0) {
        ::chmod((folder / "f").c_str(), 0);
        CHECK_THAT(told_of(folder / "f"), Catch::EndsWith("Permission denied"));
    }
}

TEST_CASE("a file that is too large is refused by its size", "[input]") {
    const scratch_folder folder;
    folder.write("sparse", "");
    REQUIRE(::truncate((folder / "sparse").c_str(), off_t{1} << 40) == 0);
    const auto start = std::chrono::steady_clock::now();
    CHECK(told_of(folder / "sparse") ==
          (folder / "sparse") + ": has 1099511627776 bytes; expected at most 64 MiB");
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500));

    folder.write("f", "12345");
    CHECK(told_of(folder / "f", 5) == "read 5");
    CHECK(told_of(folder / "f", 4) == (folder / "f") + ": has 5 bytes; expected at most 4 bytes");
}

TEST_CASE("a device without an end is refused at the limit", "[input]") {
    CHECK(told_of("/dev/zero") == "/dev/zero: gives more than 64 MiB; expected at most that");
    CHECK(told_of("/dev/null") == "read 0");
}

TEST_CASE("a named pipe that nobody writes to does not hang", "[input]") {
    const scratch_folder folder;
    const std::string pipe = folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(told_of(pipe) == pipe + ": is a pipe that nobody writes to");
}

TEST_CASE("a named pipe is read as its writer goes on", "[input]") {
    const scratch_folder folder;
    const std::string pipe = folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::thread writer([&] {
        const int fd = ::open(pipe.c_str(), O_WRONLY);
        for (const char* part : {"one ", "two ", "three"}) {
            std::this_thread::sleep_for(std::chrono::milliseconds(30));
            if (::write(fd, part, std::char_traits<char>::length(part)) < 0)
                break;
        }
        ::close(fd);
    });
    const auto text = read_input(pipe);
    writer.join();
    REQUIRE(text);
    CHECK(*text == "one two three");
}

TEST_CASE("standard input is read to its end, and no further than the limit", "[input]") {
    const scratch_folder folder;
    folder.write("f", "[1,2]");
    {
        const standard_input from(::open((folder / "f").c_str(), O_RDONLY));
        CHECK(told_of("-", 5) == "read 5");
    }
    {
        const standard_input from(::open((folder / "f").c_str(), O_RDONLY));
        CHECK(told_of("-", 4) == "<stdin>: has 5 bytes; expected at most 4 bytes");
    }
    {
        const standard_input from(::open("/dev/zero", O_RDONLY));
        CHECK(told_of("-", 100'000) == "<stdin>: gives more than 100000 bytes; expected at most that");
    }
    {
        const standard_input from(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
        CHECK(told_of("-") == "<stdin>: is a directory; expected a file");
    }
}

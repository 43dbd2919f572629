// An output that is there whole or not at all: a temporary file beside its target, renamed at the end.
#include "sim/scenario/output_file.hpp"

#include "sim/scenario/input_error.hpp"
#include "sim/scenario/system_file.hpp"
#include "sim/scenario/unfinished_files.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <locale>
#include <streambuf>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace seccomp_sim::scenario {

namespace {

constexpr std::size_t buffer_size = std::size_t{1} << 16;
constexpr int most_links = 40; // as many as the kernel follows
constexpr int most_names_tried = 100;
constexpr unsigned permission_bits = 0777;

[[noreturn]] void fail(const std::string& path, std::string message, std::string hint = {}) {
    throw input_error({{path, 0, 0, {}}, std::move(message), std::move(hint)});
}

// The part up to the last '/', with it; empty for a bare name.
std::string folder_of(const std::string& path) {
    return path.substr(0, path.rfind('/') + 1);
}

// The name behind symbolic links, whether or not it exists, so that the link is kept and its target written.
std::string follow_links(const std::string& path) {
    std::string name = path;
    for (int followed = 0; followed < most_links; ++followed) {
        std::array<char, PATH_MAX> target;
        const ssize_t size = ::readlink(name.c_str(), target.data(), target.size());
        if (size <= 0)
            return name;
        const std::string to(target.data(), static_cast<std::size_t>(size));
        name = to.front() == '/' ? to : folder_of(name) + to;
    }
    fail(path, "cannot be written: " + errno_text(ELOOP));
}

// Devices and pipes have no content that could be half there.
file_descriptor open_in_place(const std::string& path, mode_t type) {
    if (S_ISBLK(type))
        fail(path, "is a block device", "expected a file");
    // Without O_NONBLOCK a named pipe without a reader would be waited for right here.
    file_descriptor file = open_file(path, O_WRONLY | O_NOCTTY | O_NONBLOCK);
    if (!file && errno == ENXIO && S_ISFIFO(type))
        fail(path, "is a pipe that nobody reads");
    if (!file)
        fail(path, "cannot be written: " + errno_text(errno));
    ::fcntl(file.get(), F_SETFL, ::fcntl(file.get(), F_GETFL) & ~O_NONBLOCK);
    return file;
}

// Writes all of it; 0 or an errno.
int write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            pollfd p = {fd, POLLOUT, 0};
            ::poll(&p, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

} // namespace

// The buffer of the stream, and what has to be undone.
struct output_file::state final : std::streambuf {
    explicit state(std::string named) : path(std::move(named)) {
        setp(buffer.data(), buffer.data() + buffer.size());
        stream.imbue(std::locale::classic());
    }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    ~state() override {
        if (entry == most_unfinished_files || ::getpid() != owner)
            return;
        ::unlink(temporary.c_str());
        forget_unfinished(entry);
    }

    int_type overflow(int_type c) override {
        drain();
        if (!traits_type::eq_int_type(c, traits_type::eof())) {
            *pptr() = traits_type::to_char_type(c);
            pbump(1);
        }
        return traits_type::not_eof(c);
    }

    int sync() override { return 0; } // std::endl must not cost a system call

    void drain() {
        const std::string_view pending(pbase(), static_cast<std::size_t>(pptr() - pbase()));
        if (error == 0)
            error = write_all(fd, pending);
        setp(buffer.data(), buffer.data() + buffer.size());
    }

    void open_target();
    void open_temporary(unsigned mode);

    std::string path;      // as the user named it
    std::string target;    // the name to be given at the end; empty when written in place
    std::string temporary; // the name until then
    std::size_t entry = most_unfinished_files;
    pid_t owner = ::getpid();
    file_descriptor file; // none for standard output
    int fd = STDOUT_FILENO;
    int error = 0; // the first errno of writing
    std::array<char, buffer_size> buffer;
    std::ostream stream{this};
};

void output_file::state::open_target() {
    if (path == "-" || path == "/dev/stdout")
        return;
    if (path.empty() || path.find('\0') != std::string::npos)
        fail(path, "the name of the output is empty or has a NUL byte", "expected a file name or -");

    struct stat there = {};
    const bool exists = ::stat(path.c_str(), &there) == 0;
    if (!exists && errno != ENOENT)
        fail(path, "cannot be written: " + errno_text(errno));
    if (path.back() == '/' || (exists && S_ISDIR(there.st_mode)))
        fail(path, "is a directory", "expected a file name");
    if (exists && !S_ISREG(there.st_mode)) {
        file = open_in_place(path, there.st_mode);
        fd = file.get();
        return;
    }
    // Renaming would replace a file that its owner made read-only.
    if (exists && ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0)
        fail(path, "cannot be written: " + errno_text(errno));
    target = follow_links(path);
    open_temporary(exists ? there.st_mode & permission_bits : 0);
}

// `mode` is what the file that is replaced had; 0 for what the umask gives.
void output_file::state::open_temporary(unsigned mode) {
    const std::string folder = folder_of(target);
    const std::string stem = folder + ".seccomp-sim-" + std::to_string(owner) + "-";
    const signals_held until_remembered;
    for (int n = 0; n < most_names_tried && !file; ++n) {
        temporary = stem + std::to_string(n) + ".tmp";
        file = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (!file && errno != EEXIST)
            break;
    }
    if (!file)
        fail(path,
             "cannot be written: the folder " + quoted(folder.empty() ? "." : folder) + ": " +
                 errno_text(errno),
             "expected a folder that exists and can be written to");
    fd = file.get();
    entry = remember_unfinished(temporary);
    if (entry == most_unfinished_files) {
        ::unlink(temporary.c_str());
        fail(path, "more than " + std::to_string(most_unfinished_files) + " files are being written");
    }
    if (mode != 0)
        ::fchmod(fd, mode);
}

output_file::output_file(std::unique_ptr<state> s) : state_(std::move(s)) {}
output_file::output_file(output_file&&) noexcept = default;
output_file& output_file::operator=(output_file&&) noexcept = default;
output_file::~output_file() = default;

result<output_file> output_file::open(const std::string& path) {
    return as_result([&] {
        auto opened = std::make_unique<state>(path);
        opened->open_target();
        return output_file(std::move(opened));
    });
}

void output_file::write(std::string_view bytes) {
    state_->sputn(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::ostream& output_file::stream() {
    return state_->stream;
}

result<void> output_file::flush() {
    state_->drain();
    if (state_->error != 0)
        return diagnostic{{state_->path, 0, 0, {}}, "cannot be written: " + errno_text(state_->error), {}};
    return {};
}

result<void> output_file::commit() {
    return as_result([this] {
        state& s = *state_;
        s.drain();
        if (s.error == 0)
            s.error = s.file.close();
        if (s.error == 0 && !s.target.empty() && ::rename(s.temporary.c_str(), s.target.c_str()) != 0)
            s.error = errno;
        if (s.error != 0)
            fail(s.path, "cannot be written: " + errno_text(s.error));
        if (s.entry != most_unfinished_files)
            forget_unfinished(std::exchange(s.entry, most_unfinished_files));
    });
}

} // namespace seccomp_sim::scenario

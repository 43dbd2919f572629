// Reading /proc: status, children, threads and fds of a task.
#include "sim/live/proc_status.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

std::string task_folder(pid_t group, pid_t task) {
    return "/proc/" + std::to_string(group) + "/task/" + std::to_string(task);
}

template <class Number>
std::vector<Number> numbers_in(std::string_view text, int base = 10) {
    std::vector<Number> list;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end) {
        Number value{};
        const auto [next, error] = std::from_chars(at, end, value, base);
        if (error == std::errc{}) {
            list.push_back(value);
            at = next;
        } else {
            ++at;
        }
    }
    return list;
}

template <class Number>
Number number_in(std::string_view text, int base = 10) {
    const std::vector<Number> list = numbers_in<Number>(text, base);
    return list.empty() ? Number{} : list.front();
}

/// The whole of a file that the kernel makes up as it is read.
std::string read_all(int fd) {
    std::string text;
    std::array<char, 4096> buffer;
    off_t at = 0;
    for (;;) {
        const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), at);
        if (got <= 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        at += got;
        if (got < static_cast<ssize_t>(buffer.size()))
            return text;
    }
}

std::vector<pid_t> numbers_of_folder(const std::string& path, bool& readable) {
    std::vector<pid_t> list;
    DIR* folder = ::opendir(path.c_str());
    readable = folder != nullptr;
    if (folder == nullptr)
        return list;
    while (const dirent* entry = ::readdir(folder)) {
        const std::string_view name = entry->d_name;
        pid_t value = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), value).ec == std::errc{})
            list.push_back(value);
    }
    ::closedir(folder);
    std::sort(list.begin(), list.end());
    return list;
}

void take_line(proc_status& s, std::string_view key, std::string_view value, std::uint64_t& blocked) {
    if (key == "State")
        s.state = value.empty() ? '?' : value.front();
    else if (key == "Tgid")
        s.group = number_in<pid_t>(value);
    else if (key == "PPid")
        s.parent = number_in<pid_t>(value);
    else if (key == "NStgid")
        s.group_pids = numbers_in<pid_t>(value);
    else if (key == "NSpid")
        s.pids = numbers_in<pid_t>(value);
    else if (key == "SigPnd" || key == "ShdPnd")
        s.pending |= number_in<std::uint64_t>(value, 16);
    else if (key == "SigBlk")
        blocked = number_in<std::uint64_t>(value, 16);
    else if (key == "Seccomp")
        s.seccomp = number_in<int>(value);
    else if (key == "Seccomp_filters")
        s.filters = number_in<int>(value);
}

} // namespace

status_file::status_file(pid_t group, pid_t task)
    : file_(scenario::open_file(task_folder(group, task) + "/status", O_RDONLY)) {}

std::optional<proc_status> status_file::read() const {
    if (!file_)
        return std::nullopt;
    const std::string text = read_all(file_.get());
    if (text.empty())
        return std::nullopt;
    proc_status s;
    std::uint64_t blocked = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos)
            continue;
        std::string_view value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
        take_line(s, line.substr(0, colon), value, blocked);
    }
    s.pending &= ~blocked;
    return s;
}

std::vector<pid_t> children_of(pid_t group, pid_t task) {
    const scenario::file_descriptor f = scenario::open_file(task_folder(group, task) + "/children", O_RDONLY);
    return f ? numbers_in<pid_t>(read_all(f.get())) : std::vector<pid_t>{};
}

std::uint64_t pid_namespace_of(pid_t task) {
    struct stat about {};
    const std::string link = "/proc/" + std::to_string(task) + "/ns/pid";
    return ::stat(link.c_str(), &about) == 0 ? about.st_ino : 0;
}

std::vector<pid_t> threads_of(pid_t group) {
    bool readable = false;
    return numbers_of_folder("/proc/" + std::to_string(group) + "/task", readable);
}

std::optional<std::vector<int>> open_fds(pid_t group, pid_t task) {
    bool readable = false;
    std::vector<pid_t> list = numbers_of_folder(task_folder(group, task) + "/fd", readable);
    if (!readable)
        return std::nullopt;
    constexpr int last_standard = 2;
    std::erase_if(list, [](pid_t fd) { return fd <= last_standard; });
    return std::vector<int>(list.begin(), list.end());
}

} // namespace seccomp_sim::live

// Runs one tool of a build as a process group.
#include "sim/live/lab/run_tool.hpp"

#include "sim/live/lab/process_group.hpp"
#include "sim/scenario/input_error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <sstream>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

using scenario::file_descriptor;
using scenario::input_error;
using scenario::value_or_throw;

command tool_command(const tool_settings& settings, const std::vector<std::string>& argv) {
    command what;
    what.argv = argv;
    // Messages are looked through for words, and a make above us must not lend its jobs.
    what.environment = {"LC_ALL=C", "MAKEFLAGS=", "MFLAGS=", "MAKELEVEL=0", "CCACHE_NOHASHDIR=1"};
    what.held = settings.held;
    what.scratch = settings.scratch;
    what.keep_scratch_unless_abandoned = true;
    return what;
}

file_descriptor open_log(const std::filesystem::path& log) {
    file_descriptor fd = scenario::open_file(log.string(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (!fd)
        throw input_error(
            {{log.string(), 0, 0, ""}, "it cannot be written: " + scenario::errno_text(errno), ""});
    return fd;
}

bool finish(process_group& group, const tool_settings& settings, const std::string& tool) {
    const auto left = settings.end - std::chrono::steady_clock::now();
    const auto status = group.wait(
        std::max(std::chrono::milliseconds(0), std::chrono::duration_cast<std::chrono::milliseconds>(left)));
    if (!status)
        throw input_error(
            {{}, "the time for building is over; " + tool + " was ended", "a longer --timeout"});
    return WIFEXITED(*status) && WEXITSTATUS(*status) == 0;
}

} // namespace

result<bool> run_tool(const tool_settings& settings, const std::vector<std::string>& argv,
                      const std::filesystem::path& folder, const std::filesystem::path& log) {
    return scenario::as_result([&] {
        const file_descriptor out = open_log(log);
        command what = tool_command(settings, argv);
        what.folder = folder;
        what.descriptors = {{out.get(), STDOUT_FILENO}, {out.get(), STDERR_FILENO}};
        process_group group = value_or_throw(process_group::start(what));
        return finish(group, settings, argv[0]);
    });
}

result<bool> read_tool(const tool_settings& settings, const std::vector<std::string>& argv,
                       const std::filesystem::path& log, const std::function<void(std::string_view)>& take) {
    return scenario::as_result([&] {
        const file_descriptor errors = open_log(log);
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            throw input_error({{}, "no pipe can be made: " + scenario::errno_text(errno), ""});
        const file_descriptor read_end(ends[0]);
        file_descriptor write_end(ends[1]);
        command what = tool_command(settings, argv);
        what.descriptors = {{write_end.get(), STDOUT_FILENO}, {errors.get(), STDERR_FILENO}};
        process_group group = value_or_throw(process_group::start(what));
        write_end.close();
        std::vector<char> buffer(1U << 20U);
        ssize_t size = 0;
        while ((size = ::read(read_end.get(), buffer.data(), buffer.size())) != 0) {
            if (size > 0)
                take({buffer.data(), static_cast<std::size_t>(size)});
            else if (errno != EINTR)
                break;
        }
        return finish(group, settings, argv[0]);
    });
}

bool has_program(std::string_view name) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(path ? path : "/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');)
        if (::access((folder + "/" + std::string(name)).c_str(), X_OK) == 0)
            return true;
    return false;
}

} // namespace seccomp_sim::live

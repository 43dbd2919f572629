// Our side of a command in a guest: hands it standard input and takes its outputs.
#include "sim/live/lab/run_in_guest.hpp"

#include "sim/live/lab/guest.hpp"
#include "sim/live/lab/guest_frames.hpp"
#include "sim/scenario/input_error.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

using clock = std::chrono::steady_clock;
using scenario::input_error;
using scenario::value_or_throw;

std::string command_text(const guest_command& command) {
    nlohmann::json j;
    j["argv"] = command.argv;
    j["folder"] = std::filesystem::current_path().string();
    for (char** entry = environ; *entry; ++entry)
        j["environment"].push_back(*entry);
    // An environment may hold any bytes.
    return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(fd, text.data(), text.size());
        if (size < 0 && errno != EINTR && errno != EAGAIN)
            return;
        text.remove_prefix(size > 0 ? static_cast<std::size_t>(size) : 0);
    }
}

/// Both directions, until the guest has ended or the time is over.
class relay {
  public:
    relay(guest& g, const guest_command& command)
        : guest_(g), end_(clock::now() + command.limit), silence_(command.silence), heard_(clock::now()),
          command_(command_text(command)), take_output_(command.take_output),
          input_over_(!command.takes_input) {}

    /// The exit status of the command; nothing when the guest ended without telling.
    std::optional<int> run() {
        for (bool up = true; up && clock::now() < end();)
            up = turn();
        return exit_;
    }
    bool time_over() const { return clock::now() >= end(); }

  private:
    clock::time_point end() const { return std::min(end_, heard_ + silence_); }

    bool turn() {
        const bool take_input = ready_ && !input_over_ && to_guest_.empty();
        pollfd events[] = {
            {guest_.channel(), static_cast<short>(POLLIN | (to_guest_.empty() ? 0 : POLLOUT)), 0},
            {guest_.console(), POLLIN, 0},
            {take_input ? STDIN_FILENO : -1, POLLIN, 0},
            {guest_.ended_descriptor(), POLLIN, 0}};
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end() - clock::now()).count();
        ::poll(events, 4, static_cast<int>(std::clamp<long>(left, 0, 60000)));
        if ((events[0].revents & POLLOUT) != 0)
            write_some(guest_.channel(), to_guest_);
        if ((events[2].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
            read_input();
        if (((events[0].revents | events[1].revents) & POLLIN) != 0)
            heard_ = clock::now();
        const bool channel_up = (events[0].revents & (POLLIN | POLLHUP)) == 0 || read_channel();
        if ((events[1].revents & POLLIN) != 0)
            read_console();
        return events[3].revents == 0 || (channel_up && (events[0].revents & POLLIN) != 0);
    }

    void read_input() {
        std::string text;
        input_over_ = !read_some(STDIN_FILENO, text);
        to_guest_ += frame(frame_kind::input, text);
    }

    bool read_channel() {
        std::string text;
        const bool more = read_some(guest_.channel(), text);
        reader_.add(text, [&](frame_kind kind, std::string_view content) {
            if (kind == frame_kind::output && take_output_)
                take_output_(content);
            else if (kind == frame_kind::output)
                write_all(STDOUT_FILENO, content);
            else if (kind == frame_kind::error)
                write_all(STDERR_FILENO, content);
            else if (kind == frame_kind::ready)
                start();
            else if (kind == frame_kind::ended)
                command_ended(content);
        });
        return more;
    }

    void start() {
        ready_ = true;
        to_guest_ = frame(frame_kind::command, command_);
        if (input_over_)
            to_guest_ += frame(frame_kind::input, "");
    }

    void command_ended(std::string_view content) {
        const int status = std::atoi(std::string(content).c_str());
        const std::size_t blank = content.find(' ');
        if (blank != std::string_view::npos) {
            write_all(STDERR_FILENO, std::string(content.substr(blank + 1)) + "\n");
            exit_ = 127;
        } else {
            exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        input_over_ = true;
    }

    void read_console() {
        std::string text;
        read_some(guest_.console(), text);
        // What the kernel says of its own powering off is not about the command.
        if (!exit_)
            write_all(STDERR_FILENO, text);
    }

    guest& guest_;
    clock::time_point end_;
    std::chrono::seconds silence_;
    clock::time_point heard_; ///< when the guest last said anything
    std::string command_;
    std::function<void(std::string_view)> take_output_;
    bool input_over_ = false;
    std::string to_guest_;
    bool ready_ = false;
    frame_reader reader_;
    std::optional<int> exit_;
};

} // namespace

result<int> run_in_guest(const lab_kernel& what, const guest_command& command) {
    return scenario::as_result([&] {
        guest_options options;
        options.init = std::filesystem::read_symlink("/proc/self/exe");
        options.arguments = {"guest-init"};
        options.memory_mib = command.memory_mib;
        options.one_cpu = command.one_cpu;
        options.writable_root = !command.read_only;
        guest g = value_or_throw(guest::start(what, options));
        ::fcntl(g.channel(), F_SETFL, O_NONBLOCK);
        relay r(g, command);
        const std::optional<int> exit = r.run();
        if (!exit && r.time_over())
            throw input_error({{}, "the time for the guest is over; it was ended", "a longer --timeout"});
        if (!exit)
            throw input_error({{},
                               "the kernel " + what.name +
                                   " ended before its command did: " + wait_status_text(g.wait().value_or(0)),
                               ""});
        return *exit;
    });
}

} // namespace seccomp_sim::live

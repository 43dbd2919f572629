// The first process of a guest that runs one command: reads what to run, hands on its outputs, powers off.
#include "sim/live/lab/guest_frames.hpp"
#include "sim/live/lab/guest_side.hpp"
#include "sim/live/lab/run_in_guest.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace seccomp_sim::live {
namespace {

using scenario::file_descriptor;

struct pipe_ends {
    file_descriptor read;
    file_descriptor write;
    pipe_ends() {
        int ends[2] = {-1, -1};
        if (::pipe2(ends, O_CLOEXEC) == 0) {
            read = file_descriptor(ends[0]);
            write = file_descriptor(ends[1]);
        }
    }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (std::string& text : texts)
        all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

/// The command's process and its three standard files.
struct running_command {
    pid_t pid = -1;
    file_descriptor input;
    file_descriptor output;
    file_descriptor error;
    std::string failure; ///< why it did not start
};

[[noreturn]] void become(const std::string& folder, std::vector<std::string> argv,
                         std::vector<std::string> environment, int failure) {
    ::setsid();
    // The folder may be one that the guest hides, below /proc or /dev.
    if (::chdir(folder.c_str()) == 0 || ::chdir("/") == 0)
        ::execvpe(argv[0].c_str(), pointers(argv).data(), pointers(environment).data());
    const int error = errno;
    if (::write(failure, &error, sizeof error) < 0)
        ::_exit(126);
    ::_exit(127);
}

running_command start(const std::string& text) {
    const nlohmann::json j = nlohmann::json::parse(text);
    const auto argv = j.at("argv").get<std::vector<std::string>>();
    pipe_ends input;
    pipe_ends output;
    pipe_ends error;
    pipe_ends failure;
    running_command c;
    c.pid = ::fork();
    if (c.pid == 0) {
        ::dup2(input.read.get(), STDIN_FILENO);
        ::dup2(output.write.get(), STDOUT_FILENO);
        ::dup2(error.write.get(), STDERR_FILENO);
        become(j.at("folder"), argv, j.at("environment").get<std::vector<std::string>>(),
               failure.write.get());
    }
    failure.write.close();
    int why = 0;
    if (::read(failure.read.get(), &why, sizeof why) == sizeof why)
        c.failure = argv[0] + " cannot be started in the guest: " + scenario::errno_text(why);
    c.input = std::move(input.write);
    c.output = std::move(output.read);
    c.error = std::move(error.read);
    ::fcntl(c.input.get(), F_SETFL, O_NONBLOCK);
    return c;
}

void write_all(int fd, std::string text) {
    while (!text.empty() && write_some(fd, text)) {
    }
}

/// Hands on what there is; false at the end.
bool hand_on(file_descriptor& from, frame_kind kind, int channel) {
    std::string text;
    const bool more = read_some(from.get(), text);
    if (!text.empty())
        write_all(channel, frame(kind, text));
    if (!more)
        from.close();
    return more;
}

/// Until the command has closed its outputs and ended.
class session {
  public:
    explicit session(int channel) : channel_(channel) {}

    void run() {
        write_all(channel_, frame(frame_kind::ready, ""));
        while (!command_ || command_->output || command_->error)
            turn();
        int status = 0;
        ::waitpid(command_->pid, &status, 0);
        write_all(channel_, frame(frame_kind::ended, command_->failure.empty() ? std::to_string(status)
                                                                               : "127 " + command_->failure));
    }

  private:
    void turn() {
        const bool input_waits = command_ && command_->input && !pending_.empty();
        pollfd events[] = {{input_waits ? -1 : channel_, POLLIN, 0},
                           {command_ ? command_->output.get() : -1, POLLIN, 0},
                           {command_ ? command_->error.get() : -1, POLLIN, 0},
                           {input_waits ? command_->input.get() : -1, POLLOUT, 0}};
        ::poll(events, 4, -1);
        if (events[0].revents != 0)
            read_channel();
        if (events[1].revents != 0)
            hand_on(command_->output, frame_kind::output, channel_);
        if (events[2].revents != 0)
            hand_on(command_->error, frame_kind::error, channel_);
        if (events[3].revents != 0)
            write_input();
    }

    void read_channel() {
        std::string text;
        if (!read_some(channel_, text))
            power_off();
        reader_.add(text, [&](frame_kind kind, std::string_view content) {
            if (kind == frame_kind::command)
                command_ = start(std::string(content));
            else if (kind == frame_kind::input && content.empty())
                input_over_ = true;
            else if (kind == frame_kind::input)
                pending_ += content;
        });
        write_input();
    }

    void write_input() {
        if (!command_ || !command_->input)
            return;
        if (!pending_.empty() && !write_some(command_->input.get(), pending_))
            pending_.clear();
        if (pending_.empty() && input_over_)
            command_->input.close();
    }

    int channel_;
    frame_reader reader_;
    std::optional<running_command> command_;
    std::string pending_; ///< input that the command has not taken yet
    bool input_over_ = false;
};

} // namespace

int guest_init() {
    if (::getpid() != 1) {
        std::cerr << "seccomp-sim: guest-init is the first process of a guest\n";
        return 2;
    }
    ::signal(SIGPIPE, SIG_IGN);
    set_up_guest();
    auto channel = open_channel();
    if (!channel) {
        std::cerr << to_text(channel.error()) << "\n";
        power_off();
    }
    session(channel->get()).run();
    power_off();
}

} // namespace seccomp_sim::live

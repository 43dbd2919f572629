// `run --step`: shows one run move by move, forwards and backwards.
#include "sim/cli/step_through.hpp"

#include "kernel-model/task_table.hpp"
#include "sim/cli/options.hpp"
#include "sim/replay/changes.hpp"
#include "sim/replay/words.hpp"
#include "sim/report/report.hpp"
#include "sim/report/tree.hpp"
#include "sim/scenario/input_error.hpp"

#include <charconv>
#include <iostream>
#include <sstream>
#include <termios.h>
#include <unistd.h>

namespace seccomp_sim::cli {
namespace {

std::string move_text(const replay::run& r, const replay::stepper_move& m) {
    const scenario::scenario& s = r.script();
    if (m.step == nullptr)
        return "before the first step";
    std::string text = "step " + std::to_string(m.number) + ", ";
    if (!m.taken) {
        const bool is_block = std::holds_alternative<scenario::concurrent_step>(m.step->what);
        return text + (is_block ? "concurrently: nobody can go on" : replay::step_text(s, *m.step)) +
               (m.end.empty() ? "" : " " + m.end);
    }
    const std::string who(s.name_of(m.taken->who));
    return text + "concurrently: " + who +
           (m.taken->label == 0 ? " enters the kernel"
                                : " passes " + std::string(label_name(m.taken->label)));
}

/// A moment of the run: the move that led to it, what it changed, where each task is, and the filter tree.
class screen {
  public:
    screen(std::string title, bool terminal) : title_(std::move(title)), terminal_(terminal) {}

    void show(const replay::stepper& walk, std::size_t at) const {
        walk.visit(at, [&](const replay::run& r, const replay::stepper_move& m) {
            std::string text = title_ + "  " + std::to_string(at) + "/" + std::to_string(walk.moves()) +
                               ": " + move_text(r, m) + "\n";
            for (const std::string& change : m.changes)
                text += "  " + change + "\n";
            for (const violation& v : m.violations)
                text += "  " + paint("31", std::string(name_of(v.which)) + " is broken") + ": " + v.message +
                        "\n";
            for (const replay::failure& f : m.failures)
                text += "  " + paint("31", "FAILED") + " " + report::failure_text(f) + "\n";
            text += "\n" + places(r, m) + "\n" + report::tree_text(r);
            if (terminal_)
                text += "\nn next  p previous  home  end  q quit\n";
            std::cout << (terminal_ ? "\x1b[H\x1b[2J" : "") << text << (terminal_ ? "" : "\n") << std::flush;
        });
    }

  private:
    std::string places(const replay::run& r, const replay::stepper_move& m) const {
        const kernel& k = r.model();
        std::string text;
        k.w.tasks.for_each([&](task_id t, const task& record) {
            const bool moved =
                m.taken && (record.name == m.taken->who || (record.has(task_flag::kernel_thread) &&
                                                            m.taken->who == scenario::scenario::rcu()));
            if (record.has(task_flag::kernel_thread) && !record.call && !moved)
                return;
            std::string name = k.describe(t);
            name.resize(std::max<std::size_t>(name.size(), 12), ' ');
            const std::string line = (moved ? "> " : "  ") + name + " " + replay::place_of_task(r, t);
            text += (moved ? paint("1", line) : line) + "\n";
        });
        return text;
    }

    std::string paint(std::string_view code, const std::string& text) const {
        return terminal_ && std::getenv("NO_COLOR") == nullptr
                   ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m"
                   : text;
    }

    std::string title_;
    bool terminal_;
};

enum class key { next, previous, home, end, quit, other };

/// A terminal that gives each key at once, and is put back as it was.
class raw_terminal {
  public:
    raw_terminal() {
        ::tcgetattr(STDIN_FILENO, &before_);
        termios raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    raw_terminal(const raw_terminal&) = delete;
    raw_terminal& operator=(const raw_terminal&) = delete;
    ~raw_terminal() { ::tcsetattr(STDIN_FILENO, TCSANOW, &before_); }

    key read() const {
        // A special key comes as one sequence: it is read at once.
        char bytes[8] = {};
        const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes - 1);
        if (count <= 0)
            return key::quit;
        const std::string_view pressed(bytes, static_cast<std::size_t>(count));
        for (const std::string_view s : {"n", " ", "\n", "\x1b[C", "\x1b[B"})
            if (pressed == s)
                return key::next;
        for (const std::string_view s : {"p", "\x7f", "\x1b[D", "\x1b[A"})
            if (pressed == s)
                return key::previous;
        for (const std::string_view s : {"\x1b[H", "\x1b[1~", "\x1bOH", "g"})
            if (pressed == s)
                return key::home;
        for (const std::string_view s : {"\x1b[F", "\x1b[4~", "\x1bOF", "G"})
            if (pressed == s)
                return key::end;
        return pressed == "q" || pressed == "\x03" || pressed == "\x04" ? key::quit : key::other;
    }

  private:
    termios before_{};
};

std::optional<std::size_t> number_in(const std::string& word) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc() && end == word.data() + word.size() ? std::optional(number) : std::nullopt;
}

/// The move that a command leads to from `at`; nothing for quit.
std::optional<std::size_t> after_command(const std::string& word, std::size_t at, std::size_t moves) {
    if (word == "n" || word == "next")
        return std::min(at + 1, moves);
    if (word == "p" || word == "previous")
        return at > 0 ? at - 1 : 0;
    if (word == "home")
        return 0;
    if (word == "end")
        return moves;
    if (word == "q" || word == "quit")
        return std::nullopt;
    if (const auto number = number_in(word); number && *number <= moves)
        return *number;
    throw scenario::input_error({{"-", 0, 0, ""},
                                 quoted(word) + " is no command",
                                 "n, p, home, end, q, or a number from 0 to " + std::to_string(moves)});
}

} // namespace

int step_through(const scenario::scenario& s, const scenario::chosen_kernel& on,
                 const std::string& kernel_name, std::optional<std::uint64_t> seed) {
    const replay::stepper walk(s, on, seed);
    const bool terminal = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
    const screen screen(s.name + " on " + kernel_name, terminal);
    std::size_t at = 0;
    screen.show(walk, at);
    if (!terminal) {
        for (std::string word; std::cin >> word;) {
            const auto to = after_command(word, at, walk.moves());
            if (!to)
                break;
            at = *to;
            screen.show(walk, at);
        }
        return all_held;
    }
    const raw_terminal keys;
    for (;;) {
        switch (keys.read()) {
        case key::next:
            at = std::min(at + 1, walk.moves());
            break;
        case key::previous:
            at = at > 0 ? at - 1 : 0;
            break;
        case key::home:
            at = 0;
            break;
        case key::end:
            at = walk.moves();
            break;
        case key::quit:
            return all_held;
        case key::other:
            continue;
        }
        screen.show(walk, at);
    }
}

} // namespace seccomp_sim::cli

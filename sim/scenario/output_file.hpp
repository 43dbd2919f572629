// An output that is there whole or not at all: written under a temporary name in the folder of its target
// and renamed at the end. Nothing is left behind by a failure, an exception, Ctrl-C or a termination.
#pragma once

#include "seccomp_sim/result.hpp"

#include <memory>
#include <ostream>
#include <string>
#include <string_view>

namespace seccomp_sim::scenario {

/// A file being written. Owned by one thread. Errors of writing are kept and reported by `commit`, so
/// that writers need not look after each line.
class output_file {
  public:
    /// Opens `path` for writing; "-" is standard output. A device or pipe is written in place, a link is
    /// followed. Fails if the target is a directory or the folder is missing or not writable.
    static result<output_file> open(const std::string& path);

    output_file(output_file&&) noexcept;
    output_file& operator=(output_file&&) noexcept;
    /// Removes the temporary file unless committed.
    ~output_file();

    /// Appends bytes. Buffered.
    void write(std::string_view bytes);
    /// The same as a stream, without locale.
    std::ostream& stream();
    /// Hands what is buffered to the system. Needed only for output that is watched while it grows.
    result<void> flush();
    /// Hands over everything and gives the file its name. Nothing may be written after it.
    result<void> commit();

  private:
    struct state;
    explicit output_file(std::unique_ptr<state> s);
    std::unique_ptr<state> state_;
};

/// Makes SIGINT, SIGTERM, SIGHUP and SIGPIPE remove the temporary files of this process before they end it,
/// and a file size limit an error instead of a signal. To be called once, at the start of the program; a
/// signal that was ignored stays so.
void remove_unfinished_output_on_signals();

} // namespace seccomp_sim::scenario

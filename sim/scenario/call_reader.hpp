// Reads one step with "do", by its row in the table of operations.
#pragma once

#include "sim/scenario/reading.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::scenario {

/// What a row's own function (operation_row::finish) works on: the call so far, and the step's object.
class call_reader {
  public:
    call_reader(reading& r, object_reader& step, const operation_row& row, constraint_id on);

    /// Reads the row's arguments, what tasks and outcomes there are, and finishes the object.
    call_step read();

    request& asked() { return call_.asked; }
    reading& context() { return r_; }
    /// The argument's value where it was given, else nothing.
    source_ref given(std::string_view key) { return step_.optional(key); }
    /// Fails as if the row had called the argument required.
    void require(std::string_view key, std::string_view expected) { step_.required(key, expected); }
    /// Fails if any of these was given; `why` says what rules them out.
    void refuse(std::initializer_list<std::string_view> keys, std::string_view why);
    /// Fails at an argument, or at the whole step where it was not given.
    [[noreturn]] void fail(std::string_view key, std::string message, std::string hint = {});
    /// The call's value is an fd's number, whatever the row says.
    void makes_fd() { makes_fd_ = true; }

    name_id task() const { return call_.task; }
    /// Which calls of the process of `init` there are: its end would be the simulation's.
    bool is_init_process() const;

  private:
    void read_argument(const argument& a, source_ref value);
    void store(const argument& a, std::int64_t value);
    void store(const argument& a, name_id value);
    void introduce(const argument& a, source_ref value);
    void bear(name_id child, source_ref value);
    program_id filter_at(source_ref value);
    void read_polled(source_ref value);
    void read_system_call_arguments(source_ref value);

    reading& r_;
    object_reader& step_;
    const operation_row& row_;
    constraint_id on_;
    call_step call_;
    bool makes_fd_ = false;
};

} // namespace seccomp_sim::scenario

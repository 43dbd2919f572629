// A scenario in the middle of being read: what the readers of its parts share. They all throw input_error.
#pragma once

#include "sim/scenario/json_fields.hpp"
#include "sim/scenario/known_names.hpp"
#include "sim/scenario/operation_table.hpp"
#include "sim/scenario/read_scenario.hpp"
#include "sim/scenario/repeat_variables.hpp"
#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace seccomp_sim::scenario {

class reading {
  public:
    reading(const document& text, scenario& result, const read_options& limits);

    const document& doc;
    scenario& out;
    const read_options& options;
    repeat_variables variables;
    known_names names;
    name_table filter_names;          ///< of "filters", by program_id
    std::vector<index_type> installs; ///< how often each was installed under its own name, by program_id
    name_table step_names;            ///< of "at"

    /// A string with the variables of repeats replaced. Good until the next one.
    std::string_view text_at(source_ref value, std::string_view what = "a string");
    /// A string as one of the scenario's texts; nothing for nothing.
    text_id stored_text(source_ref value);
    /// The name that a string or a key is.
    name_id name_at(name_place at, std::string_view what = "a name");
    /// The same, of something that is known.
    name_id known_name_at(name_place at, name_role role);
    name_id known_name_at(source_ref value, name_role role) { return known_name_at({value, false}, role); }

    /// The constraint of "on", together with what holds around the step already.
    constraint_id constraint_at(source_ref value);
    /// The constraint that the key of a member says.
    constraint_id constraint_of_key(source_ref member);
    constraint_id both_of(constraint_id a, constraint_id b);
    std::uint32_t presets_on(constraint_id on) const { return on ? presets_[on.value] : ~std::uint32_t{0}; }

    /// Counts one more step, with the calls of blocks, and fails where there are too many, or too large ones.
    void count_step(source_ref where);

  private:
    constraint_id add(constraint what);

    std::size_t steps_ = 0;
    std::size_t values_ = 0;                             // of JSON, that were read for them
    std::size_t text_bytes_ = 0;                         // of notes and the like
    std::unordered_map<std::uint32_t, text_id> by_text_; // of texts that are the same in each round

    std::vector<std::uint32_t> presets_;                        // by constraint_id
    std::unordered_map<std::uint32_t, constraint_id> by_value_; // looked up by source_ref only, as all keys
    std::unordered_map<std::uint64_t, constraint_id> combinations_; // looked up by two ids only
};

/// Reads the members that every step may have: "note", "at", "on".
step_info read_step_info(reading& r, object_reader& step, constraint_id around);
/// Reads the rest of a step with "do" and finishes the object.
call_step read_call(reading& r, object_reader& step, constraint_id on);
/// Reads the value of "returns". `is_fd`: a name that is both a task and an fd means the fd.
table_run read_outcomes(reading& r, source_ref value, bool is_fd);
/// Reads the value of "expect".
expect_step read_expectations(reading& r, source_ref value);
/// Reads {fd: [events]}.
table_run read_reports(reading& r, source_ref value);
/// Reads the rest of a step with "concurrently" and finishes the object.
concurrent_step read_concurrency(reading& r, object_reader& step, constraint_id on);
/// Reads "steps", with repeats written out.
void read_steps(reading& r, source_ref list);
/// Reads "filters".
void read_filters(reading& r, source_ref object);

/// Throws `"word" is no <what>`, with the nearest valid word, where `word` is only a part of the value.
[[noreturn]] void fail_unknown_word(const document& doc, source_ref value, std::string_view word,
                                    std::string_view what, std::span<const std::string_view> valid);

/// A signal's number, from its name or number.
int signal_at(const document& doc, source_ref value);

} // namespace seccomp_sim::scenario

// The variables of the repeats around a step, and what their values make of a text: "worker{i}" is "worker3".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seccomp_sim::scenario {

class repeat_variables {
  public:
    /// A repeat begins; its variable has no value before `set`.
    void push(std::string_view name) { variables_.push_back({name, 0}); }
    /// The value of the innermost variable.
    void set(std::uint64_t value) { variables_.back().value = value; }
    void pop() { variables_.pop_back(); }

    bool has(std::string_view name) const;
    bool empty() const { return variables_.empty(); }
    std::vector<std::string_view> names() const;

    /// The text with each "{name}" replaced. What names no variable stays. Good until the next call.
    std::string_view replace(std::string_view text);

  private:
    struct variable {
        std::string_view name;
        std::uint64_t value;
    };

    std::vector<variable> variables_;
    std::string replaced_; // kept for its memory
};

} // namespace seccomp_sim::scenario

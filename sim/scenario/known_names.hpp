// What the names of a scenario stand for so far: a step may only name what an earlier one could have made.
// Everything here throws input_error.
#pragma once

#include "sim/scenario/json_fields.hpp"
#include "sim/scenario/scenario.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace seccomp_sim::scenario {

/// What a name can stand for; one name may stand for one of each.
enum class name_role : std::uint8_t { task, fd, filter, notification };

/// "task", "fd", "filter", "notification".
std::string_view text_of(name_role role);

/// Where a name is written: a string, or the key of a member.
struct name_place {
    source_ref where;
    bool is_key = false;
};

[[noreturn]] void fail_name(const document& doc, name_place at, std::string message, std::string hint = {});

class known_names {
  public:
    /// Knows the task `init`.
    known_names(const document& doc, scenario& out, std::size_t most_names);

    /// The number of a name that can be one: letters, digits and the like, not too long.
    name_id number_of(std::string_view text, name_place at);
    /// The number of a name that the reader made up.
    name_id made_up(std::string_view text, name_place at);

    /// Fails if the name would be taken for something else as a task or an fd: "any", "ok", "EBUSY".
    void refuse_reserved(name_id name, name_place at) const;

    bool is_known(name_id name, name_role role) const;
    /// The name stands for something from here on.
    void introduce(name_id name, name_role role);
    /// Fails unless the name is known in this role; inside a block, unless it is known at the block's end.
    void require(name_id name, name_role role, name_place at);

    /// A task is born, on the presets of a mask. Fails if one of that name could be there already.
    void bear(name_id child, name_id process, std::uint32_t presets, name_place at);
    /// The task whose birth made the process that a task is a thread of. A task of a block that another
    /// branch gives birth to further down counts as a process of its own.
    name_id process_of(name_id task) const {
        const bool is_born = task.value < tasks_.size() && tasks_[task.value].process;
        return is_born ? tasks_[task.value].process : task;
    }

    /// A block of concurrent calls: what one branch introduces, the others may name.
    void begin_block() { in_block_ = true; }
    void end_block();

  private:
    struct task_name {
        name_id process;
        std::uint32_t presets = 0; ///< on which it was born
        name_place birth;
    };
    struct wanted {
        name_id name;
        name_role role;
        name_place at;
    };

    [[noreturn]] void fail_unknown(name_id name, name_role role, name_place at) const;
    [[noreturn]] void fail_born(name_id child, name_place at) const;

    const document* doc_;
    scenario* out_;
    std::size_t most_names_;
    std::vector<std::uint8_t> roles_; ///< bits by name_role, by name_id
    std::vector<task_name> tasks_;    ///< by name_id
    std::vector<wanted> wanted_;
    bool in_block_ = false;
};

} // namespace seccomp_sim::scenario

// Goes over a scenario's steps in the order in which they happen, repeats written out. Who walks decides what
// a repeat is: the reader, who checks it, and the writer, who knows that it is right.
#pragma once

#include "sim/scenario/json_value.hpp"
#include "sim/scenario/repeat_variables.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace seccomp_sim::scenario {

/// `Around` is what the walker keeps for each repeat and its steps: what holds for all of them.
template <class Around>
class step_walk {
  public:
    /// `list` is an array. The variables are those of the repeats that the walk is in.
    step_walk(const document& doc, source_ref list, repeat_variables& variables)
        : doc_(&doc), variables_(&variables) {
        open_.push_back({list, doc.first(list), {}, 1, 1});
    }

    /// The next element of the innermost list; nothing at the end. An element that is a repeat is to be
    /// entered.
    source_ref next() {
        while (!open_.empty()) {
            open_list& list = open_.back();
            if (list.next)
                return std::exchange(list.next, doc_->next(list.next));
            if (list.round < list.rounds) {
                variables_->set(++list.round);
                list.next = doc_->first(list.list);
                continue;
            }
            if (depth() > 0)
                variables_->pop();
            open_.pop_back();
        }
        return {};
    }

    /// Goes into a repeat, which is the element that `next` gave last.
    void enter(source_ref list, std::string_view variable, std::uint64_t rounds, Around around) {
        open_.push_back({list, doc_->first(list), std::move(around), 1, rounds});
        variables_->push(variable);
        variables_->set(1);
    }

    /// What holds around the element that `next` gave last.
    const Around& around() const { return open_.back().around; }
    /// How many repeats it is in.
    std::size_t depth() const { return open_.size() - 1; }

  private:
    struct open_list {
        source_ref list;
        source_ref next;
        Around around;
        std::uint64_t round;
        std::uint64_t rounds;
    };

    const document* doc_;
    repeat_variables* variables_;
    std::vector<open_list> open_;
};

} // namespace seccomp_sim::scenario

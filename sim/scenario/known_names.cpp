// What names may look like, and what they stand for so far.
#include "sim/scenario/known_names.hpp"

#include "seccomp_sim/errno_name.hpp"
#include "sim/scenario/input_error.hpp"
#include "sim/scenario/nearest_name.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace seccomp_sim::scenario {

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::array<std::string_view, 5> reserved = {"rcu", "any", "ok", "blocks", "dies"};

constexpr std::uint8_t bit(name_role role) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
}

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool may_follow(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '#' || c == '-';
}

// Why a text cannot be a name, or nothing.
std::string_view flaw_of(std::string_view text) {
    if (text.empty())
        return "is empty";
    if (text.size() > longest_name)
        return "is longer than 64 bytes";
    if (text.find_first_of("{}") != std::string_view::npos)
        return "has braces that no repeat replaces";
    if (!is_letter(text.front()) || !std::all_of(text.begin(), text.end(), may_follow))
        return "is no name";
    return {};
}

} // namespace

std::string_view text_of(name_role role) {
    constexpr std::array<std::string_view, 4> texts = {"task", "fd", "filter", "notification"};
    return texts[static_cast<std::size_t>(role)];
}

void fail_name(const document& doc, name_place at, std::string message, std::string hint) {
    if (at.is_key)
        fail_at_key(doc, at.where, std::move(message), std::move(hint));
    fail_at(doc, at.where, std::move(message), std::move(hint));
}

known_names::known_names(const document& doc, scenario& out, std::size_t most_names)
    : doc_(&doc), out_(&out), most_names_(most_names) {
    introduce(out.names.intern("init"), name_role::task);
    tasks_.resize(1);
    tasks_.front() = {scenario::init(), ~std::uint32_t{0}, {doc.root()}};
    out.names.intern("rcu");
    most_names_ += out.names.size();
}

name_id known_names::number_of(std::string_view text, name_place at) {
    if (const name_id name = out_->names.find(text))
        return name;
    if (const std::string_view flaw = flaw_of(text); !flaw.empty())
        fail_name(*doc_, at, quoted(text) + " " + std::string(flaw),
                  "expected a letter or _, then letters, digits and _ . # -");
    return made_up(text, at);
}

name_id known_names::made_up(std::string_view text, name_place at) {
    if (out_->names.size() >= most_names_ && !out_->names.find(text))
        fail_name(*doc_, at, "too many names: " + quoted(text) + " is one more than the limit",
                  "expected at most " + std::to_string(most_names_ - 2));
    return out_->names.intern(text);
}

void known_names::refuse_reserved(name_id name, name_place at) const {
    const std::string_view text = out_->names[name];
    if (std::find(reserved.begin(), reserved.end(), text) != reserved.end() || errno_number(text))
        fail_name(*doc_, at, quoted(text) + " means something else where a task or an fd may stand",
                  "expected another name");
}

bool known_names::is_known(name_id name, name_role role) const {
    return name.value < roles_.size() && (roles_[name.value] & bit(role)) != 0;
}

void known_names::introduce(name_id name, name_role role) {
    if (roles_.size() <= name.value)
        roles_.resize(std::bit_ceil(std::size_t{name.value} + 1));
    roles_[name.value] = static_cast<std::uint8_t>(roles_[name.value] | bit(role));
}

void known_names::require(name_id name, name_role role, name_place at) {
    if (is_known(name, role))
        return;
    if (!in_block_)
        fail_unknown(name, role, at);
    wanted_.push_back({name, role, at});
}

void known_names::bear(name_id child, name_id process, std::uint32_t presets, name_place at) {
    if (tasks_.size() <= child.value)
        tasks_.resize(std::bit_ceil(std::size_t{child.value} + 1));
    task_name& task = tasks_[child.value];
    if ((task.presets & presets) != 0)
        fail_born(child, at);
    introduce(child, name_role::task);
    task = {process, task.presets | presets, at};
}

void known_names::end_block() {
    in_block_ = false;
    for (const wanted& w : wanted_)
        if (!is_known(w.name, w.role))
            fail_unknown(w.name, w.role, w.at);
    wanted_.clear();
}

void known_names::fail_unknown(name_id name, name_role role, name_place at) const {
    std::vector<std::string_view> valid;
    std::string others;
    for (index_type i = 0; i < roles_.size(); ++i)
        if ((roles_[i] & bit(role)) != 0)
            valid.push_back(out_->names[{i}]);
    for (const name_role other : {name_role::task, name_role::fd, name_role::filter, name_role::notification})
        if (is_known(name, other))
            others = std::string(", but a ") + std::string(text_of(other));
    const std::string_view word = out_->names[name];
    std::string expected;
    if (valid.empty())
        expected = "none, as there is none so far";
    else if (valid.size() <= 8)
        for (const std::string_view v : valid)
            expected += (expected.empty() ? "" : ", ") + std::string(v);
    fail_name(*doc_, at,
              quoted(word) + " is no " + std::string(text_of(role)) + " that an earlier step has made" +
                  others,
              hint_text(expected, nearest_name(word, valid).value_or("")));
}

void known_names::fail_born(name_id child, name_place at) const {
    const name_place before = tasks_[child.value].birth;
    const std::string where =
        child == scenario::init()
            ? std::string("is there from the start")
            : "was born before, in line " + std::to_string(doc_->place_of(before.where).line);
    const bool same = before.where == at.where;
    fail_name(*doc_, at, "the task " + quoted(out_->names[child]) + " " + where,
              same ? "expected a name with the repeat's variable in it, such as \"" + out_->names[child] +
                         "{i}\""
                   : "expected a name of its own for each task");
}

} // namespace seccomp_sim::scenario

// What a kernel was made to do, counted and told.
#include "sim/property/coverage.hpp"

#include "seccomp_sim/errno_name.hpp"
#include "sim/property/generator.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

namespace seccomp_sim::property {

namespace {

constexpr std::int64_t highest_errno = 4095;

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

/// The name of an operation, as the step that asks for it.
std::string_view name_of(operation op) {
    for (const scenario::operation_row* row : scenario::all_operations())
        if (row->op == op)
            return row->name;
    return "unshare files";
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

} // namespace

void coverage::add(const coverage& other) {
    for (std::size_t i = 0; i < calls.size(); ++i)
        calls[i] += other.calls[i];
    for (const auto& [what, times] : other.errors)
        errors[what] += times;
    for (std::size_t i = 0; i < labels.size(); ++i)
        labels[i] += other.labels[i];
    for (std::size_t i = 0; i < broken.size(); ++i)
        broken[i] += other.broken[i];
    for (const auto& [what, times] : other.choices)
        choices[what] += times;
    steps += other.steps;
    started += other.started;
    blocks += other.blocks;
    worlds += other.worlds;
}

void coverage_watch::on_return(task_id, request_id call, std::int64_t value) {
    const operation op = k_.requests[call.value].op;
    ++into_.calls[static_cast<std::size_t>(op)];
    if (value < 0 && value >= -highest_errno)
        ++into_.errors[{op, static_cast<int>(-value)}];
}

std::string to_text(const coverage& reached) {
    std::string out = "coverage: " + number(reached.steps) + " steps, " + number(reached.started) +
                      " calls, " + number(reached.blocks) + " blocks of calls made at the same time, " +
                      number(reached.worlds) + " kernels\n";
    std::string never;
    out += "  operations, how often they returned, and errors:\n";
    for (std::size_t i = 0; i <= static_cast<std::size_t>(operation::read_seccomp_cache); ++i) {
        const auto op = static_cast<operation>(i);
        if (reached.calls[i] == 0) {
            never += (never.empty() ? "" : ", ") + std::string(name_of(op));
            continue;
        }
        std::string line =
            "    " + padded(std::string(name_of(op)), 20) + padded(number(reached.calls[i]), 9);
        for (auto e = reached.errors.lower_bound({op, 0}); e != reached.errors.end() && e->first.first == op;
             ++e)
            line += " " + errno_text(e->first.second) + " " + number(e->second);
        out += line + "\n";
    }
    out += "  operations never reached: " + (never.empty() ? std::string("none") : never) + "\n";
    out += "  choices that ran:";
    std::string unset;
    for (const choice& c : all_choices())
        for (const choice::value& v : c.values) {
            if (c.name == "mutant") // a mistake made on purpose is no choice of a kernel
                continue;
            const std::string name = std::string(c.name) + "=" + std::string(v.name);
            if (reached.choices.count(name) == 0)
                unset += " " + name;
            else
                out += " " + name;
        }
    out += "\n  choices that did not run:" + (unset.empty() ? std::string(" none") : unset) + "\n";
    std::size_t passed = 0;
    std::string missed;
    for (std::size_t i = 1; i < yield_labels.size(); ++i) {
        passed += reached.labels[i] != 0 ? 1U : 0U;
        if (reached.labels[i] == 0)
            missed += "    " + std::string(yield_labels[i]) + "\n";
    }
    out += "  labels passed: " + number(passed) + " of " + number(yield_labels.size() - 1) + "\n";
    if (!missed.empty())
        out += "  labels never passed:\n" + missed;
    return out;
}

} // namespace seccomp_sim::property

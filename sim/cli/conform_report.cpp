// What came out of `conform`, in its formats.
#include "sim/cli/conform_report.hpp"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>

namespace seccomp_sim::cli {
namespace {

std::string side(const std::string& value) {
    return value.empty() ? "nothing of the kind" : value;
}

std::string indented(const std::string& text, std::string_view by) {
    std::istringstream lines(text);
    std::string out;
    for (std::string line; std::getline(lines, line);)
        out += std::string(by) + line + "\n";
    return out;
}

} // namespace

void conform_report::say_difference(const live::judgement& j) const {
    std::cout << "DIFFERS  " << j.scenario << " on " << j.kernel << " after step " << j.failing_step << "  "
              << j.step << "\n";
    for (const live::difference& d : j.differences)
        std::cout << "    " << d.what << "\n        model:  " << side(d.model)
                  << "\n        kernel: " << side(d.kernel) << "\n";
    if (j.agreeing_choices.empty())
        std::cout << "    no one or two other choices would make the model agree\n";
    else
        std::cout << "    the model would agree with:\n";
    constexpr std::size_t most = 6;
    for (std::size_t i = 0; i < std::min(j.agreeing_choices.size(), most); ++i)
        std::cout << "        " << j.agreeing_choices[i] << "\n";
    if (!j.minimal.empty())
        std::cout << "    a smallest scenario that shows it:\n" << indented(j.minimal, "        ");
}

void conform_report::add(const live::judgement& j) {
    work_[j.kernel].steps += j.steps;
    work_[j.kernel].seconds += j.seconds;
    (j.how == live::verdict::agrees ? agree_ : j.how == live::verdict::differs ? differ_ : cannot_) += 1;
    if (format_ == "jsonl") {
        std::cout << live::to_json(j) << std::endl;
    } else if (format_ == "ktap") {
        std::string line = j.scenario + "/" + j.kernel;
        if (j.how == live::verdict::cannot_run)
            line += " # SKIP " + j.why;
        for (const live::difference& d : j.differences)
            ktap_.push_back("# step " + std::to_string(j.failing_step) + ": " + d.what + ": model " +
                            side(d.model) + ", kernel " + side(d.kernel));
        ktap_.push_back((j.how == live::verdict::differs ? "not ok N " : "ok N ") + line);
    } else if (j.how == live::verdict::differs) {
        say_difference(j);
        std::cout.flush();
    } else if (j.how == live::verdict::cannot_run) {
        std::cout << "cannot   " << j.scenario << " on " << j.kernel
                  << (j.step.empty() ? "" : ", step " + std::to_string(j.failing_step) + " (" + j.step + ")")
                  << ": " << j.why << std::endl;
    } else if (verbose_) {
        std::cout << "agrees   " << j.scenario << " on " << j.kernel << ", " << j.steps << " steps"
                  << std::endl;
    }
}

void conform_report::add(const live::campaign& c) {
    if (format_ == "jsonl") {
        std::cout << live::to_json(c) << std::endl;
        return;
    }
    if (format_ == "ktap")
        return;
    std::cout << c.kernel << ": " << c.steps << " random steps in " << c.scenarios << " scenarios, "
              << c.differing << " of them differ; " << std::fixed << std::setprecision(0)
              << static_cast<double>(c.steps) / std::max(c.seconds, 0.001) << " steps a second\n";
    for (const auto& [why, times] : c.cut_short)
        std::cout << "    cut short " << times << " times: " << why << "\n";
    std::cout.flush();
    agree_ += c.scenarios - c.differing;
}

void conform_report::say_rates() const {
    for (const auto& [kernel, done] : work_)
        if (done.steps != 0)
            std::cout << kernel << ": " << done.steps << " steps of scenarios in " << std::fixed
                      << std::setprecision(1) << done.seconds << " s, " << std::setprecision(0)
                      << static_cast<double>(done.steps) / std::max(done.seconds, 0.001)
                      << " steps a second\n";
}

void conform_report::finish() const {
    if (format_ == "text")
        say_rates();
    if (format_ == "text")
        std::cout << agree_ << " agree, " << differ_ << " differ, " << cannot_ << " cannot be run here\n";
    if (format_ != "ktap")
        return;
    std::cout << "KTAP version 1\n1.." << agree_ + differ_ + cannot_ << "\n";
    std::size_t number = 0;
    for (const std::string& line : ktap_) {
        const std::size_t at = line.find("ok N ");
        if (line.front() == '#' || at == std::string::npos)
            std::cout << line << "\n";
        else
            std::cout << line.substr(0, at) << "ok " << ++number << " " << line.substr(at + 5) << "\n";
    }
    std::cout << "# Totals: pass:" << agree_ << " fail:" << differ_ << " xfail:0 xpass:0 skip:" << cannot_
              << " error:0\n";
}

std::string conform_table(const std::vector<live::judgement>& all) {
    std::vector<std::string> kernels;
    std::map<std::string, std::map<std::string, const live::judgement*>> rows;
    for (const live::judgement& j : all) {
        if (std::find(kernels.begin(), kernels.end(), j.kernel) == kernels.end())
            kernels.push_back(j.kernel);
        rows[j.scenario][j.kernel] = &j;
    }
    std::string text = "# Every scenario on every kernel\n\nMade by `make conform`.\n\n| scenario |";
    std::string rule = "|---|";
    for (const std::string& k : kernels) {
        text += " " + k + " |";
        rule += "---|";
    }
    text += "\n" + rule + "\n";
    std::vector<std::string> notes;
    for (const auto& [name, row] : rows) {
        text += "| " + name + " |";
        for (const std::string& k : kernels) {
            const auto found = row.find(k);
            const live::judgement* j = found == row.end() ? nullptr : found->second;
            std::string cell = "-";
            if (j != nullptr && j->how != live::verdict::cannot_run)
                cell = j->how == live::verdict::agrees ? "agrees" : "**differs**";
            if (j != nullptr && j->how == live::verdict::cannot_run) {
                auto note = std::find(notes.begin(), notes.end(), j->why);
                if (note == notes.end())
                    note = notes.insert(notes.end(), j->why);
                cell = "cannot (" + std::to_string(note - notes.begin() + 1) + ")";
            }
            text += " " + cell + " |";
        }
        text += "\n";
    }
    text += "\nWhy a scenario cannot be run here:\n\n";
    for (std::size_t i = 0; i < notes.size(); ++i)
        text += std::to_string(i + 1) + ". " + notes[i] + "\n";
    return text;
}

} // namespace seccomp_sim::cli

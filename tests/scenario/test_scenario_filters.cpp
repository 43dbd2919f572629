// Filters of a scenario: inline, in files beside it, and in files that send one on.
#include "tests/scenario/scenario_text.hpp"
#include "tests/scenario/scratch_folder.hpp"

#include <catch2/catch.hpp>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

constexpr std::string_view profile = R"({"defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [{"names": ["getppid", "no_such_call"], "action": "SCMP_ACT_ERRNO"}]})";

result<scenario_data> with_filter(const scratch_folder& folder, std::string_view filter) {
    folder.write("s.json", scenario_text(R"({"task": "init", "do": "exec"})",
                                         R"("filters": {"f": )" + std::string(filter) + "}, "));
    return read_scenario_file(folder / "s.json");
}

} // namespace

TEST_CASE("a file is found beside the scenario", "[filters]") {
    const scratch_folder folder;
    std::filesystem::create_directory(folder.path() / "profiles");
    folder.write("profiles/p", std::string(profile));
    folder.write("profiles/link", R"({"file": "p"})"); // relative to itself
    for (const std::string filter : {R"({"file": "profiles/p"})", R"("profiles/p")", R"("profiles/link")",
                                     R"("profiles/../profiles/link")"}) {
        INFO(filter);
        const auto s = with_filter(folder, filter);
        REQUIRE(s);
        CHECK(s->filters.at(0).file == folder / "profiles/p");
        CHECK(s->filters.at(0).notes.size() == 1); // the call that is not known
    }
}

TEST_CASE("files that send one round in circles", "[filters]") {
    const scratch_folder folder;
    folder.write("a", R"({"file": "b"})");
    folder.write("b", R"("a")");
    const auto s = with_filter(folder, R"("a")");
    REQUIRE_FALSE(s);
    CHECK(s.error().where.file == folder / "b");
    CHECK(s.error().message.find("in a circle") != std::string::npos);
}

TEST_CASE("a file that cannot be read is told where it is named", "[filters]") {
    const scratch_folder folder;
    const auto s = with_filter(folder, R"({"file": "none"})");
    REQUIRE_FALSE(s);
    CHECK(s.error().where.file == folder / "s.json");
    CHECK(s.error().where.pointer == "/filters/f/file");
    CHECK(s.error().message.find("No such file or directory") != std::string::npos);
    CHECK_FALSE(with_filter(folder, R"(".")"));
}

TEST_CASE("a mistake in a file is told there", "[filters]") {
    const scratch_folder folder;
    folder.write("p", "{\n  \"defaultAction\": \"SCMP_ACT_ALOW\"}");
    const auto s = with_filter(folder, R"("p")");
    REQUIRE_FALSE(s);
    CHECK(s.error().where.file == folder / "p");
    CHECK(s.error().where.line == 2);
}

TEST_CASE("a system call that is not known is a slip in the scenario's own filter", "[filters]") {
    const scratch_folder folder;
    const auto s = with_filter(folder, profile);
    REQUIRE_FALSE(s);
    CHECK(s.error().where.file == folder / "s.json");
}

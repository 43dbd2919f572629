// Arguments become scenario files: sorted, each once, whatever links there are.
#include "sim/scenario/find_scenarios.hpp"

#include "tests/scenario/scenario_text.hpp"
#include "tests/scenario/scratch_folder.hpp"

#include <catch2/catch.hpp>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

std::vector<std::string> found(std::initializer_list<std::string> arguments) {
    const std::vector<std::string> list(arguments);
    auto paths = find_scenarios(list);
    if (!paths)
        FAIL(to_text(paths.error()));
    return std::move(*paths);
}

const std::string text = scenario_text(R"({"task": "init", "do": "open", "as": "f"})");

std::string told_of(const std::string& argument) {
    const std::vector<std::string> list = {argument};
    const auto files = find_scenarios(list);
    return files ? "accepted" : to_text(files.error());
}

} // namespace

TEST_CASE("a folder stands for the scenarios below it", "[find]") {
    const scratch_folder folder;
    std::filesystem::create_directories(folder.path() / "b/deep");
    std::filesystem::create_directories(folder.path() / ".hidden");
    folder.write("z.json", text);
    folder.write("b/deep/a.json", text);
    folder.write("b/profile.json", R"({"defaultAction": "SCMP_ACT_ALLOW"})");
    folder.write("b/readme.txt", "");
    folder.write(".hidden/h.json", "{ broken");
    CHECK(found({folder.path()}) == std::vector<std::string>{folder / "b/deep/a.json", folder / "z.json"});
}

TEST_CASE("what is meant as a scenario and cannot be read is told", "[find]") {
    const scratch_folder folder;
    folder.write("a.json", text);
    folder.write("b.json", "{ broken");
    CHECK(told_of(folder.path()).find(folder / "b.json:1:3") == 0);
    folder.write("b.json", R"({"steps": []})");
    CHECK(told_of(folder.path()).find(folder / "b.json:1:1") == 0);
    folder.write("b.json", "[]");
    CHECK(told_of(folder.path()).find(folder / "b.json:1:1") == 0);
}

TEST_CASE("files stay in the order of the arguments, each once", "[find]") {
    const scratch_folder folder;
    folder.write("a.json", text);
    folder.write("b.txt", text);
    CHECK(found({folder / "b.txt", folder.path(), folder / "b.txt"}) ==
          std::vector<std::string>{folder / "b.txt", folder / "a.json"});
}

TEST_CASE("loops of links end", "[find]") {
    const scratch_folder folder;
    folder.write("a.json", text);
    std::filesystem::create_directory_symlink(folder.path(), folder.path() / "again");
    std::filesystem::create_symlink("itself.json", folder.path() / "itself.json");
    CHECK(found({folder.path()}) == std::vector<std::string>{folder / "a.json"});
    CHECK(told_of(folder / "itself.json").find("cannot be opened") != std::string::npos);
}

TEST_CASE("nothing to run is a mistake", "[find]") {
    const scratch_folder folder;
    folder.write("profile.json", R"({"defaultAction": "SCMP_ACT_ALLOW"})");
    CHECK(told_of(folder.path()) ==
          folder.path().string() + R"(: has no scenarios in it; expected *.json files with a "schema")");
    CHECK(told_of(folder / "none.json") == (folder / "none.json") +
                                               ": cannot be opened: No such file or directory; "
                                               "expected a scenario file, a folder of them, or -");
}

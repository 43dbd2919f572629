// Arguments become scenario files: sorted, each once, whatever links there are.
#include "sim/scenario/find_scenarios.hpp"

#include "tests/scenario/scratch_folder.hpp"

#include <catch2/catch.hpp>

using namespace seccomp_sim;
using namespace seccomp_sim::scenario;

namespace {

std::vector<std::string> found(std::initializer_list<std::string> arguments) {
    const std::vector<std::string> list(arguments);
    auto files = find_scenarios(list);
    if (!files)
        FAIL(to_text(files.error()));
    return std::move(*files);
}

std::string told(const std::string& argument) {
    const std::vector<std::string> list = {argument};
    const auto files = find_scenarios(list);
    return files ? "accepted" : to_text(files.error());
}

} // namespace

TEST_CASE("a folder stands for the scenarios below it", "[find]") {
    const scratch_folder folder;
    std::filesystem::create_directories(folder.path() / "b/deep");
    std::filesystem::create_directories(folder.path() / ".hidden");
    folder.write("z.json", R"({"schema": "x"})");
    folder.write("b/deep/a.json", "{ broken");
    folder.write("b/no-schema.json", R"({"steps": []})");
    folder.write("b/profile.json", R"({"defaultAction": "SCMP_ACT_ALLOW"})");
    folder.write("b/readme.txt", "");
    folder.write(".hidden/h.json", R"({"schema": "x"})");
    const std::vector<std::string> all = {folder / "b/deep/a.json", folder / "b/no-schema.json",
                                          folder / "z.json"};
    CHECK(found({folder.path()}) == all);
}

TEST_CASE("files stay in the order of the arguments, each once", "[find]") {
    const scratch_folder folder;
    folder.write("a.json", R"({"schema": "x"})");
    folder.write("b.txt", "");
    CHECK(found({"-", folder / "b.txt", folder.path(), folder / "b.txt"}) ==
          std::vector<std::string>{"-", folder / "b.txt", folder / "a.json"});
}

TEST_CASE("loops of links end", "[find]") {
    const scratch_folder folder;
    folder.write("a.json", R"({"schema": "x"})");
    std::filesystem::create_directory_symlink(folder.path(), folder.path() / "again");
    std::filesystem::create_symlink("itself.json", folder.path() / "itself.json");
    CHECK(found({folder.path()}) == std::vector<std::string>{folder / "a.json"});
    CHECK(told(folder / "itself.json").find("cannot be opened") != std::string::npos);
}

TEST_CASE("nothing to run is a mistake", "[find]") {
    const scratch_folder folder;
    folder.write("profile.json", R"({"defaultAction": "SCMP_ACT_ALLOW"})");
    CHECK(told(folder.path()) ==
          folder.path().string() + R"(: has no scenarios in it; expected *.json files with a "schema")");
    CHECK(told(folder / "none.json") == (folder / "none.json") +
                                            ": cannot be opened: No such file or directory; "
                                            "expected a scenario file, a folder of them, or -");
}

# Writes the files of this folder that go into kernels as a C++ source: file(READ) keeps them as they are.
# cmake -D FOLDER=... -D OUTPUT=... -P embed.cmake
file(GLOB_RECURSE names RELATIVE ${FOLDER} ${FOLDER}/*.cocci ${FOLDER}/kernel/*)
list(SORT names)
set(text "// Made by sim/live/points/embed.cmake.\n#include \"sim/live/points/embedded_files.hpp\"\n\n#include <array>\n\n")
string(APPEND text "namespace seccomp_sim::live {\nnamespace {\n\nconstexpr auto files = std::to_array<embedded_file>({\n")
foreach(name IN LISTS names)
    file(READ ${FOLDER}/${name} content)
    string(APPEND text "{\"${name}\", R\"EMBEDDED(${content})EMBEDDED\"},\n")
endforeach()
string(APPEND text "});\n\n} // namespace\n\nstd::span<const embedded_file> embedded_files() {\n    return files;\n}\n\n} // namespace seccomp_sim::live\n")
file(WRITE ${OUTPUT} "${text}")

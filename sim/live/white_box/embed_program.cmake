# Writes the bytes of OBJECT as a C++ source, OUTPUT. Run by the build: cmake -DOBJECT= -DOUTPUT= -P
file(READ ${OBJECT} digits HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${digits}")
file(WRITE ${OUTPUT} "// Made by embed_program.cmake.
#include \"sim/live/white_box/iterator_program.hpp\"

namespace {
alignas(8) constexpr unsigned char bytes[] = {${bytes}};
}

const std::string_view seccomp_sim::live::iterator_program(reinterpret_cast<const char*>(bytes), sizeof bytes);
")

#include <ctq/host/table.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace ctq::host;

TEST_CASE("table: texts to the left, numbers to the right, no space at the end of a line") {
    const table_rows rows{{"layer", "operator", "MACs"}, {"a", "conv2d", "1234567"}, {"longer", "", "0"}, {"all"}};
    CHECK(aligned_text(rows, 2) == "layer   operator     MACs\n"
                                   "a       conv2d    1234567\n"
                                   "longer                  0\n"
                                   "all\n");
    CHECK(aligned_lines({{"", "fp32"}, {"top-1", "75 %"}, {"none", ""}}, 1) ==
          std::vector<std::string>{"       fp32", "top-1  75 %", "none"});
    CHECK(aligned_text({}, 0).empty());
}

TEST_CASE("table: a character counts once, however many bytes it has") {
    CHECK(aligned_text({{"\xC3\xB6", "1"}, {"ab", "22"}}, 1) == "\xC3\xB6    1\nab  22\n");
}

TEST_CASE("table: as Markdown, with a line under the head") {
    CHECK(markdown_text({{"ONNX", "ctq"}, {"Gemm, MatMul", "dense"}, {"Relu", ""}}) == "| ONNX | ctq |\n"
                                                                                       "|---|---|\n"
                                                                                       "| Gemm, MatMul | dense |\n"
                                                                                       "| Relu |  |\n");
    CHECK(markdown_text({}).empty());
}

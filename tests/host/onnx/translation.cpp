#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/relu.hpp>

#include <doctest/doctest.h>

#include <type_traits>

namespace {

struct of_two_versions : ctq::host::onnx::translation_to<ctq::op::relu> {
    static constexpr std::string_view name = "Relu";
    static constexpr ctq::version_range versions{6, 13};
};

} // namespace

TEST_CASE("translation: of ONNX, whether spelled out or in one line") {
    using in_a_line = ctq::host::onnx::one_to_one<"Relu", ctq::op::relu>;
    CHECK(ctq::translation<of_two_versions>);
    CHECK(ctq::source_versions_of<of_two_versions>.first == of_two_versions::versions.first);
    CHECK(ctq::translation<in_a_line>);
    CHECK(of_two_versions::source == ctq::host::onnx::source_name);
    CHECK(in_a_line::source == ctq::host::onnx::source_name);
    CHECK(std::is_same_v<of_two_versions::makes, in_a_line::makes>);
}

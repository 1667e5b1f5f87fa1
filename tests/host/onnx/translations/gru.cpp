#include <ctq/host/onnx/translations/gru.hpp>

#include <doctest/doctest.h>
#include <host/onnx/translations/recurrent_models.hpp>

using namespace ctq::test::onnx_import;
using ctq::op::gru;

TEST_CASE("gru: the reset before the sum or behind it") {
    const recurrent_model of{"GRU", 3, 1, {"x", "w", "r", "b", "", "z"}, {"y", "last"}};
    const auto plain = imported(of.with_attributes({integer("linear_before_reset", 0)}));
    CHECK(recurrent_operator_of<gru>(plain) == gru{});
    REQUIRE(plain.outputs.size() == 2);
    CHECK(plain.value_at(plain.outputs[0].value).facts.shape == ctq::shape{4, 1, 1, 2});
    CHECK(plain.outputs[1].value == recurrent_node_of<gru>(plain).outputs[1]);
    const auto linear = imported(of.with_attributes({integer("linear_before_reset", 1)}));
    CHECK(recurrent_operator_of<gru>(linear) == gru{.linear_before_reset = true});
}

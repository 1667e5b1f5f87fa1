#include <ctq/host/onnx/translations/softmax.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("softmax: an axis that is none is malformed") {
    check_refused(exit_code::malformed, {{one("Softmax", {integer("axis", 4)}), "out of the tensor's range"}});
}

TEST_CASE("softmax: before version 13 over all axes from 1 on, from then on over the last one") {
    const auto graph_at = [](std::int64_t opset) {
        return imported(build::model(build::graph(one("Softmax", {}, {}, {2, 3, 4})), 8, opset));
    };
    const auto before = graph_at(12), after = graph_at(13);
    REQUIRE(before.nodes.size() == 3);
    CHECK(before.value_at(before.nodes[1].output()).facts.shape == ctq::shape{2, 12});
    REQUIRE(after.nodes.size() == 1);
    CHECK(ctq::operator_if<ctq::op::softmax>(after.nodes[0])->axis == 2);
}

#include <ctq/host/onnx/translations/reduce_mean.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("reduce_mean: axes that repeat or are none are malformed") {
    check_refused(exit_code::malformed,
                  {
                      {one("ReduceMean", {ints("axes", {1, 1})}), "must not repeat"},
                      {one("ReduceMean", {ints("axes", {-5})}), "out of the tensor's range"},
                      {one("ReduceMean", {}, {int64s("k0", {-5})}), "out of the tensor's range", 18},
                      {one("ReduceMean", {}, {int64s("k0", {1})}), "in this version axes are an attribute", 17},
                      {one("ReduceMean", {ints("axes", {1})}), "axes must not be an attribute", 18},
                      {one("GlobalAveragePool", {}, {}, {1, 4}), "the input must have spatial axes"},
                  });
}

TEST_CASE("reduce_mean: from version 18 on axes are an input, and none may mean that nothing is done") {
    const auto shape_of = [](const build::graph_parts& parts, std::int64_t opset = 18) {
        const auto graph = imported(build::model(build::graph(parts), 8, opset));
        return graph.value_at(graph.outputs[0].value).facts.shape;
    };
    const auto noop = integer("noop_with_empty_axes", 1), drop = integer("keepdims", 0);
    CHECK(shape_of(one("ReduceMean", {ints("axes", {1}), drop}), 17) == ctq::shape{1, 6, 6});
    CHECK(shape_of(one("ReduceMean", {noop}), 17) == ctq::shape{1, 1, 1, 1}); // no attribute of this version
    CHECK(shape_of(one("ReduceMean", {drop}, {int64s("k0", {1})})) == ctq::shape{1, 6, 6});
    CHECK(shape_of(one("ReduceMean", {noop}, {int64s("k0", {1})})) == ctq::shape{1, 1, 6, 6});
    CHECK(shape_of(one("ReduceMean", {})) == ctq::shape{1, 1, 1, 1});
    CHECK(shape_of(one("ReduceMean", {noop})) == ctq::shape{1, 4, 6, 6});
    CHECK(shape_of(one("ReduceMean", {noop}, {int64s("k0", {})})) == ctq::shape{1, 4, 6, 6});
    check_refused(exit_code::unsupported,
                  {{parts_of({node("r", "ReduceMean", {"x", "z"}, {"y"})}), "input 1 'z' must be constant", 18}});
}

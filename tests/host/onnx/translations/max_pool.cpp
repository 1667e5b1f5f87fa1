#include <ctq/host/onnx/translations/max_pool.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("max_pool: wrong windows are malformed") {
    check_refused(
        exit_code::malformed,
        {
            {one("MaxPool", {}), "kernel_shape is missing"},
            {one("MaxPool", {ints("kernel_shape", {2, 2}), ints("pads", {2, 0, 0, 0})}), "smaller than the kernel"},
            {one("MaxPool", {ints("kernel_shape", {2, 2}), ints("pads", {0, 0, 2, 0})}), "smaller than the kernel"},
            {one("MaxPool", {ints("kernel_shape", {2, 2}), ints("dilations", {7, 1}), ints("pads", {1, 0, 1, 0})}),
             "between the image's cells"},
            {one("MaxPool", {ints("kernel_shape", {2})}, {}, {1, 4}), "the input must have spatial axes"},
        });
}

TEST_CASE("max_pool: indices that nobody reads are left out, however they count") {
    build::graph_parts parts = parts_of({with(node("p", "MaxPool", {"x"}, {"y", "indices"}),
                                              {ints("kernel_shape", {2, 2}), integer("storage_order", 1)})});
    parts.values = {build::value("indices", {1, 4, 5, 5}, 7)};
    const auto graph = imported(parts);
    REQUIRE(graph.nodes.size() == 3);
    CHECK(ctq::operator_if<ctq::op::max_pool>(graph.nodes[1]) != nullptr);
}

TEST_CASE("max_pool: indices that are read are unsupported") {
    check_refused(
        exit_code::unsupported,
        {
            {parts_of({with(node("p", "MaxPool", {"x"}, {"v", "y"}), {ints("kernel_shape", {2, 2})})}), "output 1 'y'"},
        });
}

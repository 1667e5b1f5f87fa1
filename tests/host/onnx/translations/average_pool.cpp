#include <ctq/host/onnx/translations/average_pool.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("average_pool: a window beyond the image is malformed, its last part counted as padding unsupported") {
    check_refused(exit_code::malformed, {{one("AveragePool", {ints("kernel_shape", {7, 7})}), "the window is larger"}});
    check_refused(
        exit_code::unsupported,
        {{one("AveragePool", {ints("kernel_shape", {2, 2}), integer("ceil_mode", 1), integer("count_include_pad", 1)}),
          "ceil_mode together with count_include_pad"},
         {one("AveragePool", {ints("kernel_shape", {2, 2}), ints("dilations", {1, 2})}), "dilations other than 1",
          19}});
}

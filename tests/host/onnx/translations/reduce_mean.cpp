#include <ctq/host/onnx/translations/reduce_mean.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("reduce_mean: axes that repeat or are none are malformed") {
    check_refused(exit_code::malformed,
                  {
                      {one("ReduceMean", {ints("axes", {1, 1})}), "must not repeat"},
                      {one("ReduceMean", {ints("axes", {-5})}), "out of the tensor's range"},
                      {one("GlobalAveragePool", {}, {}, {1, 4}), "the input must have spatial axes"},
                  });
}

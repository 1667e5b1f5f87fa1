#include <ctq/host/onnx/translations/transpose.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("transpose: what is no permutation of the axes is malformed") {
    check_refused(exit_code::malformed,
                  {
                      {one("Transpose", {ints("perm", {0, 1, 1, 3})}), "a permutation must name every axis once"},
                      {one("Transpose", {ints("perm", {0, 1, 2})}), "one entry for each axis"},
                      {one("Transpose", {ints("perm", {0, 1, 2, 4})}), "a permutation"},
                  });
}

#include <ctq/host/onnx/translations/batch_normalization.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <limits>

using namespace ctq::test::onnx_import;

TEST_CASE("batch_normalization: wrong numbers are malformed, and what is not constant is unsupported") {
    const auto normalization = [](float variance, float epsilon, std::int64_t channels = 4) {
        return one("BatchNormalization", {real("epsilon", epsilon)},
                   {floats("k0", {channels}), floats("k1", {channels}), floats("k2", {channels}),
                    floats("k3", {channels}, variance)});
    };
    check_refused(exit_code::malformed, {
                                            {normalization(-1, 1e-5F), "variances must not be negative"},
                                            {normalization(0, 0), "variance + epsilon zero"},
                                            {normalization(1, -1), "epsilon must not be negative"},
                                            {normalization(1, 1e-5F, 3), "one value a channel"},
                                            {normalization(std::numeric_limits<float>::infinity(), 1e-5F),
                                             "element 0 of input 4 is inf, among weights"},
                                        });
    check_refused(
        exit_code::unsupported,
        {{parts_of({node("b", "BatchNormalization", {"x", "z", "z", "z", "z"}, {"y"})}), "must be constant"}});
}

TEST_CASE("batch_normalization: each version's way to ask for training is unsupported") {
    const auto normalization = [](const std::vector<build::message>& attributes, const build::names& outputs = {"y"}) {
        return parts_of({with(node("b", "BatchNormalization", {"x", "k", "k", "k", "k"}, outputs), attributes)},
                        {floats("k", {4})});
    };
    const auto testing = integer("is_test", 1), training = integer("training_mode", 1);
    const build::names with_statistics{"y", "mean", "var"};
    for (const std::int64_t opset : {6, 7, 13, 14}) {
        CAPTURE(opset);
        CHECK(importing(normalization({testing}), {}, opset).number() == 0);
    }
    CHECK(importing(normalization({testing}, with_statistics), {}, 6).number() == 0);
    CHECK(importing(normalization({training}), {}, 13).number() == 0); // no attribute of this version
    check_refused(exit_code::unsupported,
                  {
                      {normalization({}), "training mode, which is_test 0 asks for,", 6},
                      {normalization({integer("is_test", 0)}), "training mode, which is_test 0 asks for,", 6},
                      {normalization({testing, integer("spatial", 0)}), "spatial 0 is not supported", 6},
                      {normalization({integer("spatial", 0)}), "spatial 0 is not supported", 7},
                      {normalization({}, with_statistics), "training mode, which several outputs ask for,", 7},
                      {normalization({}, with_statistics), "training mode, which several outputs ask for,", 13},
                      {normalization({training}), "training mode is not supported", 14},
                  });
}

#include <ctq/host/onnx/translations/batch_normalization.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

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
                                        });
    check_refused(
        exit_code::unsupported,
        {{parts_of({node("b", "BatchNormalization", {"x", "z", "z", "z", "z"}, {"y"})}), "must be constant"}});
}

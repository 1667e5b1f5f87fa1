// Tensors of xtensor as what an executor's run() takes and gives (ctq/xtensor.hpp).

#include <ctq/execute/executor.hpp>
#include <ctq/execute/freeze.hpp>
#include <ctq/xtensor.hpp>

#include <doctest/doctest.h>
#include <execute/models.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xfixed.hpp>
#include <xtensor/xrandom.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include <array>
#include <cstdint>
#include <string_view>

using namespace ctq::testing;

namespace {

constexpr auto make_ports_for_xtensor = [] { return quantized_typed_ports(); };
using typed_model = ctq::frozen_model<make_ports_for_xtensor, ctq::rule::affine_int8>;

const xt::xtensor<std::int64_t, 1> positions{1, 2, 3};
const std::array<bool, 2> mask{true, false};

/// What the executor makes of 8 numbers.
template <class Image> xt::xtensor<float, 2> scores_of(const Image& image) {
    static ctq::executor<typed_model> net;
    xt::xtensor<float, 2> scores = xt::zeros<float>({1, 4});
    xt::xtensor_fixed<std::int64_t, xt::xshape<3>> doubled;
    std::array<bool, 4> masks{};
    net.run(image, positions, mask, scores, doubled, masks);
    CHECK(doubled == 2 * positions);
    return scores;
}

template <class Call> bool faults(Call call, std::string_view why) {
    try {
        call();
    } catch (const ctq::model_error& fault) {
        return std::string_view(fault.what()).find(why) != std::string_view::npos;
    }
    return false;
}

} // namespace

TEST_CASE("arrays, tensors, contiguous and strided views, other layouts and expressions are one input") {
    const xt::xarray<float> batch = xt::random::rand<float>({3, 8, 2}, -1.0f, 1.0f);
    const xt::xtensor<float, 1> image = xt::view(batch, 1, xt::all(), 0);
    const auto expected = scores_of(image);
    CHECK(xt::amax(xt::abs(expected))() > 0.1f);
    CHECK(scores_of(xt::view(batch, 1, xt::all(), 0)) == expected);
    CHECK(scores_of(xt::xarray<float, xt::layout_type::column_major>(xt::view(batch, xt::range(1, 2), xt::all(), 0))) ==
          expected);
    CHECK(scores_of(xt::xtensor_fixed<float, xt::xshape<1, 8>>(image)) == expected);
    CHECK(scores_of(image + 0.0f) == expected);
    const xt::xtensor<float, 2> rows = xt::view(batch, xt::all(), xt::all(), 0);
    CHECK(scores_of(xt::view(rows, 1)) == expected);
    CHECK_FALSE(scores_of(xt::view(batch, 0, xt::all(), 0)) == expected);
}

TEST_CASE("a row of a larger tensor takes the result; the rest stays") {
    static ctq::executor<typed_model> net;
    const xt::xtensor<float, 1> image = xt::linspace<float>(-1, 1, 8);
    xt::xarray<float> all = xt::zeros<float>({4, 3});
    xt::xtensor<std::int8_t, 1> codes = xt::zeros<std::int8_t>({4});
    std::array<std::int64_t, 3> doubled{};
    std::array<bool, 4> masks{};
    auto column = xt::view(all, xt::all(), 1);
    net.run(image, positions, mask, column, doubled, masks);
    CHECK(column == xt::view(scores_of(image), 0));
    CHECK(xt::sum(xt::abs(all))() == xt::sum(xt::abs(column))());

    auto integers = xt::xtensor<std::int8_t, 1>::from_shape({8});
    for (std::size_t i = 0; i < 8; ++i)
        integers(i) = static_cast<std::int8_t>(ctq::quantize(image(i), typed_model::values[0].facts));
    net.run_quantized(integers, positions, mask, codes, doubled, masks);
    const auto facts = typed_model::values[static_cast<std::size_t>(typed_model::outputs[0])].facts;
    for (std::size_t i = 0; i < 4; ++i) CHECK(column(i) == ctq::real_of(codes(i), facts.quantization));
}

TEST_CASE("a tensor of as many elements in another shape is refused") {
    CHECK(faults([] { scores_of(xt::xtensor<float, 2>(xt::zeros<float>({2, 4}))); }, "the shape of the model's input"));
    CHECK(faults([] { scores_of(xt::xtensor<float, 1>(xt::zeros<float>({7}))); }, "the shape of the model's input"));
    CHECK_FALSE(faults([] { scores_of(xt::xtensor<float, 3>(xt::zeros<float>({1, 1, 8}))); }, ""));
}

#include <ctq/operators/channel_scaling.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <limits>

namespace {

template <class Requantizer> struct planes {
    std::array<std::int32_t, 2> bias{};
    std::array<typename Requantizer::multiplier_type, 2> multiplier{};
    std::array<std::int8_t, 2> shift{};

    void set(std::size_t channel, double scale) {
        const ctq::scaling s = Requantizer::encode(scale);
        multiplier[channel] = static_cast<typename Requantizer::multiplier_type>(s.multiplier);
        shift[channel] = static_cast<std::int8_t>(s.shift);
    }
    std::array<ctq::const_tensor, ctq::weighted::residual> tensors() const {
        return {ctq::const_tensor{}, ctq::const_tensor{}, ctq::const_tensor{{}, bias.data()},
                ctq::const_tensor{{}, multiplier.data()}, ctq::const_tensor{{}, shift.data()}};
    }
};

template <class Requantizer> void check_finish() {
    planes<Requantizer> table;
    table.set(0, 0.25);
    table.set(1, 1.5e-4);
    const auto in = table.tensors();
    const ctq::channel_scaling<Requantizer> scales(in);
    CHECK(scales[0] == Requantizer::encode(0.25));
    CHECK(scales[1] == Requantizer::encode(1.5e-4));
    for (const std::int32_t sum : {-100000, -400, -3, 0, 2, 399, 100000})
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const ctq::limits range{-100, 50};
            const std::int32_t start = sum + Requantizer::rounding(scales[channel]);
            const int wanted = range.clamp(Requantizer::apply(sum, scales[channel], 7));
            CHECK(scales.finish(start, channel, 7, range) == wanted);
        }
}

/// What fits is exactly what no accumulator can overflow with.
template <class Requantizer> void check_proof(double scale) {
    planes<Requantizer> table;
    table.set(0, scale);
    const auto in = table.tensors();
    const ctq::channel_scaling<Requantizer> scales(in);
    const std::int64_t room = Requantizer::headroom(scales[0]) + Requantizer::rounding(scales[0]);
    CHECK(scales.accumulator_fits(room / 128, 0));
    CHECK_FALSE(scales.accumulator_fits(room / 128 + 1, 0));
    table.bias[0] = -static_cast<std::int32_t>(room % 128) - 128;
    CHECK(scales.accumulator_fits(room / 128 - 1, 0));
    CHECK_FALSE(scales.accumulator_fits(room / 128, 0));
    table.bias[0] = std::numeric_limits<std::int32_t>::min();
    CHECK_FALSE(scales.accumulator_fits(0, 0));
}

} // namespace

TEST_CASE("channel_scaling: finish is the requantizer, clamped") {
    check_finish<ctq::three_step>();
    check_finish<ctq::double_rounding>();
}

TEST_CASE("channel_scaling: the proof stands at the requantizer's headroom") {
    for (const double scale : {1e-5, 1e-3, 0.1, 2.0}) {
        check_proof<ctq::three_step>(scale);
        check_proof<ctq::double_rounding>(scale);
    }
}

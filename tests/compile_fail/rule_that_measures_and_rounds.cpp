// error: ctq: rule: `how` is unrounded where ranges are measured and nowhere else; change it or dynamic_ranges
#include <ctq/ctq.hpp>

constexpr std::array<float, 8> weights{1, 2, 3, 4, -1, -2, -3, -4};
constexpr auto network = [] {
    ctq::builder b;
    return b.finish(b.dense(b.input("x", {1, 4}), {weights}));
};
constexpr auto samples = [] {
    ctq::calibration_samples<ctq::calibration::minmax, 1, 4> result;
    result.values = {1, -1, 0.5f, 0};
    return result;
}();
struct measured_and_rounded : ctq::rule::affine_int8_parameters<ctq::rounding::three_step> {
    static constexpr std::string_view name = "measured_and_rounded";
    static constexpr bool dynamic_ranges = true;
};

constexpr std::size_t ram = ctq::quantized<network, samples, measured_and_rounded>::ram_bytes;

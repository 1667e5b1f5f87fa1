// error: ctq: quantized: a quantization_rule is required; give the type the members that the concept lists
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
struct half_a_rule {
    using registered_kind = ctq::rule_tag;
    static constexpr ctq::rounding how = ctq::rounding::three_step;
    static constexpr std::string_view name = "half_a_rule";
};

constexpr std::size_t ram = ctq::quantized<network, samples, half_a_rule>::ram_bytes;

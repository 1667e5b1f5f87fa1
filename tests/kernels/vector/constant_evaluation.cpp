// Kernels in constant expressions: run() takes the definition there, pack() gives the bytes that it gives at run time.
#include <ctq/kernels/vector/conv2d.hpp>

#include <kernels/vector/harness.hpp>

#include <array>

using namespace kernel_test;

namespace {

/// A 2 x 2 convolution of a 3 x 3 image with 2 channels to 3, every weight 1, scale 1/4.
struct small_node {
    static constexpr scaling quarter = three_step::encode(0.25);
    static constexpr tensor_facts inputs[] = {{dtype::int8, {1, 3, 3, 2}, {1.0f, 0}},
                                              {dtype::int8, {1, 2, 1, 3, 4}, {}},
                                              {dtype::int32, {3}, {}},
                                              {dtype::int16, {3}, {}},
                                              {dtype::int8, {3}, {}}};
    static constexpr tensor_facts outputs[] = {{dtype::int8, {1, 2, 2, 3}, {1.0f, 0}}};
    static constexpr kernels::node_facts<op::conv2d> value{op::conv2d{.kernel = {2, 2}}, {}, inputs, outputs};
    static constexpr signature types{dtype::int8, dtype::int8, dtype::int8, dtype::int32, rounding::three_step};
    static constexpr auto image = [] {
        std::array<std::int8_t, 18> values{};
        for (int i = 0; i < 18; ++i) values[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i);
        return values;
    }();
    static constexpr auto weights = [] {
        std::array<std::int8_t, 24> values{};
        values.fill(1);
        return values;
    }();
    static constexpr std::array<std::int32_t, 3> bias{three_step::rounding(quarter), three_step::rounding(quarter) + 4,
                                                      three_step::rounding(quarter) - 40};
    static constexpr std::array<std::int16_t, 3> multiplier{static_cast<std::int16_t>(quarter.multiplier),
                                                            static_cast<std::int16_t>(quarter.multiplier),
                                                            static_cast<std::int16_t>(quarter.multiplier)};
    static constexpr std::array<std::int8_t, 3> shift{static_cast<std::int8_t>(quarter.shift),
                                                      static_cast<std::int8_t>(quarter.shift),
                                                      static_cast<std::int8_t>(quarter.shift)};

    static constexpr std::array<const_tensor, 5> in() {
        return {const_tensor{inputs[0], image.data()}, const_tensor{inputs[1], weights.data()},
                const_tensor{inputs[2], bias.data()}, const_tensor{inputs[3], multiplier.data()},
                const_tensor{inputs[4], shift.data()}};
    }
};

constexpr std::array<std::int8_t, 12> convolved() {
    std::array<std::int8_t, 12> result{};
    const auto in = small_node::in();
    const tensor out{small_node::outputs[0], result.data()};
    kernels::kernel<tested_architecture, op::conv2d, small_node::types>::run(kernels::constant_facts<small_node>{}, in,
                                                                             std::span(&out, 1), {});
    return result;
}

constexpr std::size_t small_packed_bytes = [] {
    return kernels::kernel<tested_architecture, op::conv2d, small_node::types>::packed_bytes(small_node::value);
}();

constexpr auto packed() {
    std::array<std::int8_t, small_packed_bytes> result{};
    const auto in = small_node::in();
    kernels::kernel<tested_architecture, op::conv2d, small_node::types>::pack(small_node::value, in, result.data());
    return result;
}

} // namespace

TEST_CASE("kernels in constant expressions") {
    constexpr auto result = convolved();
    static_assert(result[0] == (0 + 1 + 2 + 3 + 6 + 7 + 8 + 9) / 4 && result[1] == result[0] + 1);
    constexpr auto in_compiler = packed();
    CHECK(in_compiler == packed());
}

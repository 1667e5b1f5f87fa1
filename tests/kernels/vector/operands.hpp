#pragma once
// What the tests of add and multiply share: pairs of operands that broadcast in every way.
// room: tests | runs on: all | heap: yes

#include <ctq/operators/broadcast.hpp>

#include <kernels/vector/activations.hpp>

namespace kernel_test {

template <class Op, class Encode>
void check_binary(const std::vector<std::pair<shape, shape>>& operands, Encode encode) {
    std::uint32_t seed = 1;
    for (const auto& [a, b] : operands)
        for (int repeat = 0; repeat < 6; ++repeat) {
            std::mt19937 random(seed);
            const auto real = [&](double low, double high) {
                return std::exp2(std::uniform_real_distribution<double>(low, high)(random));
            };
            limits range = limits_of(dtype::int8);
            if (repeat % 2 == 1) range = {-static_cast<std::int32_t>(random() % 128), 77};
            const double scale_a = real(-9, 2), scale_b = real(-9, 2), scale_out = real(-9, 2);
            const pattern values = repeat == 5 ? pattern::alternating : pattern::random;
            const shape out = broadcast(a, b);
            check_node<three_step>(Op{}, encode(three_step{}, scale_a, scale_b, scale_out), {a, b}, out, seed, values,
                                   range);
            check_node<double_rounding>(Op{}, encode(double_rounding{}, scale_a, scale_b, scale_out), {a, b}, out,
                                        seed++, values, range);
        }
}

inline std::vector<std::pair<shape, shape>> operand_shapes() {
    std::vector<std::pair<shape, shape>> result;
    for (const std::int32_t channels : {1, 2, 3, 8, 15, 16, 17, 33, 64, 100}) {
        const shape image{2, 3, 5, channels};
        result.insert(result.end(), {{image, image},
                                     {image, {channels}},
                                     {{1, 1, 1, channels}, image},
                                     {image, {}},
                                     {image, {1}},
                                     {image, {5, channels}},
                                     {image, {2, 1, 1, channels}},
                                     {{2, 3, 5, 1}, image},
                                     {{3, 1, channels}, {2, 1, 5, 1}}});
    }
    return result;
}

} // namespace kernel_test

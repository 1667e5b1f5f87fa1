#pragma once
// What each registered operator can be given: the samples on which the laws of operators hold.

#include <ctq/operators/all.hpp>

#include <laws/operation.hpp>

namespace ctq::laws {

// The last samples of layers have a bias that asks int16x8 for sums of 64 bits.
template <> struct samples<op::conv2d> {
    static std::vector<sample<op::conv2d>> all() {
        dice random(1);
        return {{{{3, 2}, {2, 1}, {1, 2}, {1, 0, 2, 1}, 2, ctq::bounds::relu()},
                 {{{2, 7, 6, 4}}, {{6, 3, 2, 2}, random.reals(72)}, {{6}, random.reals(6)}}},
                {{{3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}, 3, {}}, {{{1, 5, 5, 3}}, {{3, 3, 3, 1}, random.reals(27)}}},
                {{}, {{{1, 2, 2, 1}}, {{2, 1, 1, 1}, {1e-3f, -5e-4f}}, {{2}, {3.0f, -2.0f}}}}};
    }
};
template <> struct samples<op::dense> {
    static std::vector<sample<op::dense>> all() {
        dice random(2);
        return {{{ctq::bounds::relu6()}, {{{3, 5}}, {{4, 5}, random.reals(20)}, {{4}, random.reals(4)}}},
                {{}, {{{7}}, {{1, 7}, random.reals(7)}}},
                {{}, {{{1}}, {{2, 1}, {1e-3f, -5e-4f}}, {{2}, {3.0f, -2.0f}}}}};
    }
};
template <> struct samples<op::matrix_product> {
    static std::vector<sample<op::matrix_product>> all() {
        return {{{ctq::bounds::relu6()}, {{{2, 3}}, {{3, 4}}}},
                {{}, {{{2, 1, 3, 5}}, {{4, 5, 2}}}},
                {{}, {{{2, 3}}, {{2, 3, 1}, {1, -2, 3, 0, 0.5f, -1}}}},
                {{}, {{{1, 2}, {0.25f, -1}}, {{2, 19}}}}};
    }
};
template <> struct samples<op::max_pool> {
    static std::vector<sample<op::max_pool>> all() {
        return {{{{3, 2}, {2, 1}, {1, 2}, {1, 2, 1, 0}}, {{{2, 7, 6, 3}}}}};
    }
};
template <> struct samples<op::average_pool> {
    static std::vector<sample<op::average_pool>> all() {
        return {{{{3, 2}, {2, 1}, {1, 1, 1, 0}, true}, {{{2, 7, 6, 3}}}},
                {{{2, 2}, {2, 2}, {}, false}, {{{1, 4, 4, 1}}}}};
    }
};
template <> struct samples<op::reduce_mean> {
    static std::vector<sample<op::reduce_mean>> all() {
        op::reduce_mean op;
        op.axes.insert(1);
        op.keep_axes = false;
        return {{op, {{{2, 7, 3}}}}};
    }
};
template <> struct samples<op::softmax> {
    static std::vector<sample<op::softmax>> all() { return {{{1}, {{{2, 5, 3}}}}, {{}, {{{10}}}}}; }
};
template <> struct samples<op::add> {
    static std::vector<sample<op::add>> all() {
        return {{{ctq::bounds::relu()}, {{{2, 3}}, {{2, 3}}}},
                {{}, {{{2, 1, 3}}, {{4, 1}}}},
                {{}, {{{2, 3}}, {{3}, {1, 2, 3}}}}};
    }
};
template <> struct samples<op::subtract> {
    static std::vector<sample<op::subtract>> all() {
        return {{{ctq::bounds::relu()}, {{{2, 3}}, {{2, 3}}}},
                {{}, {{{2, 1, 3}}, {{4, 1}}}},
                {{}, {{{3}, {1, 2, 3}}, {{2, 3}}}}};
    }
};
template <> struct samples<op::multiply> {
    static std::vector<sample<op::multiply>> all() {
        return {{{ctq::bounds::relu6()}, {{{2, 3}}, {{2, 3}}}},
                {{}, {{{1, 3}}, {{2, 1}}}},
                {{}, {{{2, 3}}, {{1}, {0.5f}}}}};
    }
};
template <> struct samples<op::divide> {
    static std::vector<sample<op::divide>> all() {
        return {{{}, {{{2, 3}}, {{2, 3}}}},
                {{}, {{{2, 1, 3}}, {{4, 1}}}},
                {{}, {{{2, 3}}, {{3}, {7, -0.5f, 3}}}},
                {{}, {{{2, 3}, {7, -7, 0, 1, 9, 3}, {}, dtype::int64}, {{3}, {2, 0, -3}, {}, dtype::int64}}}};
    }
};
template <> struct samples<op::compare> {
    static std::vector<sample<op::compare>> all() {
        return {{{op::relation::less}, {{{2, 3}}, {{2, 3}}}},
                {{}, {{{2, 1}, {0, 1}, {}, dtype::int64}, {{3}, {2, 0, 1}, {}, dtype::int64}}}};
    }
};
template <> struct samples<op::select> {
    static std::vector<sample<op::select>> all() {
        return {{{}, {{{2, 3}, {0, 1, 1, 0, 0, 1}, {}, dtype::boolean}, {{2, 3}}, {{2, 3}}}},
                {{}, {{{2, 1}, {0, 1}, {}, dtype::boolean}, {{3}, {1, 2, 3}}, {{}, {0.5f}}}}};
    }
};
template <> struct samples<op::cast> {
    static std::vector<sample<op::cast>> all() {
        return {{{dtype::int8}, {{{2, 3}, {300, -1.5f, 0, 2, 9, 7}}}},
                {{}, {{{2, 3}, {1, 2, 3, 4, 5, -6}, {}, dtype::int64}}}};
    }
};
template <> struct samples<op::concat> {
    static std::vector<sample<op::concat>> all() {
        return {{{1}, {{{2, 1, 3}}, {{2, 4, 3}}, {{2, 2, 3}}}}, {{}, {{{5}}}}};
    }
};
template <> struct samples<op::reshape> {
    static std::vector<sample<op::reshape>> all() { return {{{{6, 4}}, {{{2, 3, 4}}}}}; }
};
template <> struct samples<op::slice> {
    static std::vector<sample<op::slice>> all() {
        return {{{{1, 4, 0}, {1, -2, 1}, {2, 3, 2}}, {{{4, 5, 2}}}},
                {{{0, 1}, {1, 0}, {2, 3}}, {{{2, 2}}}},
                {{{0}, {1}, {1}}, {{{1}}}}};
    }
};
template <> struct samples<op::gather> {
    static std::vector<sample<op::gather>> all() {
        return {{{1}, {{{2, 4, 3}}, {.of = {2, 2}, .integers = {3, -4, 1, 1}}}},
                {{-1}, {{{5}}, {.of = {}, .integers = {2}}}}};
    }
};
template <> struct samples<op::top_k> {
    static std::vector<sample<op::top_k>> all() {
        return {{{1, 3, false}, {{{2, 5, 3}}}}, {{-1, 4, true}, {{{4}}}}, {{}, {{{1}}}}};
    }
};
template <> struct samples<op::resize_nearest> {
    static std::vector<sample<op::resize_nearest>> all() {
        return {{{{0, 5, 2}, {1, 1.25f, 0.5f}, op::coordinates::asymmetric, op::nearest_rounding::ceil}, {{{3, 4, 4}}}},
                {{{0, 7}, {1, 3.5f}}, {{{2, 2, 5}}}},
                {{{1}, {1}}, {{{1}}}}};
    }
};
template <> struct samples<op::resize_linear> {
    static std::vector<sample<op::resize_linear>> all() {
        return {{{{0, 5, 3}, {1, 1.25f, 0.75f}, op::coordinates::asymmetric}, {{{2, 4, 4, 3}}}},
                {{{0, 0, 6}, {1, 1, 2}}, {{{1, 2, 3}}}},
                {{{2, 3, 4}, {2, 1.5f, 2}, op::coordinates::align_corners}, {{{1, 2, 2}}}},
                {{{1}, {1}}, {{{1}}}}};
    }
};
template <> struct samples<op::transpose> {
    static std::vector<sample<op::transpose>> all() { return {{{{2, 0, 1}}, {{{2, 3, 4}}}}}; }
};
template <> struct samples<op::pad> {
    static std::vector<sample<op::pad>> all() { return {{{{1, 0, 2}, {0, 3, 1}, 0.5f}, {{{2, 3, 4}}}}}; }
};
template <> struct samples<op::batch_normalization> {
    static std::vector<sample<op::batch_normalization>> all() {
        return {{{1e-3f, 2}, {{{2, 3, 2}}, {{2}, {1, 2}}, {{2}, {0, 1}}, {{2}, {0.5f, -1}}, {{2}, {1, 4}}}}};
    }
};
template <> struct samples<op::layer_norm> {
    static std::vector<sample<op::layer_norm>> all() {
        return {{{1, 1e-3f}, {{{2, 3, 2}}, {{3, 2}, {1, 2, 3, -1, 0, 1}}, {{3, 2}, {0, 1, 2, 3, 4, 5}}}},
                {{}, {{{4}}, {{4}, {1, 2, 3, 4}}}}};
    }
};
/// Of a recurrent layer with so many gates: two directions from states that are activations, and constants only.
template <class Op>
std::vector<sample<Op>> recurrent_samples(const Op& both, const std::vector<operand>& more_of_two,
                                          const std::vector<operand>& more_of_one) {
    dice random(3);
    const auto constant = [&](const shape& of) { return operand{of, random.reals(of.elements())}; };
    constexpr std::int32_t gates = Op::gates;
    sample<Op> two{
        both,
        {{{5, 2, 3}}, constant({2, 4 * gates, 3}), constant({2, 4 * gates, 4}), constant({2, 8 * gates}), {{2, 2, 4}}}};
    sample<Op> one{
        {},
        {{{1, 1, 1}}, constant({1, gates, 1}), constant({1, gates, 1}), constant({1, 2 * gates}), constant({1, 1, 1})}};
    two.operands.insert(two.operands.end(), more_of_two.begin(), more_of_two.end());
    one.operands.insert(one.operands.end(), more_of_one.begin(), more_of_one.end());
    return {two, one};
}
template <> struct samples<op::lstm> {
    static std::vector<sample<op::lstm>> all() {
        return recurrent_samples(op::lstm{.direction = op::sequence_direction::bidirectional,
                                          .input_forget = true,
                                          .alpha = {0.5f},
                                          .beta = {0, 0.25f},
                                          .clip = 0.75f},
                                 {{{2, 2, 4}}, {{2, 12}, dice(4).reals(24)}},
                                 {{{1, 1, 1}, {0.5f}}, {{1, 3}, {1, 2, 3}}});
    }
};
template <> struct samples<op::gru> {
    static std::vector<sample<op::gru>> all() {
        return recurrent_samples(op::gru{.direction = op::sequence_direction::bidirectional,
                                         .linear_before_reset = true,
                                         .alpha = {0.5f},
                                         .beta = {0, 0.25f},
                                         .clip = 0.75f},
                                 {}, {});
    }
};
template <> struct samples<op::rnn> {
    static std::vector<sample<op::rnn>> all() {
        return recurrent_samples(
            op::rnn{
                .direction = op::sequence_direction::bidirectional, .alpha = {0.5f}, .beta = {0, 0.25f}, .clip = 0.75f},
            {}, {});
    }
};
template <> struct samples<op::non_max_suppression> {
    static std::vector<sample<op::non_max_suppression>> all() {
        return {{{2, 0.25f, -0.5f, true}, {{{2, 7, 4}}, {{2, 3, 7}}}},
                {{5, 0, 0.75f}, {{{1, 9, 4}}, {{1, 2, 9}}}}, // fewer than there can be
                {{}, {{{1, 1, 4}}, {{1, 1, 1}}}}};
    }
};
template <class Op> struct one_operand {
    static std::vector<sample<Op>> all() { return {{Op{}, {{{2, 3}}}}}; }
};
template <> struct samples<op::identity> : one_operand<op::identity> {};
template <> struct samples<op::quantize> : one_operand<op::quantize> {};
template <> struct samples<op::dequantize> : one_operand<op::dequantize> {};
template <> struct samples<op::requantize> : one_operand<op::requantize> {};
template <> struct samples<op::dynamic_quantize> : one_operand<op::dynamic_quantize> {};

} // namespace ctq::laws

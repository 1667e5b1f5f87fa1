#pragma once
// What each registered operator can be given: the samples on which the laws of operators hold.

#include <ctq/operators/all.hpp>

#include <laws/operation.hpp>

namespace ctq::laws {

template <> struct samples<conv2d> {
    static std::vector<sample<conv2d>> all() {
        dice random(1);
        return {{{{3, 2}, {2, 1}, {1, 2}, {1, 0, 2, 1}, 2, ctq::relu},
                 {{{2, 7, 6, 4}}, {{6, 3, 2, 2}, random.reals(72)}, {{6}, random.reals(6)}}},
                {{{3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}, 3, {}}, {{{1, 5, 5, 3}}, {{3, 3, 3, 1}, random.reals(27)}}}};
    }
};
template <> struct samples<dense> {
    static std::vector<sample<dense>> all() {
        dice random(2);
        return {{{ctq::relu6}, {{{3, 5}}, {{4, 5}, random.reals(20)}, {{4}, random.reals(4)}}},
                {{}, {{{7}}, {{1, 7}, random.reals(7)}}}};
    }
};
template <> struct samples<max_pool> {
    static std::vector<sample<max_pool>> all() { return {{{{3, 2}, {2, 1}, {1, 2}, {1, 2, 1, 0}}, {{{2, 7, 6, 3}}}}}; }
};
template <> struct samples<average_pool> {
    static std::vector<sample<average_pool>> all() {
        return {{{{3, 2}, {2, 1}, {1, 1, 1, 0}, true}, {{{2, 7, 6, 3}}}},
                {{{2, 2}, {2, 2}, {}, false}, {{{1, 4, 4, 1}}}}};
    }
};
template <> struct samples<reduce_mean> {
    static std::vector<sample<reduce_mean>> all() {
        reduce_mean op;
        op.axes.insert(1);
        op.keep_axes = false;
        return {{op, {{{2, 7, 3}}}}};
    }
};
template <> struct samples<softmax> {
    static std::vector<sample<softmax>> all() { return {{{1}, {{{2, 5, 3}}}}, {{}, {{{10}}}}}; }
};
template <> struct samples<add> {
    static std::vector<sample<add>> all() {
        return {{{ctq::relu}, {{{2, 3}}, {{2, 3}}}}, {{}, {{{2, 1, 3}}, {{4, 1}}}}, {{}, {{{2, 3}}, {{3}, {1, 2, 3}}}}};
    }
};
template <> struct samples<multiply> {
    static std::vector<sample<multiply>> all() {
        return {{{ctq::relu6}, {{{2, 3}}, {{2, 3}}}}, {{}, {{{1, 3}}, {{2, 1}}}}, {{}, {{{2, 3}}, {{1}, {0.5f}}}}};
    }
};
template <> struct samples<concat> {
    static std::vector<sample<concat>> all() { return {{{1}, {{{2, 1, 3}}, {{2, 4, 3}}, {{2, 2, 3}}}}, {{}, {{{5}}}}}; }
};
template <> struct samples<reshape> {
    static std::vector<sample<reshape>> all() { return {{{{6, 4}}, {{{2, 3, 4}}}}}; }
};
template <> struct samples<transpose> {
    static std::vector<sample<transpose>> all() { return {{{{2, 0, 1}}, {{{2, 3, 4}}}}}; }
};
template <> struct samples<pad> {
    static std::vector<sample<pad>> all() { return {{{{1, 0, 2}, {0, 3, 1}, 0.5f}, {{{2, 3, 4}}}}}; }
};
template <> struct samples<batch_normalization> {
    static std::vector<sample<batch_normalization>> all() {
        return {{{1e-3f, 2}, {{{2, 3, 2}}, {{2}, {1, 2}}, {{2}, {0, 1}}, {{2}, {0.5f, -1}}, {{2}, {1, 4}}}}};
    }
};
template <class Op> struct one_operand {
    static std::vector<sample<Op>> all() { return {{Op{}, {{{2, 3}}}}}; }
};
template <> struct samples<identity> : one_operand<identity> {};
template <> struct samples<quantize_layer> : one_operand<quantize_layer> {};
template <> struct samples<dequantize_layer> : one_operand<dequantize_layer> {};
template <> struct samples<requantize_layer> : one_operand<requantize_layer> {};
template <> struct samples<dynamic_quantize> : one_operand<dynamic_quantize> {};

} // namespace ctq::laws

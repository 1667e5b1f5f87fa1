#pragma once
// What the tests of kernels without weights share: one node of random activations.
// room: tests | runs on: all | heap: yes

#include <ctq/operators/all.hpp>

#include <kernels/vector/harness.hpp>

namespace kernel_test {

/// Checks a node with facts at run time, from int8 inputs of these shapes and zero points.
template <class Requantizer, class Op>
void check_node(const Op& op, const lowered_of<Op>& lowered, std::vector<shape> shapes, const shape& out_shape,
                std::uint32_t seed, pattern values = pattern::random, const limits& range = limits_of(dtype::int8)) {
    std::mt19937 random(seed);
    const auto zero_point = [&] { return static_cast<std::int32_t>(random() % 256) - 128; };
    std::vector<tensor_facts> in_facts;
    for (const shape& of : shapes) in_facts.push_back(int8_facts(of, zero_point()));
    tensor_facts out = int8_facts(out_shape, traits_of<Op>.output_range == range_rule::same_as_input
                                                 ? in_facts[0].quantization.zero_point
                                                 : zero_point());
    out.range = range;
    std::vector<std::unique_ptr<owned_tensor>> owned;
    std::vector<const_tensor> in;
    for (const tensor_facts& facts : in_facts) {
        owned.push_back(std::make_unique<owned_tensor>(facts));
        owned.back()->fill(values, random);
        in.push_back(owned.back()->view());
    }
    const kernels::variable_facts<Op> facts{{op, lowered, in_facts, std::span(&out, 1)}};
    std::string text;
    for (const shape& of : shapes) {
        for (int axis = 0; axis < of.rank; ++axis) text += std::to_string(of[axis]) + " ";
        text += "; ";
    }
    INFO(text);
    CHECK(differing<Requantizer>(facts, in, out) == 0);
}

} // namespace kernel_test

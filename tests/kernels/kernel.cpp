#include <ctq/core/requantize.hpp>
#include <ctq/kernels/kernel.hpp>
#include <ctq/operators/pad.hpp>
#include <ctq/operators/sigmoid.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace ctq;

namespace {

constexpr tensor_facts row{dtype::int8, {1, 4}, {0.5f, 1}};

/// An architecture without a kernel of its own for anything.
struct unknown {
    using parent = kernels::avx512vnni;
};

struct padded_node {
    static constexpr tensor_facts inputs[] = {row};
    static constexpr tensor_facts outputs[] = {{dtype::int8, {1, 6}, {0.5f, 1}}};
    static constexpr kernels::node_facts<op::pad> value{
        op::pad{.before = {0, 1}, .after = {0, 1}}, {9}, inputs, outputs};
};

} // namespace

TEST_CASE("a missing kernel falls through to the operator's definition") {
    const std::array<std::int8_t, 4> in{1, 2, 3, 4};
    std::array<std::int8_t, 6> out{};
    const const_tensor from{row, in.data()};
    const tensor to{padded_node::outputs[0], out.data()};
    using kernel = kernels::kernel<unknown, op::pad, signature{}>;
    CHECK(kernel::scratch_bytes(padded_node::value) == 0);
    CHECK(kernel::packed_bytes(padded_node::value) == 0);
    kernel::run(kernels::constant_facts<padded_node>{}, const_tensors(&from, 1), tensors(&to, 1), {});
    CHECK(out == std::array<std::int8_t, 6>{9, 1, 2, 3, 4, 9});
}

TEST_CASE("an element-wise function runs as its table") {
    std::array<std::int8_t, 256> table{};
    for (int i = 0; i < 256; ++i) table[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(127 - i);
    const std::array<std::int8_t, 4> in{-128, -1, 0, 127};
    std::array<std::int8_t, 4> out{};
    const std::array<const_tensor, 2> from{const_tensor{row, in.data()},
                                           const_tensor{{dtype::int8, {256}, {}}, table.data()}};
    const tensor to{row, out.data()};
    const kernels::variable_facts<op::sigmoid> facts{{op::sigmoid{}, {}, {}, {}}};
    kernels::kernel<kernels::scalar, op::sigmoid, signature{}>::run(facts, from, tensors(&to, 1), {});
    CHECK(out == std::array<std::int8_t, 4>{127, 0, -1, -128});
}

#pragma once
// What the kernels' tests share: memory that ends at a forbidden page, integer nodes with random constants, and the
// comparison of a kernel with the operator's definition.

#include <ctq/kernels/kernel.hpp>
#include <ctq/operators/weighted.hpp>

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

namespace kernel_test {

using namespace ctq;

/// What is tested: the kernels of the instruction set that the program is compiled for.
using tested_architecture = kernels::native;
static_assert(!std::is_same_v<tested_architecture, kernels::scalar>, "compile with an instruction set's flags");

/// Bytes whose end is the end of the last accessible page: a read or write beyond it ends the test.
class guarded {
  public:
    explicit guarded(std::size_t bytes, int contents = 0x5A) : size_(bytes) {
        const std::size_t pages = (bytes + page - 1) / page * page;
        mapped_ = pages + page;
        auto* base =
            static_cast<std::byte*>(mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        REQUIRE(base != MAP_FAILED);
        base_ = base;
        REQUIRE(mprotect(base + pages, page, PROT_NONE) == 0);
        begin_ = base + pages - bytes;
        std::memset(begin_, contents, bytes);
    }
    guarded(const guarded&) = delete;
    guarded& operator=(const guarded&) = delete;
    ~guarded() { munmap(base_, mapped_); }

    template <class T> T* as() const { return reinterpret_cast<T*>(begin_); }
    std::size_t size() const { return size_; }

  private:
    static constexpr std::size_t page = 4096;
    std::size_t size_, mapped_ = 0;
    std::byte *base_ = nullptr, *begin_ = nullptr;
};

/// How the values of a tensor are chosen.
enum class pattern { random, lowest, highest, alternating };

inline std::int8_t value_of(pattern p, std::mt19937& random, std::size_t index) {
    switch (p) {
    case pattern::lowest:
        return -128;
    case pattern::highest:
        return 127;
    case pattern::alternating:
        return index % 2 == 0 ? 127 : -128;
    default:
        return static_cast<std::int8_t>(static_cast<int>(random() % 256) - 128);
    }
}

/// A tensor in guarded memory.
struct owned_tensor {
    tensor_facts facts;
    guarded memory;

    explicit owned_tensor(const tensor_facts& of) : facts(of), memory(of.bytes()) {}

    ctq::tensor view() {
        return with_element_type(facts.type, [&](auto element) {
            return ctq::tensor{facts, data(memory.as<decltype(element)>())};
        });
    }
    void fill(pattern p, std::mt19937& random) {
        for (std::size_t i = 0; i < facts.elements(); ++i) memory.as<std::int8_t>()[i] = value_of(p, random, i);
    }
};

constexpr tensor_facts int8_facts(const shape& of, std::int32_t zero_point) {
    return {dtype::int8, of, {0.05f, zero_point}};
}

/// The signature of int8 nodes under a requantizer.
template <class Requantizer>
constexpr signature bytes_under{dtype::int8, dtype::int8, dtype::int8, dtype::int32,
                                std::is_same_v<Requantizer, three_step> ? rounding::three_step
                                                                        : rounding::double_rounding};

/// Runs the tested kernel and the definition on the same inputs and counts the bytes that differ.
template <class Requantizer, class Facts>
std::size_t differing(const Facts& facts, std::vector<const_tensor> in, const tensor_facts& out) {
    using operator_type = std::remove_cvref_t<decltype(facts.value.op)>;
    constexpr signature S = bytes_under<Requantizer>;
    using tested = kernels::kernel<tested_architecture, operator_type, S>;
    const kernels::node_facts<operator_type>& node = facts.value;
    owned_tensor expected(out), actual(out);
    const std::size_t scratch_bytes = tested::scratch_bytes(node), packed_bytes = tested::packed_bytes(node);
    REQUIRE(scratch_bytes % kernels::alignment == 0);
    REQUIRE(packed_bytes % kernels::alignment == 0);
    guarded scratch(scratch_bytes, 0xA7), packed(packed_bytes, 0x3C);
    tested::pack(node, in, packed.as<std::int8_t>());
    const ctq::tensor expected_view = expected.view(), actual_view = actual.view();
    kernels::kernel<kernels::scalar, operator_type, S>::run(facts, in, std::span(&expected_view, 1), {});
    tested::run(facts, in, std::span(&actual_view, 1), {scratch.as<std::byte>(), packed.as<std::int8_t>()});
    std::size_t different = 0;
    for (std::size_t i = 0; i < out.bytes(); ++i)
        different += expected.memory.as<std::int8_t>()[i] != actual.memory.as<std::int8_t>()[i];
    return different;
}

/// Packs a node's constants at once and in the smallest pieces, and counts the bytes that differ.
template <class Requantizer, class Op>
std::size_t differing_in_pieces(const kernels::node_facts<Op>& node, const std::vector<const_tensor>& in) {
    using tested = kernels::kernel<tested_architecture, Op, bytes_under<Requantizer>>;
    static_assert(kernels::packs_in_pieces<tested, Op>);
    const std::size_t bytes = tested::packed_bytes(node);
    guarded whole(bytes, 0x3C), pieces(bytes, 0x3C);
    tested::pack(node, in, whole.as<std::int8_t>());
    constexpr auto size = static_cast<std::ptrdiff_t>(kernels::alignment);
    for (std::ptrdiff_t first = 0; first < static_cast<std::ptrdiff_t>(bytes); first += size)
        tested::pack_piece(node, in, {pieces.as<std::int8_t>() + first, first, first + size});
    std::size_t different = 0;
    for (std::size_t i = 0; i < bytes; ++i) different += whole.as<std::int8_t>()[i] != pieces.as<std::int8_t>()[i];
    return different;
}

/// The five inputs of an integer conv2d or dense node.
template <class Requantizer> struct weighted_inputs {
    owned_tensor activation, weights, bias, multiplier, shift;
    std::vector<tensor_facts> facts;

    weighted_inputs(const shape& in, std::int32_t zero_point, const shape& packed, std::int32_t channels)
        : activation(int8_facts(in, zero_point)),
          weights({dtype::int8, packed, {}}),
          bias({dtype::int32, {channels}, {}}),
          multiplier({dtype_of<typename Requantizer::multiplier_type>, {channels}, {}}),
          shift({dtype::int8, {channels}, {}}),
          facts{activation.facts, weights.facts, bias.facts, multiplier.facts, shift.facts} {}

    std::vector<const_tensor> views() {
        return {activation.view(), weights.view(), bias.view(), multiplier.view(), shift.view()};
    }

    /// Random constants; `products` is how many a sum has. One channel in eight has a scale that shifts left where
    /// `large_scales`, as far as its sums stay within the headroom.
    void randomize(std::mt19937& random, pattern activations, pattern weight_values, std::int64_t products,
                   bool large_scales) {
        activation.fill(activations, random);
        weights.fill(weight_values, random);
        const auto real = [&](double low, double high) {
            return std::uniform_real_distribution<double>(low, high)(random);
        };
        for (std::size_t c = 0; c < bias.facts.elements(); ++c) {
            const std::int64_t largest = products * 128 * 128;
            const std::int32_t start = static_cast<std::int32_t>(real(-1, 1) * static_cast<double>(largest));
            const double spread = 16384.0 * static_cast<double>(products);
            scaling s = Requantizer::encode(real(0.2, 40.0) * 127 / spread);
            if (large_scales && random() % 8 == 0) s = Requantizer::encode(real(0.01, 3.0));
            if (2 * largest > Requantizer::headroom(s)) s = Requantizer::encode(real(0.2, 40.0) * 127 / spread);
            bias.memory.as<std::int32_t>()[c] = start + Requantizer::rounding(s);
            multiplier.memory.as<typename Requantizer::multiplier_type>()[c] =
                static_cast<typename Requantizer::multiplier_type>(s.multiplier);
            shift.memory.as<std::int8_t>()[c] = static_cast<std::int8_t>(s.shift);
        }
    }
};

} // namespace kernel_test

#pragma once
// max_pool: the largest value under a window of an NHWC image; padding never wins.
// room: operators | runs on: all | heap: no

#include <ctq/operators/element_wise.hpp>
#include <ctq/operators/pooling.hpp>
#include <ctq/registry/operation.hpp>

#include <limits>

namespace ctq::inline CTQ_TARGET::op {

/// Input [N,H,W,C], output [N,H',W',C]: the largest cell of each window, the padding left out; pads are smaller than
/// the kernel. NaN is left out too. Integer meaning: the same of the integers, exact. Cost: a read of each cell of each
/// window.
struct max_pool {
    static constexpr std::string_view name = "max_pool";
    static constexpr std::string_view cpp_name = "ctq::op::max_pool";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input, .adds_nothing = true};

    extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    margins padding{};

    static constexpr auto attributes =
        attribute_list{attribute{"kernel", &max_pool::kernel}, attribute{"stride", &max_pool::stride},
                       attribute{"dilation", &max_pool::dilation}, attribute{"padding", &max_pool::padding}};

    friend constexpr bool operator==(const max_pool&, const max_pool&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> constexpr void largest(const const_tensor& in, const tensor& out, T least) const {
        for_each_pooled(window_of(*this), in.shape(), out.shape(), [&](std::size_t index, const pooled_window& under) {
            T result = least;
            under.for_each([&](std::size_t at) {
                if (in.as<T>()[at] > result) result = in.as<T>()[at];
            });
            out.as<T>()[index] = result;
        });
    }

  public:
    constexpr shape output_shape(shapes in) const { return pooled_shape(*this, in); }
    constexpr std::int64_t steps(shapes in, const shape& out) const { return pooled_cells(*this, in[0], out); }

    /// A border that is never above an element; the lowest real stands for none.
    constexpr bool absorb_border(const image_border& border) {
        constexpr float lowest = std::numeric_limits<float>::lowest();
        return (border.value <= border.least || border.value <= lowest) && widen_pool_padding(*this, border.width);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        largest(in[0], out[0], -std::numeric_limits<float>::infinity());
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const {
        largest(in[0], out[0], std::numeric_limits<element<S.x>>::min());
    }
};

} // namespace ctq::inline CTQ_TARGET::op

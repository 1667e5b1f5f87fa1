#pragma once
// The windows of TFLite's convolutions and pools over an NHWC image, for tests that walk them by hand.
// room: tests/core

#include <core/tflite_cases.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace ctq::testing {

/// One output element of a windowed operator, and the input pixels under its window that lie inside the image.
struct tflite_window {
    std::array<std::int32_t, 2> kernel{}, stride{}, dilation{1, 1};
    std::array<std::int32_t, 4> in{}, out{}; ///< shapes, NHWC
    bool same = false;

    tflite_window(const tflite_case& c, std::array<std::int32_t, 2> extents) : kernel(extents) {
        const auto& o = c.options;
        stride = {o.integer("stride_h"), o.integer("stride_w")};
        dilation = {o.integer("dilation_h_factor", 1), o.integer("dilation_w_factor", 1)};
        std::copy_n(c.inputs[0].shape.begin(), 4, in.begin());
        std::copy_n(c.output.shape.begin(), 4, out.begin());
        same = o.text("padding") == "SAME";
    }

    std::size_t channel(std::size_t index) const { return index % static_cast<std::size_t>(out[3]); }

    /// Calls visit(offset of the pixel's first channel in the input, number of the window's cell).
    template <class Visitor> void for_each_pixel(std::size_t index, Visitor visit) const {
        const auto at = static_cast<std::int32_t>(index) / out[3];
        const std::int32_t left = first(1, at % out[2]), top = first(0, at / out[2] % out[1]);
        const std::int32_t image = at / out[2] / out[1];
        for (std::int32_t ky = 0; ky < kernel[0]; ++ky)
            for (std::int32_t kx = 0; kx < kernel[1]; ++kx) {
                const std::int32_t y = top + ky * dilation[0], x = left + kx * dilation[1];
                if (y < 0 || y >= in[1] || x < 0 || x >= in[2]) continue;
                visit(static_cast<std::size_t>(((image * in[1] + y) * in[2] + x) * in[3]),
                      static_cast<std::size_t>(ky * kernel[1] + kx));
            }
    }

  private:
    /// The first row (axis 0) or column (axis 1) of the window at output position `position`; may be outside.
    std::int32_t first(std::size_t axis, std::int32_t position) const {
        const std::int32_t span = (kernel[axis] - 1) * dilation[axis] + 1;
        const std::int32_t padding = std::max(0, (out[axis + 1] - 1) * stride[axis] + span - in[axis + 1]);
        return position * stride[axis] - (same ? padding / 2 : 0);
    }
};

} // namespace ctq::testing

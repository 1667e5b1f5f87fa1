#pragma once
// Arithmetic on integer constants: the Shape, Gather, Concat... chains by which exporters compute a shape at run time.
// room: host | runs on: host | heap: yes

#include <ctq/core/shape.hpp>
#include <ctq/host/onnx/attributes.hpp>
#include <ctq/host/onnx/model.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

/// An INT64 constant of rank 1, or of rank 0 when `scalar`.
[[nodiscard]] inline tensor integer_tensor(std::vector<std::int64_t> values, bool scalar = false) {
    tensor out;
    out.type = element_type::int64;
    if (!scalar) out.dims.push_back(static_cast<std::int64_t>(values.size()));
    out.integers = std::move(values);
    return out;
}

/// What ONNX's Shape gives for a value of this shape; `start` and `end` (opset 15) cut it.
[[nodiscard]] inline tensor shape_tensor(const shape& of, const node& n) {
    const node_attributes given(n);
    const auto place = [&](std::int32_t axis) { return std::clamp(axis < 0 ? axis + of.rank : axis, 0, of.rank); };
    const int first = place(given.integer("start", 0)), last = place(given.integer("end", of.rank));
    std::vector<std::int64_t> extents;
    for (int axis = first; axis < last; ++axis) extents.push_back(of[axis]);
    return integer_tensor(std::move(extents));
}

namespace detail {

// One node whose inputs are all integer constants of rank 0 or 1.
class integer_node {
    const node* node_;
    std::span<const tensor* const> in_;

    [[noreturn]] static void refuse(std::string text) { throw node_fault{exit_code::malformed, std::move(text)}; }

    [[nodiscard]] const std::vector<std::int64_t>& values(std::size_t i) const { return in_[i]->integers; }
    [[nodiscard]] bool is_scalar(std::size_t i) const { return in_[i]->dims.empty(); }

    [[nodiscard]] tensor gathered() const {
        const auto count = static_cast<std::int64_t>(values(0).size());
        std::vector<std::int64_t> out;
        for (const std::int64_t index : values(1)) {
            if (index < -count || index >= count) refuse(message("index ", index, " is outside ", count, " elements"));
            out.push_back(values(0)[static_cast<std::size_t>(index < 0 ? index + count : index)]);
        }
        return integer_tensor(std::move(out), is_scalar(1));
    }

    [[nodiscard]] tensor joined() const {
        std::vector<std::int64_t> out;
        for (std::size_t i = 0; i < in_.size(); ++i) out.insert(out.end(), values(i).begin(), values(i).end());
        return integer_tensor(std::move(out));
    }

    // Slice with starts, ends and optional axes as inputs (opset 10); steps of 1 only.
    [[nodiscard]] std::optional<tensor> sliced() const {
        const bool simple = in_.size() >= 3 && values(1).size() == 1 && values(2).size() == 1 &&
                            (in_.size() < 5 || (values(4).size() == 1 && values(4)[0] == 1));
        if (!simple) return std::nullopt;
        const auto count = static_cast<std::int64_t>(values(0).size());
        const auto place = [&](std::int64_t at) {
            return std::clamp<std::int64_t>(at < 0 ? std::max(at, -count) + count : at, 0, count);
        };
        const std::int64_t first = place(values(1)[0]), last = std::max(first, place(values(2)[0]));
        return integer_tensor({values(0).begin() + first, values(0).begin() + last});
    }

    [[nodiscard]] std::int64_t combined(std::int64_t a, std::int64_t b) const {
        std::int64_t out = 0;
        bool overflows = false;
        if (node_->op_type == "Add") overflows = __builtin_add_overflow(a, b, &out);
        if (node_->op_type == "Sub") overflows = __builtin_sub_overflow(a, b, &out);
        if (node_->op_type == "Mul") overflows = __builtin_mul_overflow(a, b, &out);
        if (node_->op_type == "Div") {
            overflows = b == 0 || (b == -1 && __builtin_sub_overflow(std::int64_t{0}, a, &out));
            if (!overflows) out = a / b;
        }
        if (overflows) refuse(message(a, " and ", b, " have no 64-bit result"));
        return out;
    }

    [[nodiscard]] std::optional<tensor> element_wise() const {
        const std::size_t count = std::max(values(0).size(), values(1).size());
        if ((values(0).size() != count && values(0).size() != 1) ||
            (values(1).size() != count && values(1).size() != 1))
            return std::nullopt;
        std::vector<std::int64_t> out;
        for (std::size_t i = 0; i < count; ++i)
            out.push_back(combined(values(0)[values(0).size() == 1 ? 0 : i], values(1)[values(1).size() == 1 ? 0 : i]));
        return integer_tensor(std::move(out), is_scalar(0) && is_scalar(1));
    }

  public:
    integer_node(const node& n, std::span<const tensor* const> in) : node_(&n), in_(in) {}

    [[nodiscard]] std::optional<tensor> result() const {
        const std::string_view type = node_->op_type;
        if (type == "Identity") return *in_[0];
        for (const tensor* each : in_)
            if (each->dims.size() > 1 || each->integers.empty()) return std::nullopt;
        const bool pair = in_.size() == 2;
        if (type == "Cast") {
            const std::int32_t to = node_attributes(*node_).integer("to", 0);
            const bool integer = to == static_cast<std::int32_t>(element_type::int64) ||
                                 to == static_cast<std::int32_t>(element_type::int32);
            return integer ? std::optional<tensor>(*in_[0]) : std::nullopt;
        }
        if (type == "Unsqueeze") return is_scalar(0) ? std::optional<tensor>(integer_tensor(values(0))) : std::nullopt;
        if (type == "Squeeze" && values(0).size() == 1) return integer_tensor(values(0), true);
        if (type == "Gather" && pair && !is_scalar(0)) return gathered();
        if (type == "Concat") return joined();
        if (type == "Slice") return sliced();
        if (pair && (type == "Add" || type == "Sub" || type == "Mul" || type == "Div")) return element_wise();
        return std::nullopt;
    }
};

} // namespace detail

/// The result of a node all of whose inputs are integer constants, or nothing when it is not one of the few that shapes
/// are computed with (Identity, Cast, Unsqueeze, Squeeze, Gather, Concat, Slice, Add, Sub, Mul, Div; rank 0 and 1).
/// Throws `node_fault` for an index out of range and for results beyond 64 bits.
[[nodiscard]] inline std::optional<tensor> integer_result(const node& n, std::span<const tensor* const> in) {
    if (in.empty() || !n.domain.empty()) return std::nullopt;
    return detail::integer_node(n, in).result();
}

} // namespace ctq::inline CTQ_TARGET::host::onnx

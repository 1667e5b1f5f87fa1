#pragma once
// Arithmetic on integer constants: the chains of Gather, Concat, Add... behind a Shape by which exporters compute a
// shape at run time.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/attributes.hpp>
#include <ctq/host/onnx/model.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

/// An INT64 constant of rank 1, or of rank 0 when `scalar`.
[[nodiscard]] inline tensor integer_tensor(std::vector<std::int64_t> values, bool scalar = false) {
    tensor out;
    out.type = dtype::int64;
    if (!scalar) out.dims.push_back(static_cast<std::int64_t>(values.size()));
    out.integers = std::move(values);
    return out;
}

namespace detail {

// One node whose inputs are all integer constants of rank 0 or 1.
class integer_node {
    const node* node_;
    std::span<const source::file_tensor* const> in_;

    [[noreturn]] static void refuse(std::string text) { throw node_fault{exit_code::malformed, std::move(text)}; }

    [[nodiscard]] const std::vector<std::int64_t>& values(std::size_t i) const { return in_[i]->integers; }
    [[nodiscard]] tensor copied(std::size_t i) const { return {*in_[i]}; }
    // An attribute of 64 bits, as those that say "to the end" have; empty where it is none of integers.
    [[nodiscard]] std::vector<std::int64_t> listed(std::string_view name) const {
        const attribute* found = node_->find(name);
        return found == nullptr ? std::vector<std::int64_t>{} : found->ints;
    }
    [[nodiscard]] bool is_scalar(std::size_t i) const { return in_[i]->dims.empty(); }

    // All operands are of rank 0 or 1, and none is empty.
    [[nodiscard]] bool flat() const {
        return std::all_of(in_.begin(), in_.end(), [](const source::file_tensor* each) {
            return each->dims.size() <= 1 && !each->integers.empty();
        });
    }

    // The same for two operands.
    [[nodiscard]] bool flat_pair() const { return in_.size() == 2 && flat(); }

    // combine(a, b, result) for each pair; true means that the result does not fit.
    template <class Combine> [[nodiscard]] std::optional<tensor> pairwise(Combine combine) const {
        if (!flat_pair()) return std::nullopt;
        const std::size_t count = std::max(values(0).size(), values(1).size());
        if ((values(0).size() != count && values(0).size() != 1) ||
            (values(1).size() != count && values(1).size() != 1))
            return std::nullopt;
        std::vector<std::int64_t> out(count);
        for (std::size_t i = 0; i < count; ++i) {
            const std::int64_t a = values(0)[values(0).size() == 1 ? 0 : i];
            const std::int64_t b = values(1)[values(1).size() == 1 ? 0 : i];
            if (combine(a, b, out[i])) refuse(message(a, " and ", b, " have no 64-bit result"));
        }
        return integer_tensor(std::move(out), is_scalar(0) && is_scalar(1));
    }

  public:
    integer_node(const node& n, std::span<const source::file_tensor* const> in) : node_(&n), in_(in) {}

    [[nodiscard]] std::optional<tensor> same() const { return copied(0); }

    [[nodiscard]] std::optional<tensor> cast() const {
        const std::int32_t to = node_attributes(*node_).integer("to", 0);
        const bool integer =
            to == static_cast<std::int32_t>(data_type::int64) || to == static_cast<std::int32_t>(data_type::int32);
        return integer && flat() ? std::optional<tensor>(copied(0)) : std::nullopt;
    }

    [[nodiscard]] std::optional<tensor> unsqueezed() const {
        return flat() && is_scalar(0) ? std::optional<tensor>(integer_tensor(values(0))) : std::nullopt;
    }

    [[nodiscard]] std::optional<tensor> squeezed() const {
        return flat() && values(0).size() == 1 ? std::optional<tensor>(integer_tensor(values(0), true)) : std::nullopt;
    }

    [[nodiscard]] std::optional<tensor> gathered() const {
        if (!flat_pair() || is_scalar(0)) return std::nullopt;
        const auto count = static_cast<std::int64_t>(values(0).size());
        std::vector<std::int64_t> out;
        for (const std::int64_t index : values(1)) {
            if (index < -count || index >= count) refuse(message("index ", index, " is outside ", count, " elements"));
            out.push_back(values(0)[static_cast<std::size_t>(index < 0 ? index + count : index)]);
        }
        return integer_tensor(std::move(out), is_scalar(1));
    }

    [[nodiscard]] std::optional<tensor> joined() const {
        if (!flat()) return std::nullopt;
        std::vector<std::int64_t> out;
        for (std::size_t i = 0; i < in_.size(); ++i) out.insert(out.end(), values(i).begin(), values(i).end());
        return integer_tensor(std::move(out));
    }

    // Slice of the one axis, in steps of 1. Starts and ends are attributes before opset 10, inputs from then on.
    [[nodiscard]] std::optional<tensor> sliced() const {
        if (!flat() || in_.size() == 2) return std::nullopt;
        const auto starts = in_.size() == 1 ? listed("starts") : values(1);
        const auto ends = in_.size() == 1 ? listed("ends") : values(2);
        const bool simple =
            starts.size() == 1 && ends.size() == 1 && (in_.size() < 5 || (values(4).size() == 1 && values(4)[0] == 1));
        if (!simple) return std::nullopt;
        const auto count = static_cast<std::int64_t>(values(0).size());
        const auto place = [&](std::int64_t at) {
            return std::clamp<std::int64_t>(at < 0 ? std::max(at, -count) + count : at, 0, count);
        };
        const std::int64_t first = place(starts[0]), last = std::max(first, place(ends[0]));
        return integer_tensor({values(0).begin() + first, values(0).begin() + last});
    }

    [[nodiscard]] std::optional<tensor> sum() const {
        return pairwise([](auto a, auto b, auto& out) { return __builtin_add_overflow(a, b, &out); });
    }
    [[nodiscard]] std::optional<tensor> difference() const {
        return pairwise([](auto a, auto b, auto& out) { return __builtin_sub_overflow(a, b, &out); });
    }
    [[nodiscard]] std::optional<tensor> product() const {
        return pairwise([](auto a, auto b, auto& out) { return __builtin_mul_overflow(a, b, &out); });
    }
    [[nodiscard]] std::optional<tensor> quotient() const {
        return pairwise([](auto a, auto b, auto& out) {
            if (b == 0 || (b == -1 && a == std::numeric_limits<std::int64_t>::min())) return true;
            out = a / b;
            return false;
        });
    }
};

} // namespace detail

/// An ONNX operator that exporters compute shapes with, and what it makes of integer constants of rank 0 and 1: nothing
/// for a node that does something else with them.
struct integer_operator {
    std::string_view name;
    std::optional<tensor> (detail::integer_node::*result)() const;
};

/// All of them: the one list.
inline constexpr integer_operator integer_operators[] = {
    {"Identity", &detail::integer_node::same},        {"Cast", &detail::integer_node::cast},
    {"Unsqueeze", &detail::integer_node::unsqueezed}, {"Squeeze", &detail::integer_node::squeezed},
    {"Gather", &detail::integer_node::gathered},      {"Concat", &detail::integer_node::joined},
    {"Slice", &detail::integer_node::sliced},         {"Add", &detail::integer_node::sum},
    {"Sub", &detail::integer_node::difference},       {"Mul", &detail::integer_node::product},
    {"Div", &detail::integer_node::quotient}};

/// The one that a node stands for, or null.
[[nodiscard]] inline const integer_operator* integer_operator_of(const node& n) {
    const auto* found = std::find_if(std::begin(integer_operators), std::end(integer_operators),
                                     [&](const integer_operator& each) { return each.name == n.op_type; });
    return n.domain.empty() && found != std::end(integer_operators) ? found : nullptr;
}

/// The result of a node all of whose inputs are integer constants, or nothing when it is not one that shapes are
/// computed with. Throws `node_fault` for an index out of range and for results beyond 64 bits.
[[nodiscard]] inline std::optional<tensor> integer_result(const node& n,
                                                          std::span<const source::file_tensor* const> in) {
    const integer_operator* found = integer_operator_of(n);
    if (found == nullptr || in.empty()) return std::nullopt;
    return (detail::integer_node(n, in).*found->result)();
}

} // namespace ctq::inline CTQ_TARGET::host::onnx

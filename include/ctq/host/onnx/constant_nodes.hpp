#pragma once
// The ONNX operators that make a constant whatever their input holds: Constant, which has none, and Shape.
// room: host | runs on: host | heap: yes

#include <ctq/core/shape.hpp>
#include <ctq/host/onnx/attributes.hpp>
#include <ctq/host/onnx/integer_constants.hpp>
#include <ctq/host/onnx/model.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

namespace detail {

// What an attribute of a Constant says; of text and sparse tensors that they are such, for who reads them.
inline tensor tensor_given_by(const attribute& a) {
    tensor made;
    if (a.type == attribute_type::tensor && a.name == "value") return a.t();
    if (a.type == attribute_type::integer && a.name == "value_int") return integer_tensor({a.i}, true);
    if (a.type == attribute_type::integers && a.name == "value_ints") return integer_tensor(a.ints);
    if (a.type == attribute_type::real && a.name == "value_float") {
        made.floats = {a.f};
    } else if (a.type == attribute_type::reals && a.name == "value_floats") {
        made.floats = a.floats;
        made.dims = {static_cast<std::int64_t>(a.floats.size())};
    } else if ((a.type == attribute_type::string && a.name == "value_string") ||
               (a.type == attribute_type::strings && a.name == "value_strings")) {
        made.unreadable = unreadable_type(data_type::string);
    } else if (a.type == attribute_type::sparse_tensor && a.name == "sparse_value") {
        made.unreadable = "is a sparse tensor, which is not supported; export it dense";
    } else {
        throw node_fault{exit_code::unsupported, message("a constant given by ", in_quotes(a.name), " of type ",
                                                         name_of(a.type), " is not supported")};
    }
    return made;
}

inline tensor constant_tensor(const node& n, const shape&) {
    if (n.attributes.size() != 1)
        throw node_fault{exit_code::malformed, message("has ", n.attributes.size(), " values; one is required")};
    return tensor_given_by(n.attributes.front());
}

// `start` and `end` (opset 15) cut the shape.
inline tensor shape_tensor(const node& n, const shape& of) {
    const node_attributes given(n);
    const auto place = [&](std::int32_t axis) { return std::clamp(axis < 0 ? axis + of.rank : axis, 0, of.rank); };
    const int first = place(given.integer("start", 0)), last = place(given.integer("end", of.rank));
    std::vector<std::int64_t> extents;
    for (int axis = first; axis < last; ++axis) extents.push_back(of[axis]);
    return integer_tensor(std::move(extents));
}

} // namespace detail

/// Such an operator, and the constant that a node of it is. Throws `node_fault` where the node's attributes say none.
struct constant_operator {
    std::string_view name;
    bool reads_shape; ///< of its one input, which `result` is given; the others have no input
    tensor (*result)(const node& n, const shape& of_input);
};

/// All of them: the one list.
inline constexpr constant_operator constant_operators[] = {{"Constant", false, &detail::constant_tensor},
                                                           {"Shape", true, &detail::shape_tensor}};

/// The one that a node stands for, or null.
[[nodiscard]] inline const constant_operator* constant_operator_of(const node& n) {
    const auto stands_for = [&](const constant_operator& each) {
        return each.name == n.op_type && (!each.reads_shape || (n.inputs.size() == 1 && !n.inputs[0].empty()));
    };
    const auto* found = std::find_if(std::begin(constant_operators), std::end(constant_operators), stands_for);
    return n.domain.empty() && found != std::end(constant_operators) ? found : nullptr;
}

} // namespace ctq::inline CTQ_TARGET::host::onnx

#pragma once
// Constant, which has no input: what its attribute says.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/attributes.hpp>
#include <ctq/host/onnx/model.hpp>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

namespace detail {

/// An INT64 constant of rank 1, or of rank 0 when `scalar`.
inline tensor integer_tensor(std::vector<std::int64_t> values, bool scalar = false) {
    tensor out;
    out.type = dtype::int64;
    if (!scalar) out.dims.push_back(static_cast<std::int64_t>(values.size()));
    out.integers = std::move(values);
    return out;
}

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

} // namespace detail

inline constexpr std::string_view constant_operator = "Constant";

/// True for such a node.
[[nodiscard]] inline bool is_constant_node(const node& n) {
    return n.domain.empty() && n.op_type == constant_operator;
}

/// The constant that it is. Throws `node_fault` where its attributes say none.
[[nodiscard]] inline tensor constant_given_by(const node& n) {
    if (n.attributes.size() != 1)
        throw node_fault{exit_code::malformed, message("has ", n.attributes.size(), " values; one is required")};
    return detail::tensor_given_by(n.attributes.front());
}

} // namespace ctq::inline CTQ_TARGET::host::onnx

#pragma once
// Models for the importer's tests: small graphs as ONNX bytes, imported, and tables of those that are refused.

#include <ctq/default_registry.hpp>
#include <ctq/host/onnx/import.hpp>

#include <doctest/doctest.h>
#include <host/onnx_builder.hpp>
#include <host/scratch.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace ctq::test::onnx_import {

namespace build = onnx_builder;
namespace onnx = host::onnx;
using build::node;
using host::exit_code;
using registry_type = std::remove_cvref_t<decltype(default_registry)>;

inline default_graph imported(const build::message& model, const onnx::import_options& options = {}) {
    onnx::model m = onnx::parse(model.str(), "m.onnx");
    onnx::inline_functions(m, "m.onnx");
    onnx::validate(m, "m.onnx", onnx::control_flow::keep);
    return onnx::import_model<registry_type>(m, "m.onnx", options);
}

inline default_graph imported(const build::graph_parts& parts, const onnx::import_options& options = {}) {
    return imported(build::model(build::graph(parts)), options);
}

inline ctq::test::outcome importing(const build::graph_parts& parts, const onnx::import_options& options = {},
                                    std::int64_t opset = 13) {
    return ctq::test::outcome_of(
        [&] { static_cast<void>(imported(build::model(build::graph(parts), 8, opset), options)); });
}

inline build::message ints(const char* name, const std::vector<std::int64_t>& values) {
    return build::attribute(name, 7).integers(8, values);
}
inline build::message integer(const char* name, std::int64_t value) {
    return build::attribute(name, 2).integer(3, value);
}
inline build::message real(const char* name, float value) {
    return build::attribute(name, 1).real(2, value);
}
inline build::message word(const char* name, const char* value) {
    return build::attribute(name, 3).bytes(4, value);
}

inline build::message with(build::message n, const std::vector<build::message>& attributes) {
    for (const build::message& each : attributes) n.sub(5, each);
    return n;
}

inline build::message int64s(const char* name, const std::vector<std::int64_t>& values) {
    return build::tensor_head(name, 7, {static_cast<std::int64_t>(values.size())}).integers(7, values);
}

inline build::message floats(const char* name, const build::dims& dims, float value = 0.5F) {
    std::int64_t elements = 1;
    for (const std::int64_t dim : dims) elements *= dim;
    return build::float_tensor(name, dims, std::vector<float>(static_cast<std::size_t>(elements), value));
}

// x (and z, of the same shape) -> nodes -> y
inline build::graph_parts parts_of(const std::vector<build::message>& nodes,
                                   const std::vector<build::message>& constants = {},
                                   const build::dims& input = {1, 4, 6, 6}) {
    return {nodes, constants, {build::value("x", input), build::value("z", input)}, {build::value("y", {1})}, {}};
}

// A Conv of 4 channels to 4 by 3x3 with these attributes.
inline build::graph_parts conv(const std::vector<build::message>& attributes,
                               const build::dims& weights = {4, 4, 3, 3}) {
    return parts_of({with(node("c", "Conv", {"x", "w"}, {"y"}), attributes)}, {floats("w", weights)});
}

// One node on x with these constants as further inputs.
inline build::graph_parts one(const char* type, const std::vector<build::message>& attributes,
                              const std::vector<build::message>& constants = {},
                              const build::dims& input = {1, 4, 6, 6}) {
    build::names inputs{"x"};
    for (std::size_t i = 0; i < constants.size(); ++i) inputs.push_back(host::message("k", i));
    return parts_of({with(node("n", type, inputs, {"y"}), attributes)}, constants, input);
}

inline build::message of_type(const char* name, std::int64_t type, const build::dims& dims,
                              const std::vector<std::int64_t>& values) {
    return build::tensor_head(name, type, dims).integers(type == 7 ? 7 : 5, values);
}
inline build::message scalar(const char* name, std::int64_t value) {
    return of_type(name, 7, {}, {value});
}
inline build::message booleans(const char* name, const std::vector<std::int64_t>& values) {
    return of_type(name, 9, {static_cast<std::int64_t>(values.size())}, values);
}
inline build::message doubles(const char* name, const std::vector<double>& values) {
    return build::tensor_head(name, 11, {static_cast<std::int64_t>(values.size())}).doubles(10, values);
}
/// UINT32 or UINT64, by their numbers.
inline build::message wide_unsigned(const char* name, std::int64_t type, const std::vector<std::int64_t>& values) {
    return build::tensor_head(name, type, {static_cast<std::int64_t>(values.size())}).integers(11, values);
}
inline build::message reals(const char* name, const std::vector<float>& values) {
    return build::float_tensor(name, {static_cast<std::int64_t>(values.size())}, values);
}

struct folded_value {
    ctq::shape of;
    ctq::constant elements;

    template <class T> bool is(const std::vector<T>& wanted) const { return elements == ctq::constant(wanted); }
};

// What these nodes make as "r" of constants, and of the activation x.
inline folded_value folded(std::vector<build::message> nodes, const std::vector<build::message>& constants,
                           std::int64_t opset = 13) {
    nodes.push_back(node("last", "Relu", {"x"}, {"y"}));
    const default_graph graph = imported(build::model(build::graph(parts_of(nodes, constants)), 8, opset));
    CHECK(graph.nodes.size() == 1);
    for (std::size_t i = 0; i < graph.values.size(); ++i)
        if (graph.values[i].name == "r") return {graph.values[i].facts.shape, graph.constant_of(static_cast<int>(i))};
    FAIL("no value is called r");
    return {};
}

// The same of one node.
inline folded_value folded(const char* type, const build::names& inputs, const std::vector<build::message>& constants,
                           const std::vector<build::message>& attributes = {}, std::int64_t opset = 13) {
    return folded({with(node("n", type, inputs, {"r"}), attributes)}, constants, opset);
}

// An input x whose extents are these, by number or by symbol; "" for an axis that has neither.
inline build::message input_with(const std::vector<std::string>& dims) {
    build::message shape, tensor_type, type, out;
    for (const std::string& dim : dims) {
        build::message dimension;
        if (dim.find_first_not_of("-0123456789") == std::string::npos && !dim.empty())
            dimension.integer(1, std::stoll(dim));
        else if (!dim.empty())
            dimension.bytes(2, dim);
        shape.sub(1, dimension);
    }
    tensor_type.integer(1, 1).sub(2, shape);
    return out.bytes(1, "x").sub(2, type.sub(1, tensor_type));
}

// A Relu on such an input.
inline build::graph_parts relu_on(const build::message& input) {
    return {{node("r", "Relu", {"x"}, {"y"})}, {}, {input}, {build::value("y", {1})}, {}};
}

// These nodes on constants, and a Relu on x: of one that is refused the only use.
inline build::graph_parts beside_relu(std::vector<build::message> nodes, const std::vector<build::message>& constants) {
    nodes.push_back(node("last", "Relu", {"x"}, {"y"}));
    return parts_of(nodes, constants);
}

struct refused_model {
    build::graph_parts parts;
    std::string text;
    std::int64_t opset = 13;
};

// Each is refused for this one reason, told in one line that names the node and says what to do.
inline void check_refused(exit_code code, const std::vector<refused_model>& rows) {
    for (const refused_model& row : rows) {
        const auto result = importing(row.parts, {}, row.opset);
        CHECK_MESSAGE(result.code == code, row.text, " | ", result.text);
        CHECK_MESSAGE(result.says(row.text), row.text, " | ", result.text);
        CHECK_MESSAGE(result.text.substr(0, 14) == "m.onnx: node '", result.text);
        CHECK_MESSAGE(result.text.find("; ") != std::string::npos, result.text);
    }
}

} // namespace ctq::test::onnx_import

#pragma once
// Writes ONNX files for tests, right ones and wrong ones: a message is a string of protobuf fields, nothing is checked.

#include <protozero/pbf_writer.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::test::onnx_builder {

/// A protobuf message; each call appends one field.
class message {
    std::string bytes_;

    [[nodiscard]] protozero::pbf_writer writer() { return protozero::pbf_writer(bytes_); }

  public:
    message& integer(std::uint32_t field, std::int64_t value) {
        writer().add_int64(field, value);
        return *this;
    }
    message& real(std::uint32_t field, float value) {
        writer().add_float(field, value);
        return *this;
    }
    message& bytes(std::uint32_t field, std::string_view value) {
        writer().add_bytes(field, value.data(), value.size());
        return *this;
    }
    message& sub(std::uint32_t field, const message& value) { return bytes(field, value.bytes_); }
    message& integers(std::uint32_t field, const std::vector<std::int64_t>& values) {
        writer().add_packed_int64(field, values.begin(), values.end());
        return *this;
    }
    message& floats(std::uint32_t field, const std::vector<float>& values) {
        writer().add_packed_float(field, values.begin(), values.end());
        return *this;
    }
    message& doubles(std::uint32_t field, const std::vector<double>& values) {
        writer().add_packed_double(field, values.begin(), values.end());
        return *this;
    }
    message& raw(std::string_view bytes) {
        bytes_ += bytes;
        return *this;
    }

    [[nodiscard]] const std::string& str() const { return bytes_; }
};

using names = std::vector<std::string>;
using dims = std::vector<std::int64_t>;

/// TensorProto without elements.
inline message tensor_head(std::string_view name, std::int64_t type, const dims& shape) {
    message out;
    return out.integers(1, shape).integer(2, type).bytes(8, name);
}

/// TensorProto with float_data.
inline message float_tensor(std::string_view name, const dims& shape, const std::vector<float>& values) {
    return tensor_head(name, 1, shape).floats(4, values);
}

/// TensorProto with raw_data.
inline message raw_tensor(std::string_view name, std::int64_t type, const dims& shape, std::string_view elements) {
    return tensor_head(name, type, shape).bytes(9, elements);
}

/// TensorProto whose elements lie in another file; entries are key, value, key, value...
inline message external_tensor(std::string_view name, const dims& shape, const names& entries) {
    message out = tensor_head(name, 1, shape).integer(14, 1);
    for (std::size_t i = 0; i + 1 < entries.size(); i += 2) {
        message entry;
        out.sub(13, entry.bytes(1, entries[i]).bytes(2, entries[i + 1]));
    }
    return out;
}

inline message node(std::string_view name, std::string_view op, const names& inputs, const names& outputs) {
    message out;
    for (const std::string& input : inputs) out.bytes(1, input);
    for (const std::string& output : outputs) out.bytes(2, output);
    return out.bytes(3, name).bytes(4, op);
}

inline message attribute(std::string_view name, std::int64_t type) {
    message out;
    return out.bytes(1, name).integer(20, type);
}

/// AttributeProto of a function's node: the attribute `of` its calls.
inline message reference(std::string_view name, std::int64_t type, std::string_view of) {
    return attribute(name, type).bytes(21, of);
}

/// FunctionProto of the domain "local"; .sub(9, opset(...)) says its operators' versions, .sub(11, ...) a default.
inline message function(std::string_view name, const names& inputs, const names& outputs,
                        const std::vector<message>& nodes) {
    message out;
    out.bytes(1, name).bytes(10, "local");
    for (const std::string& input : inputs) out.bytes(4, input);
    for (const std::string& output : outputs) out.bytes(5, output);
    for (const message& each : nodes) out.sub(7, each);
    return out;
}

/// A node that calls such a function.
inline message call(std::string_view name, std::string_view function_name, const names& inputs, const names& outputs) {
    return node(name, function_name, inputs, outputs).bytes(7, "local");
}

/// ValueInfoProto of a float tensor.
inline message value(std::string_view name, const dims& shape, std::int64_t type = 1) {
    message shape_proto;
    for (const std::int64_t dim : shape) {
        message dimension;
        shape_proto.sub(1, dimension.integer(1, dim));
    }
    message tensor_type;
    message type_proto;
    message out;
    tensor_type.integer(1, type).sub(2, shape_proto);
    return out.bytes(1, name).sub(2, type_proto.sub(1, tensor_type));
}

struct graph_parts {
    std::vector<message> nodes;
    std::vector<message> initializers;
    std::vector<message> inputs;
    std::vector<message> outputs;
    std::vector<message> values;
};

inline message graph(const graph_parts& parts) {
    message out;
    for (const message& part : parts.nodes) out.sub(1, part);
    out.bytes(2, "g");
    for (const message& part : parts.initializers) out.sub(5, part);
    for (const message& part : parts.inputs) out.sub(11, part);
    for (const message& part : parts.outputs) out.sub(12, part);
    for (const message& part : parts.values) out.sub(13, part);
    return out;
}

inline message opset(std::int64_t version, std::string_view domain = "") {
    message out;
    return out.bytes(1, domain).integer(2, version);
}

/// ModelProto of IR version 8 and opset 13; the opset comes last, so that no file cut short is whole.
inline message model(const message& graph_proto, std::int64_t ir_version = 8, std::int64_t opset_version = 13) {
    message out;
    return out.integer(1, ir_version).bytes(2, "test").sub(7, graph_proto).sub(8, opset(opset_version));
}

/// The same with local functions.
inline message model(const message& graph_proto, const std::vector<message>& functions) {
    message out = model(graph_proto);
    for (const message& each : functions) out.sub(25, each);
    return out;
}

/// A whole small network: y = Relu(x * w + b) with w of `inputs` x `outputs` elements.
inline graph_parts dense(std::int64_t inputs = 4, std::int64_t outputs = 2) {
    const std::vector<float> weights(static_cast<std::size_t>(inputs * outputs), 0.5F);
    const std::vector<float> bias(static_cast<std::size_t>(outputs), 0.25F);
    graph_parts out;
    out.nodes = {node("fc", "Gemm", {"x", "w", "b"}, {"h"}), node("act", "Relu", {"h"}, {"y"})};
    out.initializers = {float_tensor("w", {inputs, outputs}, weights), float_tensor("b", {outputs}, bias)};
    out.inputs = {value("x", {1, inputs})};
    out.outputs = {value("y", {1, outputs})};
    return out;
}

} // namespace ctq::test::onnx_builder

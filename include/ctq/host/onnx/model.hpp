#pragma once
// What an ONNX file says, as plain structs: nothing is interpreted yet, weights are decoded.
// room: host | runs on: host | heap: yes

#include <ctq/core/dtype.hpp>
#include <ctq/host/source/file_tensor.hpp>
#include <ctq/host/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

/// TensorProto.DataType, as numbered in ONNX: what a file says of elements. Once they are read, their type is a
/// ctq::dtype.
enum class data_type : std::int32_t {
    undefined = 0,
    float32 = 1,
    uint8 = 2,
    int8 = 3,
    uint16 = 4,
    int16 = 5,
    int32 = 6,
    int64 = 7,
    string = 8,
    boolean = 9,
    float16 = 10,
    float64 = 11,
    uint32 = 12,
    uint64 = 13,
    complex64 = 14,
    complex128 = 15,
    bfloat16 = 16
};

/// The number of the newest TensorProto.DataType that has a name here; those above 16 are known but not supported.
inline constexpr std::int32_t last_known_data_type = 26;

/// ONNX's name of an element type: "FLOAT", "UINT8", ...
[[nodiscard]] inline std::string_view name_of(data_type type) {
    constexpr std::string_view names[] = {
        "UNDEFINED", "FLOAT",      "UINT8",      "INT8",         "UINT16",         "INT16",      "INT32",
        "INT64",     "STRING",     "BOOL",       "FLOAT16",      "DOUBLE",         "UINT32",     "UINT64",
        "COMPLEX64", "COMPLEX128", "BFLOAT16",   "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ",
        "UINT4",     "INT4",       "FLOAT4E2M1", "FLOAT8E8M0",   "UINT2",          "INT2"};
    const auto index = static_cast<std::int32_t>(type);
    return index >= 0 && index <= last_known_data_type ? names[index] : "unknown type";
}

/// The type that elements are read as. Every real type becomes float32 and the larger unsigned integers int64, at once;
/// float32 too for what is not supported.
[[nodiscard]] constexpr dtype read_as(data_type type) {
    switch (type) {
    case data_type::boolean:
        return dtype::boolean;
    case data_type::int8:
        return dtype::int8;
    case data_type::uint8:
        return dtype::uint8;
    case data_type::int16:
        return dtype::int16;
    case data_type::uint16:
        return dtype::uint16;
    case data_type::int32:
        return dtype::int32;
    case data_type::int64:
    case data_type::uint32:
    case data_type::uint64:
        return dtype::int64;
    default:
        return dtype::float32;
    }
}

/// What that type is to the importer of all formats, where ctq has another in its place.
[[nodiscard]] constexpr source::foreign_type foreign_type_of(data_type type) {
    using enum source::foreign_type;
    return type == data_type::float16    ? float16
           : type == data_type::bfloat16 ? bfloat16
           : type == data_type::float64  ? float64
           : type == data_type::uint32   ? uint32
           : type == data_type::uint64   ? uint64
                                         : none;
}

/// Bytes per element in raw_data and external files; 0 for a type whose payload is not supported.
[[nodiscard]] constexpr std::size_t width_of(data_type type) {
    switch (type) {
    case data_type::uint8:
    case data_type::int8:
    case data_type::boolean:
        return 1;
    case data_type::uint16:
    case data_type::int16:
    case data_type::float16:
    case data_type::bfloat16:
        return 2;
    case data_type::float32:
    case data_type::int32:
    case data_type::uint32:
        return 4;
    case data_type::int64:
    case data_type::uint64:
    case data_type::float64:
        return 8;
    default:
        return 0;
    }
}

/// Why a constant of a type whose payload is not supported is unreadable.
[[nodiscard]] inline std::string unreadable_type(data_type type) {
    return message("is of type ", name_of(type),
                   ", which is not supported; use FLOAT or an integer type of 8 to 64 bits");
}

/// A constant. One of a type or form that cannot be read is a fault of the nodes that read it.
struct tensor : source::file_tensor {
    bool external = false; ///< the payload came from another file
};

/// One axis of a value: a number, a symbol, or neither (unknown).
struct dimension {
    std::optional<std::int64_t> value;
    std::string symbol;

    bool operator==(const dimension&) const = default;
};

/// What a value in the graph is. `elem_type` undefined: the file does not say. A sequence, map, optional or sparse
/// tensor has its kind's name and neither element type nor dims.
struct value_info {
    std::string name;
    std::string kind; ///< "tensor", "sequence", "map", "optional", "sparse_tensor", or empty when the file does not say
    data_type elem_type = data_type::undefined;
    bool has_shape = false;
    std::vector<dimension> dims;

    bool operator==(const value_info&) const = default;
};

/// AttributeProto.AttributeType, as numbered in ONNX.
enum class attribute_type : std::int32_t {
    undefined = 0,
    real = 1,
    integer = 2,
    string = 3,
    tensor = 4,
    graph = 5,
    reals = 6,
    integers = 7,
    strings = 8,
    tensors = 9,
    graphs = 10,
    sparse_tensor = 11,
    sparse_tensors = 12,
    type_proto = 13,
    type_protos = 14
};

/// ONNX's name of an attribute type: "FLOAT", "INTS", ...
[[nodiscard]] inline std::string_view name_of(attribute_type type) {
    constexpr std::string_view names[] = {
        "UNDEFINED", "FLOAT",   "INT",    "STRING",        "TENSOR",         "GRAPH",      "FLOATS",     "INTS",
        "STRINGS",   "TENSORS", "GRAPHS", "SPARSE_TENSOR", "SPARSE_TENSORS", "TYPE_PROTO", "TYPE_PROTOS"};
    const auto index = static_cast<std::int32_t>(type);
    return index >= 0 && index <= 14 ? names[index] : "unknown type";
}

struct graph;

/// A node's attribute. Only the member that `type` names is meaningful. The payload of a sparse tensor or a type is not
/// kept.
struct attribute {
    std::string name;
    std::string reference; ///< in a function: the attribute of its calls that stands here, in place of a value
    attribute_type type = attribute_type::undefined;
    float f = 0;
    std::int64_t i = 0;
    std::string s;
    std::vector<tensor> tensors; ///< one for TENSOR
    std::vector<graph> graphs;   ///< one for GRAPH
    std::vector<float> floats;
    std::vector<std::int64_t> ints;
    std::vector<std::string> strings;

    /// The tensor of a TENSOR attribute.
    [[nodiscard]] const tensor& t() const { return tensors.front(); }
};

/// The attribute of that name, or nullptr.
[[nodiscard]] inline const attribute* find_attribute(const std::vector<attribute>& attributes, std::string_view name) {
    const auto found =
        std::find_if(attributes.begin(), attributes.end(), [&](const attribute& a) { return a.name == name; });
    return found == attributes.end() ? nullptr : &*found;
}

struct node {
    std::string name;
    std::string op_type;
    std::string domain;               ///< "" for ONNX's own operators ("ai.onnx" is read as "")
    std::string overload;             ///< which of the local functions of this domain and name it calls
    std::int64_t version = 0;         ///< of the operator; 0: that of the domain in the model
    std::vector<std::string> inputs;  ///< "" is an input that is left out
    std::vector<std::string> outputs; ///< "" is an output that is left out
    std::vector<attribute> attributes;
    std::size_t position = 0; ///< its place in the file, from 0; that of the call it stands for

    /// The attribute of that name, or nullptr.
    [[nodiscard]] const attribute* find(std::string_view attribute_name) const {
        return find_attribute(attributes, attribute_name);
    }
};

struct graph {
    std::string name;
    std::vector<node> nodes;
    std::vector<tensor> initializers;
    std::vector<value_info> inputs;
    std::vector<value_info> outputs;
    std::vector<value_info> values; ///< value_info of the file: what is known about intermediate values
};

struct operator_set {
    std::string domain;
    std::int64_t version = 0;
};

/// The imported version of a domain's operators, 0 when it is not imported.
[[nodiscard]] inline std::int64_t version_among(const std::vector<operator_set>& imports, std::string_view domain) {
    const auto found =
        std::find_if(imports.begin(), imports.end(), [&](const operator_set& set) { return set.domain == domain; });
    return found == imports.end() ? 0 : found->version;
}

/// A local function: an operator that the file itself defines by nodes.
struct function {
    std::string domain;
    std::string name;
    std::string overload; ///< tells functions of one domain and name apart
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    std::vector<attribute> defaults; ///< for the attributes that a call leaves out
    std::vector<operator_set> opset_imports;
    std::vector<node> nodes;
};

struct model {
    std::int64_t ir_version = 0;
    std::string producer_name;
    std::string producer_version;
    std::vector<operator_set> opset_imports;
    onnx::graph graph;
    std::vector<function> functions;
    std::vector<std::string> unsupported; ///< versions that ctq does not know: what nodes mean is uncertain then
    std::vector<std::string> warnings;    ///< one line each, "FILE: ..."; nothing that stops the work

    /// The imported version of a domain's operators, 0 when it is not imported.
    [[nodiscard]] std::int64_t opset(std::string_view domain = "") const {
        return version_among(opset_imports, domain);
    }

    /// The version of a node's operator, 0 when its domain is not imported.
    [[nodiscard]] std::int64_t version_of(const node& n) const { return n.version != 0 ? n.version : opset(n.domain); }
};

/// "node 'conv1' (Conv)"; a node without a name is told by its place in the file: "node #3 (Conv)".
[[nodiscard]] inline std::string describe(const node& n) {
    const std::string who = n.name.empty() ? message("#", n.position) : in_quotes(n.name);
    return message("node ", who, " (", printable(n.op_type), ")");
}

/// "function 'f'".
[[nodiscard]] inline std::string describe(const function& f) {
    return message("function ", in_quotes(f.name));
}

} // namespace ctq::inline CTQ_TARGET::host::onnx

#pragma once
// Bytes of an ONNX file to onnx::model. Any bytes at all end in a model or in a `failure`, in bounded memory.
// room: host | runs on: host | heap: yes

#include <ctq/host/failure.hpp>
#include <ctq/host/onnx/limits.hpp>
#include <ctq/host/onnx/model.hpp>
#include <ctq/host/onnx/payload.hpp>
#include <ctq/host/onnx/session.hpp>
#include <ctq/host/onnx/wire.hpp>
#include <ctq/host/read_file.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

namespace detail {

// What a file seems to be that is certainly not ONNX: every one of these beginnings is an illegal first field.
inline const char* foreign_format(std::string_view bytes) {
    struct mark {
        std::size_t at;
        std::string_view text;
        const char* what;
    };
    static constexpr std::array<mark, 12> marks{
        {{0, "\x89PNG", "PNG"},
         {0, "PK\x03\x04", "a zip archive, perhaps of PyTorch"},
         {0, "\x1f\x8b", "gzip"},
         {0, "\x89HDF", "HDF5, perhaps of Keras"},
         {0, "\x93NUMPY", "a NumPy array"},
         {0,
          "\x7f"
          "ELF",
          "an ELF program"},
         {0, "\xff\xd8\xff", "JPEG"},
         {0, "%PDF", "PDF"},
         {4, "TFL3", "TensorFlow Lite"},
         {0, "{", "JSON"},
         {0, "<", "XML or HTML"},
         {0, "version https://git-lfs", "a Git LFS pointer; run git lfs pull"}}};
    for (const mark& m : marks) {
        if (bytes.size() > m.at && bytes.substr(m.at, m.text.size()) == m.text) return m.what;
    }
    return nullptr;
}

inline bool is_text_protobuf(std::string_view bytes) {
    const std::size_t begin = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());
    const std::string_view head = bytes.substr(begin, 16);
    for (const std::string_view field : {"ir_version", "producer_name", "graph {", "graph{", "opset_import"}) {
        if (head.substr(0, field.size()) == field) return true;
    }
    return false;
}

inline void refuse_foreign_formats(std::string_view bytes, std::string_view path) {
    if (bytes.empty()) fail_malformed(path, "is empty; an ONNX model is expected");
    if (const char* what = foreign_format(bytes)) fail_malformed(path, "is not an ONNX model (looks like ", what, ")");
    if (is_text_protobuf(bytes))
        fail_malformed(path, "is not an ONNX model (looks like protobuf text); save the binary form with onnx.save");
}

// Takes the name of a domain; ONNX's own has two.
inline auto domain_into(std::string& to) {
    return [&to](wire& at) {
        to = at.text();
        if (to == "ai.onnx") to.clear();
    };
}

class model_reader {
    session* session_;

    tensor read_tensor(std::string_view bytes, const std::string& where) {
        return tensor_reader(bytes, *session_, where).read();
    }

    auto values_into(std::vector<value_info>& to) {
        return [this, &to](wire& at) { to.push_back(read_value(at.bytes())); };
    }

    // What its values say of it.
    tensor read_sparse(std::string_view bytes) {
        std::string_view values;
        bool has_values = false;
        wire fields(bytes, *session_, "SparseTensorProto");
        fields.read_fields(field{1, [&](wire& at) { values = at.bytes_once(has_values, "values"); }}); // values
        tensor out = read_tensor(values, "");
        out.floats.clear();
        out.integers.clear();
        if (out.unreadable.empty())
            out.unreadable =
                message("is a sparse tensor of type ", name_of(out.type), ", which is not supported; export it dense");
        return out;
    }

    graph read_graph(std::string_view bytes, std::size_t depth) {
        if (depth > session_->allowed.max_depth)
            fail_malformed(session_->path, "graphs are nested more than ", session_->allowed.max_depth,
                           " deep in control flow (the limit)");
        graph out;
        wire fields(bytes, *session_, "GraphProto");
        fields.read_fields(
            field{1, [&](wire& at) { out.nodes.push_back(read_node(at.bytes(), out.nodes.size(), depth)); }}, // node
            field{2, into(out.name)},                                                                         // name
            field{5, [&](wire& at) { out.initializers.push_back(read_tensor(at.bytes(), "")); }}, // initializer
            field{11, values_into(out.inputs)},                                                   // input
            field{12, values_into(out.outputs)},                                                  // output
            field{13, values_into(out.values)},                                                   // value_info
            field{15, [&](wire& at) { out.initializers.push_back(read_sparse(at.bytes())); }});   // sparse_initializer
        return out;
    }

    node read_node(std::string_view bytes, std::size_t position, std::size_t depth) {
        if (++session_->nodes > session_->allowed.max_nodes)
            fail_malformed(session_->path, "too many nodes (limit ", session_->allowed.max_nodes, ")");
        node out;
        out.position = position;
        std::vector<std::string_view> attributes; // read last: their faults name the node
        wire fields(bytes, *session_, "NodeProto");
        fields.read_fields(field{1, into(out.inputs)},        // input
                           field{2, into(out.outputs)},       // output
                           field{3, into(out.name)},          // name
                           field{4, into(out.op_type)},       // op_type
                           field{5, into(attributes)},        // attribute
                           field{7, domain_into(out.domain)}, // domain
                           field{8, into(out.overload)});     // overload
        add_attributes(out.attributes, describe(out), attributes, depth);
        return out;
    }

    // `owner` is whose they are.
    void add_attributes(std::vector<attribute>& to, const std::string& owner,
                        const std::vector<std::string_view>& attributes, std::size_t depth) {
        to.reserve(attributes.size());
        for (const std::string_view bytes : attributes) add_attribute(to, owner, bytes, depth);
    }

    void add_attribute(std::vector<attribute>& to, const std::string& owner, std::string_view bytes,
                       std::size_t depth) {
        constexpr std::size_t most = 1000; // the search for a name given twice is quadratic
        if (to.size() >= most)
            fail_malformed(session_->path, owner, " has more than ", most, " attributes (the limit)");
        attribute out = read_attribute(owner, bytes, depth);
        if (out.name.empty())
            session_->malformed(owner, ": an attribute has no name");
        else if (find_attribute(to, out.name) != nullptr)
            session_->malformed(owner, ": attribute ", in_quotes(out.name), " is given twice");
        to.push_back(std::move(out));
    }

    // What a file says about an attribute beside what `attribute` keeps.
    struct attribute_fields {
        std::int64_t type = 0;
        std::uint32_t seen = 0; // bit n: a payload of attribute_type n is there
        std::vector<std::string_view> tensors;
        std::vector<std::string_view> graphs;

        void note(attribute_type t) { seen |= 1U << static_cast<unsigned>(t); }
    };

    // Tensors and graphs are read last: their faults name the attribute.
    attribute read_attribute(const std::string& owner, std::string_view bytes, std::size_t depth) {
        attribute out;
        attribute_fields found;
        read_attribute_fields(bytes, out, found);
        const std::string where = message(owner, ": attribute ", in_quotes(out.name));
        settle_type(out, where, found);
        check_single(where, out, found);
        for (const std::string_view t : found.tensors) out.tensors.push_back(read_tensor(t, where));
        for (const std::string_view g : found.graphs) out.graphs.push_back(read_graph(g, depth + 1));
        return out;
    }

    void read_attribute_fields(std::string_view bytes, attribute& out, attribute_fields& found) {
        using type = attribute_type;
        const auto payload = [&found](type of, auto take) {
            return [&found, of, take](wire& at) {
                found.note(of);
                take(at);
            };
        };
        const auto skip = [](wire& at) { at.skip(); };
        const auto floats = [&](wire& at) { at.each_float([&](float each) { append(out.floats, each); }); };
        const auto integers = [&](wire& at) {
            at.each_integer([&](std::uint64_t each) { append(out.ints, static_cast<std::int64_t>(each)); });
        };
        wire fields(bytes, *session_, "AttributeProto");
        fields.read_fields(field{1, into(out.name)},                               // name
                           field{2, payload(type::real, into(out.f))},             // f
                           field{3, payload(type::integer, into(out.i))},          // i
                           field{4, payload(type::string, into(out.s))},           // s
                           field{5, payload(type::tensor, into(found.tensors))},   // t
                           field{6, payload(type::graph, into(found.graphs))},     // g
                           field{7, payload(type::reals, floats)},                 // floats
                           field{8, payload(type::integers, integers)},            // ints
                           field{9, payload(type::strings, into(out.strings))},    // strings
                           field{10, payload(type::tensors, into(found.tensors))}, // tensors
                           field{11, payload(type::graphs, into(found.graphs))},   // graphs
                           field{14, payload(type::type_proto, skip)},             // tp
                           field{15, payload(type::type_protos, skip)},            // type_protos
                           field{20, into(found.type)},                            // type
                           field{21, into(out.reference)},                         // ref_attr_name
                           field{22, payload(type::sparse_tensor, skip)},          // sparse_tensor
                           field{23, payload(type::sparse_tensors, skip)});        // sparse_tensors
    }

    template <typename Value> void append(std::vector<Value>& list, Value value) {
        session_->spend_fields(1);
        list.push_back(value);
    }

    // The type said and the payload found must agree; old files say no type, then the payload tells it.
    void settle_type(attribute& out, const std::string& where, const attribute_fields& found) {
        const auto type_of_bit = [](std::uint32_t bits) { return static_cast<attribute_type>(std::countr_zero(bits)); };
        if (!out.reference.empty() && !in_function_)
            return session_->malformed(where, " refers to ", in_quotes(out.reference),
                                       " of a function, but is in no function");
        if (found.type < 0 || found.type > 14) return session_->malformed(where, " has the unknown type ", found.type);
        out.type = static_cast<attribute_type>(found.type);
        if (found.type == 0 && found.seen != 0) out.type = type_of_bit(found.seen);
        const std::uint32_t others = found.seen & ~(1U << static_cast<unsigned>(out.type));
        if (others != 0)
            return session_->malformed(where, " has type ", name_of(out.type), " but a value of type ",
                                       name_of(type_of_bit(others)));
        if (out.type == attribute_type::undefined && out.reference.empty())
            return session_->malformed(where, " has neither type nor value");
        check_numbers(out, where);
    }

    void check_numbers(const attribute& a, const std::string& where) {
        if (std::isnan(a.f)) return session_->malformed(where, " is nan");
        for (std::size_t i = 0; i < a.floats.size(); ++i) {
            if (std::isnan(a.floats[i])) return session_->malformed(where, ": element ", i, " is nan");
        }
    }

    // The value of a reference comes from the caller.
    void check_single(const std::string& where, const attribute& a, const attribute_fields& found) {
        const bool is_tensor = a.type == attribute_type::tensor;
        if (!a.reference.empty() || (!is_tensor && a.type != attribute_type::graph)) return;
        const std::size_t values = is_tensor ? found.tensors.size() : found.graphs.size();
        if (values != 1) session_->malformed(where, " of type ", name_of(a.type), " has ", values, " values, not one");
    }

    value_info read_value(std::string_view bytes) {
        value_info out;
        std::string_view type;
        bool has_type = false;
        wire fields(bytes, *session_, "ValueInfoProto");
        fields.read_fields(field{1, into(out.name)},                                             // name
                           field{2, [&](wire& at) { type = at.bytes_once(has_type, "type"); }}); // type
        if (has_type) read_type(type, out);
        return out;
    }

    void read_type(std::string_view bytes, value_info& out) {
        const auto skipped = [&out](const char* kind) {
            return [&out, kind](wire& at) {
                out.kind = kind;
                at.skip();
            };
        };
        wire fields(bytes, *session_, "TypeProto");
        fields.read_fields(field{1, [&](wire& at) { read_tensor_type(at.bytes(), out); }}, // tensor_type
                           field{4, skipped("sequence")},                                  // sequence_type
                           field{5, skipped("map")},                                       // map_type
                           field{8, skipped("sparse_tensor")},                             // sparse_tensor_type
                           field{9, skipped("optional")});                                 // optional_type
    }

    void read_tensor_type(std::string_view bytes, value_info& out) {
        out.kind = "tensor";
        std::string_view shape;
        wire fields(bytes, *session_, "TypeProto.Tensor");
        fields.read_fields(
            field{1, [&](wire& at) { out.elem_type = checked_type(at.integer(), out.name); }}, // elem_type
            field{2, [&](wire& at) { shape = at.bytes_once(out.has_shape, "shape"); }});       // shape
        if (out.has_shape) read_shape(shape, out);
    }

    data_type checked_type(std::int64_t number, const std::string& value) {
        if (number >= 0 && number <= last_known_data_type) return static_cast<data_type>(number);
        session_->malformed("value ", in_quotes(value), ": elem_type ", number, " is not an ONNX element type");
        return data_type::undefined;
    }

    void read_shape(std::string_view bytes, value_info& out) {
        wire fields(bytes, *session_, "TensorShapeProto");
        fields.read_fields(
            field{1, [&](wire& at) { out.dims.push_back(read_dimension(at.bytes(), out.name)); }}); // dim
        check_shape(out);
    }

    // What some exporters write where ONNX leaves out the number.
    static constexpr std::int64_t unknown_size = -1;

    dimension read_dimension(std::string_view bytes, const std::string& value) {
        dimension out;
        wire fields(bytes, *session_, "TensorShapeProto.Dimension");
        fields.read_fields(field{1, into(out.value)},   // dim_value
                           field{2, into(out.symbol)}); // dim_param
        if (out.symbol.empty() && out.value == unknown_size) out.value.reset();
        if (out.value && !out.symbol.empty())
            session_->malformed("value ", in_quotes(value), ": a dimension is both ", *out.value, " and ",
                                in_quotes(out.symbol));
        return out;
    }

    void check_shape(const value_info& value) {
        const std::string who = message("value ", in_quotes(value.name));
        if (value.dims.size() > session_->allowed.max_rank)
            return session_->malformed(who, " has ", value.dims.size(), " dimensions (limit ",
                                       session_->allowed.max_rank, ")");
        std::uint64_t product = 1;
        for (const dimension& dim : value.dims) {
            if (!dim.value) continue;
            const bool empty_list = *dim.value == 0 && value.dims.size() == 1;
            if (*dim.value < 0 || *dim.value > 2147483647 || (*dim.value == 0 && !empty_list))
                return session_->malformed(who, ": dimension ", *dim.value, " is not between 1 and 2147483647");
            if (product > (std::uint64_t{1} << 31U))
                return session_->malformed(who, ": the product of its dimensions overflows");
            product *= static_cast<std::uint64_t>(*dim.value);
        }
        if (product > 2147483647)
            session_->malformed(who, ": the product of its dimensions, ", product, ", is over 2147483647");
    }

    operator_set read_operator_set(std::string_view bytes) {
        operator_set out;
        wire fields(bytes, *session_, "OperatorSetIdProto");
        fields.read_fields(field{1, domain_into(out.domain)}, // domain
                           field{2, into(out.version)});      // version
        return out;
    }

    function read_function(std::string_view bytes) {
        function out;
        std::vector<std::string_view> defaults; // read last: their faults name the function, and they refer to no other
        in_function_ = true;
        wire fields(bytes, *session_, "FunctionProto");
        fields.read_fields(
            field{1, into(out.name)},                                                                     // name
            field{4, into(out.inputs)},                                                                   // input
            field{5, into(out.outputs)},                                                                  // output
            field{7, [&](wire& at) { out.nodes.push_back(read_node(at.bytes(), out.nodes.size(), 0)); }}, // node
            field{9, [&](wire& at) { out.opset_imports.push_back(read_operator_set(at.bytes())); }}, // opset_import
            field{10, domain_into(out.domain)},                                                      // domain
            field{11, into(defaults)},                                                               // attribute_proto
            field{13, into(out.overload)});                                                          // overload
        in_function_ = false;
        add_attributes(out.defaults, describe(out), defaults, 0);
        return out;
    }

    void add_function(model& out, std::string_view bytes) {
        if (out.functions.size() >= session_->allowed.max_functions)
            fail_malformed(session_->path, "too many local functions (limit ", session_->allowed.max_functions, ")");
        out.functions.push_back(read_function(bytes));
    }

    bool in_function_ = false;

  public:
    explicit model_reader(session& owner) : session_(&owner) {}

    model read(std::string_view bytes) {
        model out;
        bool has_graph = false;
        wire fields(bytes, *session_, "ModelProto");
        fields.read_fields(
            field{1, into(out.ir_version)},       // ir_version
            field{2, into(out.producer_name)},    // producer_name
            field{3, into(out.producer_version)}, // producer_version
            field{7, [&](wire& at) { out.graph = read_graph(at.bytes_once(has_graph, "graph"), 0); }}, // graph
            field{8, [&](wire& at) { out.opset_imports.push_back(read_operator_set(at.bytes())); }},   // opset_import
            field{25, [&](wire& at) { add_function(out, at.bytes()); }});                              // functions
        if (!has_graph) fail_malformed(session_->path, "is not a complete ONNX model: it has no graph");
        return out;
    }
};

inline void check_ir_version(model& read, session& s) {
    const auto range = message(s.allowed.first_ir_version, " to ", s.allowed.last_ir_version);
    if (read.ir_version <= 0)
        s.malformed("IR version ", read.ir_version, " is not valid; ", range, " are supported");
    else if (read.ir_version < s.allowed.first_ir_version || read.ir_version > s.allowed.last_ir_version)
        read.unsupported.push_back(message("IR version ", read.ir_version, " is not supported; ", range,
                                           " are; export the model with such a one"));
}

// Of a model or one of its functions, which `owner` names.
inline void check_operator_sets(model& read, const std::vector<operator_set>& imports, const std::string& owner,
                                session& s) {
    const auto range = message(s.allowed.first_opset, " to ", s.allowed.last_opset);
    for (std::size_t i = 0; i < imports.size(); ++i) {
        const operator_set& set = imports[i];
        const std::string who =
            message(owner, set.domain.empty() ? "opset" : message("opset of domain ", in_quotes(set.domain)));
        const auto of_domain = [&](const operator_set& other) { return other.domain == set.domain; };
        const operator_set& first = *std::ranges::find_if(imports, of_domain);
        if (first.version != set.version)
            return s.malformed(who, " is imported twice, as ", first.version, " and as ", set.version);
        if (set.version <= 0)
            s.malformed(who, " ", set.version, " is not valid; opsets ", range, " are supported");
        else if (set.domain.empty() && &set == &first &&
                 (set.version < s.allowed.first_opset || set.version > s.allowed.last_opset))
            read.unsupported.push_back(
                message(who, " ", set.version, " is not supported; opsets ", range, " are; convert the model's opset"));
        if (i >= 64) return s.malformed(owner, "imports more than 64 opsets");
    }
}

// A function that imports none has the model's.
inline void check_operator_sets(model& read, session& s) {
    if (read.opset_imports.empty())
        return s.malformed("has no opset_import; opsets ", s.allowed.first_opset, " to ", s.allowed.last_opset,
                           " are supported");
    check_operator_sets(read, read.opset_imports, "", s);
    for (const function& f : read.functions) check_operator_sets(read, f.opset_imports, describe(f) + ": ", s);
}

} // namespace detail

/// The model in `bytes`. `path` stands in messages; external data is looked for below `folder` (empty: the current
/// one). Throws `failure`: malformed for bytes that are no ONNX model, broken tensors or attributes and anything beyond
/// `allowed`. What is not supported is noted in the model, for import_model(): constants that cannot be read, IR
/// versions and opsets. Graph structure is validate()'s. Memory: the decoded weights and about 30 times the rest of the
/// file.
[[nodiscard]] inline model parse(std::string_view bytes, std::string_view path,
                                 const std::filesystem::path& folder = {}, const limits& allowed = {}) {
    detail::session s;
    s.path = std::string(path);
    s.folder = folder.string();
    s.allowed = allowed;
    s.begin = bytes.data();
    model out;
    try {
        detail::refuse_foreign_formats(bytes, path);
        out = detail::model_reader(s).read(bytes);
        detail::check_ir_version(out, s);
        detail::check_operator_sets(out, s);
    } catch (const failure& error) {
        for (const std::string& line : error.faults.lines()) s.faults.add(error.code, line);
    }
    s.faults.throw_if_any();
    out.warnings = std::move(s.warnings);
    return out;
}

/// The model in an ONNX file, with its external data. Throws as read_file() and parse() do.
[[nodiscard]] inline model read(const std::string& path, const limits& allowed = {}) {
    const std::string bytes = read_file(path, allowed.max_file_bytes);
    return parse(bytes, path, std::filesystem::path(path).parent_path(), allowed);
}

} // namespace ctq::inline CTQ_TARGET::host::onnx

#include "../onnx_builder.hpp"
#include "../scratch.hpp"

#include <ctq/host/onnx/read.hpp>
#include <ctq/host/onnx/validate.hpp>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cmath>
#include <string>
#include <tuple>
#include <vector>

using namespace ctq::host;
using namespace std::string_literals;
namespace build = ctq::test::onnx_builder;

namespace {

ctq::test::outcome reading_model(const std::string& bytes, const onnx::limits& allowed = {}) {
    return ctq::test::outcome_of([&] {
        onnx::model m = onnx::parse(bytes, "m.onnx", {}, allowed);
        onnx::validate(m, "m.onnx");
    });
}

ctq::test::outcome reading_model(const build::graph_parts& parts) {
    return reading_model(build::model(build::graph(parts)).str());
}

// The dense model whose first node has these attributes too.
build::graph_parts with_attributes(const std::vector<build::message>& attributes) {
    build::graph_parts out = build::dense();
    for (const build::message& a : attributes) out.nodes[0].sub(5, a);
    return out;
}

// A model of one node that holds graphs nested `depth` deep.
std::string nested_if(int depth) {
    build::message inner = build::graph({{build::node("leaf", "Relu", {"x"}, {"leaf"})}, {}, {}, {}, {}});
    for (int level = 0; level < depth; ++level) {
        build::message branch = build::attribute("then_branch", 5).sub(6, inner);
        inner = build::graph({{build::node("if", "If", {"x"}, {"y"}).sub(5, branch)}, {}, {}, {}, {}});
    }
    inner.sub(11, build::value("x", {1})).sub(12, build::value("y", {1}));
    return build::model(inner).str();
}

void check_rows(const std::vector<std::tuple<std::string, int, const char*>>& rows) {
    for (const auto& [bytes, code, text] : rows) {
        const auto result = reading_model(bytes);
        CHECK_MESSAGE(result.number() == code, text);
        CHECK_MESSAGE(result.says(text), result.text);
    }
}

} // namespace

TEST_CASE("read: a whole model, field by field") {
    build::graph_parts parts = build::dense();
    parts.values = {build::value("h", {1, 2})};
    parts.nodes[0]
        .sub(5, build::attribute("alpha", 1).real(2, 0.5F))
        .sub(5, build::attribute("transB", 2).integer(3, 1));
    parts.nodes[0]
        .sub(5, build::attribute("mode", 3).bytes(4, "same"))
        .sub(5, build::attribute("f", 6).floats(7, {1, 2}));
    parts.nodes[0]
        .sub(5, build::attribute("pads", 7).integers(8, {0, 1}))
        .sub(5, build::attribute("s", 8).bytes(9, "a"));
    parts.nodes[0].sub(5, build::attribute("value", 4).sub(5, build::float_tensor("t", {1}, {7})));
    const onnx::model m = onnx::parse(build::model(build::graph(parts)).str(), "m.onnx");
    CHECK(m.ir_version == 8);
    CHECK(m.producer_name == "test");
    CHECK(m.opset() == 13);
    CHECK(m.graph.name == "g");
    REQUIRE(m.graph.nodes.size() == 2);
    const onnx::node& n = m.graph.nodes[0];
    CHECK(n.name == "fc");
    CHECK(n.op_type == "Gemm");
    CHECK(n.inputs == build::names{"x", "w", "b"});
    CHECK(n.outputs == build::names{"h"});
    CHECK(n.find("alpha")->f == 0.5F);
    CHECK(n.find("transB")->i == 1);
    CHECK(n.find("mode")->s == "same");
    CHECK(n.find("f")->floats == std::vector<float>{1, 2});
    CHECK(n.find("pads")->ints == std::vector<std::int64_t>{0, 1});
    CHECK(n.find("s")->strings == build::names{"a"});
    CHECK(n.find("value")->t().floats == std::vector<float>{7});
    CHECK(m.graph.nodes[1].position == 1);
    CHECK(m.graph.initializers[0].name == "w");
    CHECK(m.graph.initializers[0].dims == build::dims{4, 2});
    CHECK(m.graph.inputs[0].dims[1].value == 4);
    CHECK(m.graph.inputs[0].elem_type == onnx::data_type::float32);
    CHECK(m.graph.values[0].name == "h");
    CHECK(m.warnings.empty());
}

TEST_CASE("read: dimensions may be symbols or unknown, shapes may be missing") {
    build::message symbol, unknown, minus_one, shape, type, wrapped, value, bare;
    shape.sub(1, symbol.bytes(2, "N")).sub(1, unknown).sub(1, minus_one.integer(1, -1));
    value.bytes(1, "x").sub(2, wrapped.sub(1, type.integer(1, 1).sub(2, shape)));
    build::graph_parts parts = build::dense();
    parts.inputs = {value};
    parts.values = {bare.bytes(1, "h")};
    const onnx::model m = onnx::parse(build::model(build::graph(parts)).str(), "m.onnx");
    REQUIRE(m.graph.inputs[0].dims.size() == 3);
    CHECK(m.graph.inputs[0].dims[0].symbol == "N");
    CHECK_FALSE(m.graph.inputs[0].dims[0].value);
    CHECK_FALSE(m.graph.inputs[0].dims[1].value);
    CHECK(m.graph.inputs[0].dims[2] == m.graph.inputs[0].dims[1]);
    CHECK_FALSE(m.graph.values[0].has_shape);
}

TEST_CASE("read: attributes of old files without a type take it from their value; ai.onnx is the default domain") {
    build::message untyped;
    untyped.bytes(1, "axis").integer(3, 1);
    const onnx::model m = onnx::parse(build::model(build::graph(with_attributes({untyped}))).str(), "m.onnx");
    CHECK(m.graph.nodes[0].attributes[0].type == onnx::attribute_type::integer);
    build::graph_parts parts = build::dense();
    parts.nodes[0].bytes(7, "ai.onnx");
    CHECK(reading_model(parts).number() == 0);
}

TEST_CASE("read: what is no ONNX file") {
    check_rows({{"", 3, "m.onnx: is empty; an ONNX model is expected"},
                {"\x0A", 3, "truncated"},
                {"\x13\x37\xC0\xDE\x42\x23\x05\x99", 3, "is not a complete ONNX model"},
                {"\x89PNG\r\n\x1a\n", 3, "is not an ONNX model (looks like PNG)"},
                {"PK\x03\x04rest", 3, "(looks like a zip archive, perhaps of PyTorch)"},
                {"\x1f\x8b\x08", 3, "(looks like gzip)"},
                {"\x93NUMPY\1\0"s, 3, "(looks like a NumPy array)"},
                {"\x20\0\0\0TFL3"s, 3, "(looks like TensorFlow Lite)"},
                {"<html>", 3, "(looks like XML or HTML)"},
                {"{\"a\": 1}", 3, "(looks like JSON)"},
                {"ir_version: 8\ngraph {\n", 3, "looks like protobuf text); save the binary form"},
                {"\n  graph {\n", 3, "looks like protobuf text"},
                {"version https://git-lfs.github.com", 3, "run git lfs pull"},
                {"hello world", 3, "is not a complete ONNX model"},
                {std::string(100, '\0'), 3, "an illegal field number"}});
}

TEST_CASE("read: broken containers") {
    const build::message whole = build::model(build::graph(build::dense()));
    build::message twice = whole;
    twice.sub(7, build::graph(build::dense()));
    build::message unknown = whole;
    unknown.integer(1000, 5).bytes(1001, "ignored").real(1002, 1);
    build::message no_graph;
    no_graph.integer(1, 8).sub(8, build::opset(13));
    build::message two_types, value;
    two_types = build::value("x", {1, 4});
    two_types.sub(2, build::message());
    build::graph_parts typed_twice = build::dense();
    typed_twice.inputs = {two_types};
    check_rows({{twice.str(), 3, "graph given twice"},
                {unknown.str(), 0, ""},
                {no_graph.str(), 3, "it has no graph"},
                {build::model(build::graph(typed_twice)).str(), 3, "type given twice"},
                {whole.str() + "\x1B", 3, "an unknown wire type"},
                {whole.str() + "\x0C", 3, "an unknown wire type"},
                {whole.str() + "\x3A\x7F"
                               "abc",
                 3, "field 7 says 127 bytes, 3 are left"},
                {whole.str() + "\x08" + std::string(10, '\xFF') + "\x01", 3, "a number of more than 10 bytes"},
                {whole.str() + "\x3A\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 3, "says 9223372036854775808 bytes"},
                {"\x3A\x02\x0A\x7F", 3, "GraphProto at byte "}});
}

TEST_CASE("read: versions") {
    const build::message g = build::graph(build::dense());
    build::message none, twice, again, both, other;
    none.integer(1, 8).sub(7, g);
    twice = build::model(g);
    twice.sub(8, build::opset(12));
    again = build::model(g);
    again.sub(8, build::opset(13, "ai.onnx"));
    both = build::model(g);
    both.sub(8, build::opset(1, "com.example"));
    other.integer(1, 8).sub(7, g).sub(8, build::opset(1, "com.example"));
    check_rows({{build::model(g, 0).str(), 3, "IR version 0 is not valid; 3 to 13 are supported"},
                {build::model(g, -1).str(), 3, "IR version -1 is not valid"},
                {build::model(g, 8, 0).str(), 3, "opset 0 is not valid"},
                {build::model(g, 8, -3).str(), 3, "opset -3 is not valid"},
                {none.str(), 3, "has no opset_import"},
                {again.str(), 0, ""},
                {twice.str(), 3, "opset is imported twice, as 13 and as 12"},
                {both.str(), 0, ""},
                {other.str(), 3, "domain '' is not in opset_import"}});
}

TEST_CASE("read: versions that are not supported are noted, and the rest is read") {
    const auto noted = [](const build::message& file, const onnx::limits& allowed = {}) {
        const onnx::model m = onnx::parse(file.str(), "m.onnx", {}, allowed);
        CHECK(m.graph.nodes.size() == 2);
        return m.unsupported;
    };
    const build::message g = build::graph(build::dense());
    CHECK(noted(build::model(g)).empty());
    CHECK(noted(build::model(g, 2)) ==
          build::names{"IR version 2 is not supported; 3 to 13 are; export the model with such a one"});
    CHECK(noted(build::model(g, std::int64_t{1} << 31))[0].starts_with("IR version 2147483648 is not supported"));
    const onnx::limits allowed;
    const std::string range = message("opsets ", allowed.first_opset, " to ", allowed.last_opset, " are");
    CHECK(noted(build::model(g, 8, 999).sub(8, build::opset(999))) ==
          build::names{"opset 999 is not supported; " + range + "; convert the model's opset"});
    CHECK(noted(build::model(g, 2, allowed.first_opset - 1)).size() == 2);
    onnx::limits wide;
    wide.last_opset = 990;
    CHECK(noted(build::model(g, 8, 989), wide).empty());
}

TEST_CASE("read: attributes") {
    using build::attribute;
    const auto file = [](const std::vector<build::message>& attributes) {
        return build::model(build::graph(with_attributes(attributes))).str();
    };
    build::message nameless, typeless;
    nameless.integer(20, 2).integer(3, 1);
    typeless.bytes(1, "axis");
    const build::message axis = attribute("axis", 2).integer(3, 1);
    check_rows(
        {{file({axis, axis}), 3, "node 'fc' (Gemm): attribute 'axis' is given twice"},
         {file({attribute("axis", 1).integer(3, 1)}), 3, "attribute 'axis' has type FLOAT but a value of type INT"},
         {file({attribute("axis", 2).integer(3, 1).real(2, 1)}), 3, "has type INT but a value of type FLOAT"},
         {file({attribute("axis", 99)}), 3, "has the unknown type 99"},
         {file({attribute("axis", 2).bytes(21, "outer")}), 3, "refers to 'outer' of a function, but is in no function"},
         {file({nameless}), 3, "node 'fc' (Gemm): an attribute has no name"},
         {file({typeless}), 3, "has neither type nor value"},
         {file({attribute("alpha", 1).real(2, std::nanf(""))}), 3, "attribute 'alpha' is nan"},
         {file({attribute("list", 6).floats(7, {1, std::nanf("")})}), 3, "attribute 'list': element 1 is nan"},
         {file({attribute("value", 4)}), 3, "of type TENSOR has 0 values, not one"},
         {file({attribute("value", 4).sub(5, build::float_tensor("t", {2}, {1}))}), 3,
          "node 'fc' (Gemm): attribute 'value': float_data has 1 elements, its shape needs 2"},
         {file({attribute("axis", 2)}), 0, ""}, // writers leave out a 0
         {file({attribute("i", 2).bytes(3, "x")}), 3, "AttributeProto at byte"}});
    std::vector<build::message> many;
    for (int i = 0; i < 1001; ++i) many.push_back(attribute(message("a", i), 2));
    CHECK(reading_model(file(many)).says("has more than 1000 attributes (the limit)"));
}

TEST_CASE("read: control flow is unsupported, and malformed beyond the depth limit") {
    CHECK(reading_model(nested_if(1)).number() == 4);
    CHECK(reading_model(nested_if(1)).says("node 'if' (If): control flow is not supported"));
    CHECK(reading_model(nested_if(30)).number() == 4);
    CHECK(reading_model(nested_if(200)).number() == 3);
    CHECK(reading_model(nested_if(200)).says("graphs are nested more than 64 deep"));
}

TEST_CASE("read: values' shapes and types") {
    const auto with_input = [](const build::message& input) {
        build::graph_parts parts = build::dense();
        parts.inputs = {input};
        return build::model(build::graph(parts)).str();
    };
    build::message both, shape, type, wrapped, conflicting, sequence, sequence_value;
    shape.sub(1, both.integer(1, 4).bytes(2, "N"));
    conflicting.bytes(1, "x").sub(2, wrapped.sub(1, type.integer(1, 1).sub(2, shape)));
    sequence_value.bytes(1, "x").sub(2, sequence.bytes(4, ""));
    check_rows({{with_input(build::value("x", {1, -4})), 3, "value 'x': dimension -4 is not between 1 and 2147483647"},
                {with_input(build::value("x", {1, 0})), 3, "dimension 0 is not"},
                {with_input(build::value("x", {std::int64_t{1} << 31})), 3, "dimension 2147483648 is not"},
                {with_input(build::value("x", {65536, 65536})), 3, "is over 2147483647"},
                {with_input(build::value("x", {1 << 30, 1 << 30, 1 << 30, 1 << 30})), 3, "overflows"},
                {with_input(build::value("x", build::dims(65, 1))), 3, "has 65 dimensions (limit 64)"},
                {with_input(build::value("x", {1, 4}, 99)), 3, "elem_type 99 is not an ONNX element type"},
                {with_input(conflicting), 3, "is both 4 and 'N'"},
                {with_input(sequence_value), 4, "input 'x' is a sequence; only tensors are supported"}});
}

TEST_CASE("read: what a local function says is kept") {
    build::message inner = build::node("inner", "LeakyRelu", {"a"}, {"b"}).bytes(8, "of_one");
    inner.sub(5, build::reference("alpha", 1, "slope"));
    build::message leaky = build::function("leaky", {"a", "", "c"}, {"b", "d"}, {inner});
    leaky.sub(9, build::opset(12)).sub(9, build::opset(3, "other")).bytes(13, "of_two");
    leaky.sub(11, build::attribute("slope", 1).real(2, 0.25F));
    const onnx::model m = onnx::parse(build::model(build::graph(build::dense()), {leaky}).str(), "m.onnx");
    const onnx::function& f = m.functions.at(0);
    CHECK(f.name == "leaky");
    CHECK(f.domain == "local");
    CHECK(f.overload == "of_two");
    CHECK(f.inputs == build::names{"a", "", "c"});
    CHECK(f.outputs == build::names{"b", "d"});
    CHECK(onnx::version_among(f.opset_imports, "") == 12);
    CHECK(onnx::version_among(f.opset_imports, "other") == 3);
    REQUIRE(f.defaults.size() == 1);
    CHECK(f.defaults[0].f == 0.25F);
    CHECK(f.nodes.at(0).overload == "of_one");
    REQUIRE(f.nodes[0].attributes.size() == 1);
    CHECK(f.nodes[0].attributes[0].name == "alpha");
    CHECK(f.nodes[0].attributes[0].reference == "slope");
}

TEST_CASE("read: an attribute in a function may be the caller's, a default of one's own may not") {
    const auto with = [](const build::message& function) {
        return build::model(build::graph(build::dense()), {function}).str();
    };
    const auto holding = [](const build::message& attribute) {
        return build::function("f", {}, {}, {build::node("inner", "Constant", {}, {"y"}).sub(5, attribute)});
    };
    const auto f = [] { return build::function("f", {}, {}, {}); };
    const auto slope = build::attribute("slope", 1).real(2, 0.25F);
    check_rows({{with(holding(build::reference("value", 4, "given"))), 0, ""},
                {with(holding(build::attribute("value", 4))), 3, "of type TENSOR has 0 values, not one"},
                {with(f().sub(11, build::reference("slope", 1, "other"))), 3,
                 "function 'f': attribute 'slope' refers to 'other' of a function, but is in no function"},
                {with(f().sub(11, slope).sub(11, slope)), 3, "function 'f': attribute 'slope' is given twice"}});
}

TEST_CASE("read: the operator sets of a function are checked as the model's are") {
    const auto with = [](const build::message& set) {
        return build::model(build::graph(build::dense()), {build::function("f", {}, {}, {}).sub(9, set)}).str();
    };
    check_rows({{with(build::opset(7)), 0, ""},
                {with(build::opset(0, "other")), 3, "function 'f': opset of domain 'other' 0 is not valid"}});
    const onnx::limits allowed;
    const auto noted = [&](std::int64_t version) {
        return onnx::parse(with(build::opset(version)), "m.onnx").unsupported;
    };
    CHECK(noted(allowed.first_opset).empty());
    for (const std::int64_t version : {allowed.first_opset - 1, allowed.last_opset + 1}) {
        REQUIRE(noted(version).size() == 1);
        CHECK(noted(version)[0].starts_with(message("function 'f': opset ", version, " is not supported; opsets ")));
    }
}

TEST_CASE("read: a sparse initializer has its name and the reason why it has no elements") {
    const auto with_sparse = [](const build::message& values) {
        build::message sparse;
        return build::model(
            build::graph(build::dense())
                .sub(
                    15,
                    sparse.sub(1, values).sub(2, build::tensor_head("", 7, {2}).integers(7, {0, 3})).integers(3, {4})));
    };
    const onnx::model m = onnx::parse(with_sparse(build::float_tensor("s", {2}, {1, 2})).str(), "m.onnx");
    REQUIRE(m.graph.initializers.size() == 3);
    CHECK(m.graph.initializers[2].name == "s");
    CHECK(m.graph.initializers[2].floats.empty());
    CHECK(m.graph.initializers[2].unreadable ==
          "is a sparse tensor of type float32, which is not supported; export it dense");
    CHECK(reading_model(with_sparse(build::float_tensor("s", {2}, {1})).str())
              .says("initializer 's': float_data has 1 elements, its shape needs 2"));
    CHECK(reading_model(with_sparse(build::message()).str()).number() == 3);
}

TEST_CASE("read: limits on nodes and functions") {
    build::graph_parts chain = build::dense();
    onnx::limits two;
    two.max_nodes = 2;
    CHECK(reading_model(build::model(build::graph(chain)).str(), two).number() == 0);
    chain.nodes.push_back(build::node("more", "Relu", {"y"}, {"z"}));
    CHECK(reading_model(build::model(build::graph(chain)).str(), two).says("too many nodes (limit 2)"));

    build::message many = build::model(build::graph(build::dense()));
    for (int i = 0; i < 10'001; ++i) many.sub(25, build::message());
    CHECK(reading_model(many.str()).number() == 3);
    CHECK(reading_model(many.str()).says("too many local functions (limit 10000)"));
}

TEST_CASE("read: a million nodes are refused by number, a hundred thousand are read") {
    const auto chain = [](std::size_t length) {
        build::graph_parts parts;
        parts.inputs = {build::value("v0", {1})};
        parts.outputs = {build::value(message("v", length), {1})};
        for (std::size_t i = 0; i < length; ++i)
            parts.nodes.push_back(build::node("", "Relu", {message("v", i)}, {message("v", i + 1)}));
        return build::model(build::graph(parts)).str();
    };
    CHECK(reading_model(chain(100'000)).number() == 0);
    CHECK(reading_model(chain(1'000'000)).says("too many nodes (limit 100000)"));
}

TEST_CASE("read: every fault is told, at most twenty lines, and structure faults do not hide tensors'") {
    build::graph_parts parts = build::dense();
    for (int i = 0; i < 30; ++i) parts.initializers.push_back(build::float_tensor(message("w", i), {2}, {1}));
    const auto result = reading_model(parts);
    CHECK(result.number() == 3);
    CHECK(result.says("initializer 'w0'"));
    CHECK(result.says("initializer 'w19'"));
    CHECK_FALSE(result.says("initializer 'w20'"));
    CHECK(result.says("and 10 more"));
}

TEST_CASE("read: files and what only looks like one") {
    const ctq::test::scratch_folder folder;
    const auto reading_file = [](const std::string& path) {
        return ctq::test::outcome_of([&] { static_cast<void>(onnx::read(path)); });
    };
    const std::string good = folder.put("m.onnx", build::model(build::graph(build::dense())).str());
    CHECK(onnx::read(good).graph.nodes.size() == 2);
    REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    CHECK(reading_file(folder / "fifo").number() == 3);
    CHECK(reading_file(folder.path().string()).says("is a directory"));
    CHECK(reading_file("/dev/zero").says("is a device"));
    CHECK(reading_file(folder / "none").number() == 3);
}

TEST_CASE("read: cut at every byte a model is malformed") {
    const std::string whole = build::model(build::graph(build::dense(16, 8))).str();
    REQUIRE(reading_model(whole).number() == 0);
    for (std::size_t k = 0; k < whole.size(); ++k) CHECK_MESSAGE(reading_model(whole.substr(0, k)).number() == 3, k);
}

TEST_CASE("read: with any single bit flipped a model is read or refused, never worse") {
    build::graph_parts parts =
        with_attributes({build::attribute("alpha", 1).real(2, 1), build::attribute("pads", 7).integers(8, {1, 2, 3, 4}),
                         build::attribute("value", 4).sub(5, build::float_tensor("t", {1}, {2}))});
    parts.values = {build::value("h", {1, 16})};
    parts.initializers[0] = build::raw_tensor("w", 1, {28, 16}, std::string(28 * 16 * 4, '\x3C'));
    parts.initializers[1] = build::raw_tensor("b", 6, {16}, std::string(64, '\1'));
    std::string bytes = build::model(build::graph(parts)).str();
    REQUIRE(bytes.size() > 2000);
    REQUIRE(reading_model(bytes).number() == 0);
    int accepted = 0;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        const char saved = bytes[bit / 8];
        bytes[bit / 8] = static_cast<char>(saved ^ (1 << (bit % 8)));
        const int code = reading_model(bytes).number();
        bytes[bit / 8] = saved;
        CHECK_MESSAGE((code == 0 || code == 3 || code == 4), bit);
        accepted += code == 0 ? 1 : 0;
    }
    CHECK(accepted > 0);
}

#include <ctq/default_registry.hpp>
#include <ctq/host/onnx/node_reader.hpp>
#include <ctq/host/source/import_node.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace onnx = ctq::host::onnx;
namespace source = ctq::host::source;
using ctq::default_graph;
using ctq::shape;
using source::import_node;

namespace {

using node_type = import_node<onnx::node_reader, default_graph>;

static_assert(ctq::source_node<node_type>);

// A node "n" on the activation x [1,2,3,4], the constant k and the integers s; its output is y.
struct fixture {
    onnx::node n;
    source::file_tensor k, s;
    source::bindings known;
    source::graph_writer<default_graph> writer;

    fixture() {
        n.name = "n";
        n.op_type = "Some";
        n.inputs = {"x", "k", "s", ""};
        n.outputs = {"y"};
        k.type = ctq::dtype::float32;
        k.dims = {1, 2, 1};
        k.floats = {3, 4};
        s.type = ctq::dtype::int64;
        s.dims = {3};
        s.integers = {-1, 9223372036854775807, -9223372036854775807};
        known.bind("x", writer.graph().add_value("x", {ctq::dtype::float32, {1, 2, 3, 4}, {}}));
        known.bind("k", k);
        known.bind("s", s);
        for (const char* name : {"x", "k", "s", "y"}) writer.keep_name(name);
        writer.keep_node_name(n.name);
    }

    node_type importing() { return {onnx::node_reader(n, 13), n.name, known, writer}; }
    default_graph& graph() { return writer.graph(); }
    const ctq::value& made() { return graph().value_at(known.at("y").value); }
};

/// A node whose writer may make so many bytes of constants.
struct bounded_fixture : fixture {
    bounded_fixture() { writer.take_made(ctq::most_folded_bytes - 12); }
};

template <class Call> std::string refused(Call call) {
    try {
        call();
    } catch (const source::node_fault& fault) {
        return ctq::host::message(static_cast<int>(fault.code), " ", fault.text);
    }
    return "nothing";
}

} // namespace

TEST_CASE("import_node: what inputs are") {
    fixture f;
    auto in = f.importing();
    CHECK(in.type() == "Some");
    CHECK(in.version() == 13);
    CHECK(in.input_count() == 4);
    CHECK(in.has_input(2));
    CHECK_FALSE(in.has_input(3));
    CHECK_FALSE(in.has_input(9));
    CHECK_FALSE(in.is_constant(0));
    CHECK(in.is_constant(1));
    CHECK(in.is_constant(2));
    CHECK_FALSE(in.is_constant(3));
    CHECK(in.shape_of(0) == shape{1, 2, 3, 4});
    CHECK(in.shape_of(1) == shape{1, 2, 1});
    CHECK(in.constant_reals(1) == std::vector<float>{3, 4});
    CHECK(in.constant_integers(2) == std::vector<std::int32_t>{-1, 2147483647, -2147483647 - 1});
    CHECK(in.input(1) == in.input(1));
    CHECK(in.constant_reals(1) == std::vector<float>{3, 4});
    CHECK(f.graph().value_at(in.input(1)).name == "k");
    CHECK(in.numbers() == "(inputs 1x2x3x4, 1x2x1, 3, -)");
    CHECK(f.graph().constant_of(in.input(2)).as<std::int64_t>() ==
          std::vector<std::int64_t>{-1, 9223372036854775807, -9223372036854775807});
    CHECK(in.type_of(2) == ctq::dtype::int64);
    CHECK(in.constant_integers(2) == std::vector<std::int32_t>{-1, 2147483647, -2147483647 - 1});
    CHECK(refused([&] { in.input(3); }) == "3 input 3 is missing");
    CHECK(refused([&] { static_cast<void>(in.constant_reals(2)); }).substr(0, 13) == "4 input 2 's'");
    CHECK(refused([&] { static_cast<void>(in.constant_integers(1)); }) == "3 input 1 'k' must hold integers");
    CHECK(refused([&] { static_cast<void>(in.constant_integers(0)); }) == "4 input 0 'x' must be constant");
    CHECK(refused([&] { in.constant_channels_last(0); }) == "4 input 0 must be constant");
}

TEST_CASE("import_node: emitted nodes carry the ONNX node's name, the finished value its output's") {
    fixture f;
    auto in = f.importing();
    const int sum = in.emit(ctq::op::add{}, {in.input(0), in.constant("one", {}, {1.0F})});
    in.finish(in.emit(ctq::op::relu{}, {sum}));
    const auto& nodes = f.graph().nodes;
    REQUIRE(nodes.size() == 2);
    CHECK(nodes[0].name == "n");
    CHECK(nodes[1].name == "n_2");
    CHECK(nodes[0].origins == std::vector<ctq::text>{"n"});
    CHECK(nodes[1].origins == std::vector<ctq::text>{"n"});
    CHECK(f.made().name == "y");
    CHECK(f.graph().value_at(sum).name == "y.add");
    CHECK(refused([&] { in.finish(sum); }) == "3 the operator's translation finishes twice");
}

TEST_CASE("import_node: an image or a series goes channels-last and back, once") {
    for (const bool series : {false, true}) {
        fixture f;
        if (series) f.graph().value_at(0).facts.shape = {1, 2, 3};
        auto in = f.importing();
        const int last = in.channels_last(0);
        CHECK(f.graph().value_at(last).facts.shape == (series ? shape{1, 1, 3, 2} : shape{1, 3, 4, 2}));
        const std::size_t before = f.graph().nodes.size();
        CHECK(in.channels_last(0) == last);
        CHECK(f.graph().nodes.size() == before);
        for (const auto& node : f.graph().nodes) CHECK(node.origins.empty());
        in.finish_channels_first(in.emit(ctq::op::max_pool{}, {last}));
        CHECK(f.made().facts.shape == (series ? shape{1, 2, 3} : shape{1, 2, 3, 4}));
        CHECK(f.made().name == (series ? "y.reshaped.transposed" : "y.transposed"));
        f.n.inputs = {"y"};
        const std::size_t nodes = f.graph().nodes.size();
        const int again = f.importing().channels_last(0);
        CHECK(f.graph().value_at(again).name == "y");
        CHECK(f.graph().nodes.size() == nodes);
    }
    fixture flat;
    flat.graph().value_at(0).facts.shape = {1, 24};
    CHECK(refused([&] { flat.importing().channels_last(0); }).substr(0, 1) == "3");
}

TEST_CASE("import_node: what is constant throughout is computed") {
    fixture f;
    auto in = f.importing();
    const int taps = in.constant_channels_last(1);
    CHECK(f.graph().constant_of(taps).as<float>() == std::vector<float>{3, 4});
    CHECK(f.graph().value_at(taps).facts.shape == shape{1, 1, 1, 2});
    in.finish(in.emit(ctq::op::multiply{}, {in.input(1), in.input(1)}));
    CHECK(f.graph().nodes.empty());
    CHECK(f.graph().reals(f.known.at("y").value)[1] == 16.0F);
}

TEST_CASE("import_node: constants of integers and of booleans, from the file and made") {
    fixture f;
    auto in = f.importing();
    const auto as_in_file = in.constant_wide_integers(2);
    CHECK(as_in_file == std::vector<std::int64_t>{-1, 9223372036854775807, -9223372036854775807});
    in.input(2);
    CHECK(in.constant_wide_integers(2) == as_in_file);
    f.known.bind("s",
                 f.writer.add_constant("flags", {2}, ctq::constant(std::vector{ctq::boolean::yes, ctq::boolean::no})));
    CHECK(in.constant_wide_integers(2) == std::vector<std::int64_t>{1, 0});
    CHECK(in.constant_integers(2) == std::vector<std::int32_t>{1, 0});
    CHECK(refused([&] { static_cast<void>(in.constant_wide_integers(1)); }) == "3 input 1 'k' must hold integers");
}

TEST_CASE("import_node: what is read of constants is charged, and lists that say something of axes are short") {
    fixture f;
    f.writer = source::graph_writer<default_graph>(10);
    f.s.integers.assign(13, 1);
    f.s.dims = {13};
    auto in = f.importing();
    CHECK(refused([&] { static_cast<void>(in.constant_integers(2)); }) ==
          "4 input 2 's' holds 13 integers; 12, two for each of 6 axes, are the most");
    CHECK(in.constant_wide_integers(2).size() == 13);
    CHECK(in.constant_reals(1).size() == 2);
    CHECK(refused([&] { static_cast<void>(in.constant_wide_integers(2)); }).substr(0, 86) ==
          "4 of constants it reads 104 bytes more, after 112 that were read before; 160 are the m");
    for (int i = 0; i < 6; ++i) static_cast<void>(in.constant_reals(1));
    CHECK(refused([&] { static_cast<void>(in.constant_reals(1)); }).substr(0, 42) ==
          "4 of constants it reads 8 bytes more, afte");
    source::sequence parts;
    parts.ends.assign(3, 0);
    CHECK(refused([&] { in.finish_sequence(parts); }).substr(0, 39) == "4 of constants it makes 12 bytes more, ");
}

TEST_CASE("import_node: what inputs are in the source, before they are values and afterwards") {
    using source::source_type;
    fixture f;
    f.k.source = {source::foreign_type::float64, source::fidelity::nearest};
    auto in = f.importing();
    CHECK(in.source_type_of(0) == source_type{});
    CHECK(in.source_type_of(1) == f.k.source);
    const std::string text = "4 reads 'k', whose reals have more digits in the model than ctq keeps";
    CHECK(refused([&] { in.support_exact(1); }).starts_with(text));
    CHECK(refused([&] { in.support_exact(2); }) == "nothing");
    const int k = in.input(1);
    CHECK(in.source_type_of(1) == f.k.source);
    CHECK(refused([&] { in.support_exact(1); }).starts_with(text));
    in.finish(in.cast_as(in.emit(ctq::op::identity{}, {k}), k, source::foreign_type::none));
    f.n.inputs = {"y"};
    CHECK(f.importing().source_type_of(0) == source_type{});
}

TEST_CASE("import_node: a constant that an attribute holds, and one of any type") {
    fixture f;
    onnx::attribute given;
    given.name = "value";
    given.type = onnx::attribute_type::tensor;
    given.tensors.emplace_back();
    given.tensors[0].type = ctq::dtype::int64;
    given.tensors[0].dims = {1};
    given.tensors[0].integers = {5};
    f.n.attributes.push_back(given);
    auto in = f.importing();
    CHECK(f.graph().constant_of(in.attribute_constant("value")).as<std::int64_t>() == std::vector<std::int64_t>{5});
    CHECK(in.attribute_constant("other") == -1);
    f.n.attributes[0].tensors[0].unreadable = "is of type STRING";
    CHECK(refused([&] { in.attribute_constant("value"); }) == "4 attribute 'value' is of type STRING");
    const int wide = in.constant("wide", {1}, std::vector<std::int64_t>{1LL << 40});
    CHECK(f.graph().constant_of(wide).as<std::int64_t>() == std::vector<std::int64_t>{1LL << 40});
    CHECK(f.graph().value_at(wide).name == "n.wide");
}

TEST_CASE("import_node: a sequence is read as such and as nothing else") {
    fixture f;
    source::sequence parts;
    parts.value = 0;
    f.importing().finish_sequence(parts);
    f.n.inputs = {"y", "x"};
    auto in = f.importing();
    CHECK(in.parts(0).value == 0);
    CHECK(in.numbers() == "(inputs -, 1x2x3x4)");
    CHECK(refused([&] { static_cast<void>(in.parts(1)); }) == "3 input 1 'x' is no sequence");
    const std::string text = "4 input 0 'y' is a sequence, which the operator is not supported of";
    CHECK(refused([&] { in.input(0); }) == text);
    CHECK(refused([&] { static_cast<void>(in.shape_of(0)); }) == text);
    CHECK(refused([&] { static_cast<void>(in.is_constant(0)); }) == text);
}

TEST_CASE("import_node: constants that a translation makes count to what folding may make") {
    bounded_fixture f;
    node_type in = f.importing();
    CHECK(in.constant("three", {3}, {1, 2, 3}) >= 0);
    CHECK(refused([&] { in.constant("one", {1}, {1}); }).starts_with("4 of constants it makes 4 bytes more"));
}

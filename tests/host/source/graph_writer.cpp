#include <ctq/default_registry.hpp>
#include <ctq/host/source/graph_writer.hpp>
#include <ctq/operators/range.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using ctq::shape;

namespace {

using graph_writer = ctq::host::source::graph_writer<ctq::default_graph>;

int put(graph_writer& to, const char* name, const shape& of) {
    to.keep_name(name);
    return to.graph().add_value(name, {ctq::dtype::float32, of, {}});
}

template <class Call> std::string fault_of(Call call) {
    try {
        call();
    } catch (const ctq::host::source::node_fault& fault) {
        return ctq::host::message(static_cast<int>(fault.code), " ", fault.text);
    }
    return "none";
}

} // namespace

TEST_CASE("graph_writer: nodes and values have names of their own, and say what they came from") {
    graph_writer to;
    const int x = put(to, "x", {2, 3});
    const auto first = to.append(ctq::op::relu{}, {x}, {"n", "x", {"here"}});
    const auto second = to.append(ctq::op::tanh{}, {first[0]}, {"n", "x", {}});
    CHECK(to.graph().value_at(first[0]).name == "x_2");
    CHECK(to.graph().value_at(second[0]).name == "x_3");
    CHECK(to.graph().nodes[0].name == "n");
    CHECK(to.graph().nodes[1].name == "n_2");
    CHECK(to.graph().nodes[0].origins == std::vector<ctq::text>{"here"});
    to.keep_node_name("kept");
    CHECK(to.take_node_name("kept") == "kept_2");
    to.append(ctq::op::relu{}, {x}, {"kept", "x", {}});
    CHECK(to.graph().nodes.back().name == "kept_3");
    to.append(ctq::op::relu{}, {x}, {"kept", "x", {}, true});
    CHECK(to.graph().nodes.back().name == "kept");
    const int k = to.add_constant("x", {1}, {4});
    CHECK(to.graph().value_at(k).name == "x_6");
    to.rename(k, "n");
    CHECK(to.graph().value_at(k).name == "n");
    to.rename(k, "x");
    CHECK(to.graph().value_at(k).name == "x_7");
}

TEST_CASE("graph_writer: an image or a series goes channels last once, and what was made so needs no way back") {
    for (const bool series : {false, true}) {
        CAPTURE(series);
        graph_writer to;
        const int x = put(to, "x", series ? shape{1, 2, 3} : shape{1, 2, 3, 4});
        const int last = to.channels_last(x, "n");
        CHECK(to.shape_of(last) == (series ? shape{1, 1, 3, 2} : shape{1, 3, 4, 2}));
        CHECK(to.channels_last(x, "n") == last);
        const int first = to.channels_first(last, series, "n");
        CHECK(to.shape_of(first) == to.shape_of(x));
        CHECK(to.channels_last(first, "n") == last);
        CHECK(to.graph().nodes.size() == (series ? 4 : 2));
        CHECK(to.graph().nodes[0].name == "n.transposed");
        for (const auto& node : to.graph().nodes) CHECK(node.origins.empty());
    }
    graph_writer to;
    const int flat = put(to, "x", {2, 3});
    CHECK(fault_of([&] { to.channels_last(flat, "n"); }) == "3 the input must have 1 or 2 spatial axes");
}

TEST_CASE("graph_writer: what reads constants only is computed, within a budget") {
    graph_writer to(24);
    const int k = to.add_constant("k", {2}, {3, 4});
    const auto square = [&](int value) {
        return to.append(ctq::op::multiply{}, {value, value}, {"n", "v", {}}).front();
    };
    const int once = square(k);
    CHECK(to.graph().constant_of(once).as<float>() == std::vector<float>{9, 16});
    CHECK(to.graph().nodes.empty());
    CHECK(square(square(once)) >= 0);
    CHECK(fault_of([&] { square(once); }).substr(0, 80) ==
          "4 of constants it makes 8 bytes more, after 24 that were made before; 24 are the");
}

TEST_CASE("graph_writer: many small results of one large constant are bounded too") {
    graph_writer to(40);
    const int k = to.add_constant("k", {50}, std::vector<float>(50, 1));
    ctq::op::reduce_mean mean;
    mean.axes.insert(0);
    const auto reduce = [&] { to.append(mean, {k}, {"n", "v", {}}); };
    for (int i = 0; i < 3; ++i) reduce();
    CHECK(fault_of(reduce).substr(0, 84) ==
          "4 of constants it reads 200 bytes more, after 600 that were read before; 640 are the");
}

TEST_CASE("graph_writer: what lists are read, and kept, counts as well") {
    graph_writer to(40);
    to.take_read(600);
    to.take_made(30);
    CHECK(fault_of([&] { to.take_read(41); }).substr(0, 83) ==
          "4 of constants it reads 41 bytes more, after 600 that were read before; 640 are the");
    CHECK(fault_of([&] { to.take_made(11); }).substr(0, 80) ==
          "4 of constants it makes 11 bytes more, after 30 that were made before; 40 are th");
}

TEST_CASE("graph_writer: what a value is in the source goes with its elements, and says what was lost") {
    using ctq::host::source::fidelity;
    using ctq::host::source::foreign_type;
    using ctq::host::source::source_type;
    graph_writer to;
    const auto of = [&](const char* name, foreign_type type, fidelity elements, float value) {
        const int made = to.add_constant(name, {2}, {value, value});
        to.note_source_type(made, {type, elements});
        return made;
    };
    const int wide = of("wide", foreign_type::float64, fidelity::exact, 1),
              cut = of("cut", foreign_type::float64, fidelity::nearest, 3),
              half = of("half", foreign_type::float16, fidelity::exact, 2049);
    const int plain = to.add_constant("plain", {2}, {1, 2}), x = put(to, "x", {2});
    const auto made = [&](const auto& op, const std::vector<int>& from) {
        return to.source_type_of(to.append(op, from, {"n", "v", {}}).front());
    };
    const source_type lost{foreign_type::float64, fidelity::nearest}, worse{foreign_type::float64, fidelity::computed};
    CHECK(made(ctq::op::reshape{{2, 1}}, {cut}) == lost);
    CHECK(made(ctq::op::concat{0}, {wide, cut}) == lost);
    CHECK(made(ctq::op::concat{0}, {x, cut}) == lost); // a node
    CHECK(made(ctq::op::add{}, {wide, plain}) == worse);
    CHECK(made(ctq::op::relu{}, {cut}) == worse);
    CHECK(made(ctq::op::add{}, {plain, plain}) == source_type{});
    CHECK(made(ctq::op::add{}, {x, cut}) == source_type{}); // the network computes in float32, whatever its weights
    CHECK(made(ctq::op::add{}, {half, half}) == source_type{foreign_type::float16, fidelity::exact});
    CHECK(to.graph().reals(static_cast<int>(to.graph().values.size()) - 1)[0] == 4096);
    const std::string refused = "4 reads 'cut', whose reals have more digits in the model than ctq keeps";
    const auto fault = [&](const auto& op, const std::vector<int>& from) {
        return fault_of([&] { made(op, from); }).substr(0, refused.size());
    };
    CHECK(fault(ctq::op::cast{ctq::dtype::int32}, {cut}) == refused);
    CHECK(fault(ctq::op::compare{}, {x, cut}) == refused);
    CHECK(fault(ctq::op::thresholded_relu{}, {cut}) == refused);
    CHECK(fault(ctq::op::top_k{0, 1}, {cut}) == refused);
    CHECK(made(ctq::op::compare{}, {wide, plain}) == source_type{});
    CHECK(fault_of([&] { to.fold(ctq::op::modulo{true}, {plain, cut}, {"n", "v", {}}); }).starts_with(refused));
}

TEST_CASE("graph_writer: a cast to float32 rounds once, to others what was rounded before is rounded again") {
    using ctq::host::source::fidelity;
    using ctq::host::source::foreign_type;
    using ctq::host::source::source_type;
    graph_writer to;
    const auto of_cast = [&](int from, foreign_type as) {
        const int made = to.append(ctq::op::cast{ctq::dtype::float32}, {from}, {"n", "v", {}}).front();
        to.finish_cast(made, from, as);
        return to.source_type_of(made);
    };
    const int cut = to.add_constant("cut", {1}, {3}), far = to.add_constant("far", {1}, {3});
    to.note_source_type(cut, {foreign_type::float64, fidelity::nearest});
    to.note_source_type(far, {foreign_type::float64, fidelity::computed});
    CHECK(of_cast(cut, foreign_type::none) == source_type{});
    CHECK(of_cast(cut, foreign_type::float64) == source_type{foreign_type::float64, fidelity::nearest});
    CHECK(of_cast(cut, foreign_type::float16) == source_type{foreign_type::float16, fidelity::computed});
    CHECK(of_cast(far, foreign_type::none) == source_type{foreign_type::none, fidelity::computed});
    const auto integers = [&](auto value) { return to.add_constant("i", {1}, ctq::constant(std::vector{value})); };
    for (const int held : {integers(std::int64_t{1} << 40), integers(std::int32_t{5}), integers(std::int8_t{5})})
        CHECK(of_cast(held, foreign_type::float64) == source_type{foreign_type::float64, fidelity::exact});
    for (const int other : {integers((std::int64_t{1} << 40) + 1), integers(std::int32_t{(1 << 24) + 1})}) {
        CHECK(of_cast(other, foreign_type::float64) == source_type{foreign_type::float64, fidelity::nearest});
        CHECK(of_cast(other, foreign_type::none) == source_type{});
    }
}

TEST_CASE("graph_writer: what is done with constants is bounded: it takes time, not memory") {
    graph_writer to;
    const std::vector<float> elements(1 << 21, 1);
    const int a = to.add_constant("a", {1 << 10, 1 << 11}, elements),
              b = to.add_constant("b", {1 << 11, 1 << 10}, elements);
    CHECK(fault_of([&] {
              to.append(ctq::op::matrix_product{}, {a, b}, {"n", "v", {}});
          }).substr(0, 89) ==
          "4 of constants it takes 2147483648 steps more, after 0 that were taken before; 1073741824");
    const int c = to.add_constant("c", {1 << 11, 2}, std::vector<float>(1 << 12, 1));
    CHECK(to.graph().constant_of(to.append(ctq::op::matrix_product{}, {a, c}, {"n", "v", {}}).front()).as<float>()[0] ==
          2048);
}

TEST_CASE("graph_writer: a result without elements is unsupported, and one with too many") {
    graph_writer to;
    const int x = put(to, "x", {2, 4});
    ctq::op::pad border;
    border.before[0] = 1 << 28;
    CHECK(fault_of([&] { to.append(border, {x}, {"n", "v", {}}); }) == "4 a tensor of more than 2^30 elements");
    to.graph().value_at(x).facts.shape = {0, 2};
    CHECK(fault_of([&] { to.append(ctq::op::relu{}, {x}, {"n", "v", {}}); }) == "4 the result would have no elements");
}

TEST_CASE("graph_writer: results of constants may be without elements, but not without bounds") {
    graph_writer to;
    const int k = to.add_constant("k", {1, 1}, {3});
    const auto stretched = [&](std::int32_t rows, std::int32_t columns) {
        return to.append(ctq::op::slice{{}, {}, {rows, columns}}, {k}, {"n", "v", {}}).front();
    };
    CHECK(to.shape_of(stretched(0, 1 << 30)) == shape{0, 1 << 30});
    CHECK(fault_of([&] { stretched(2, 1 << 30); }) == "4 a tensor of more than 2^30 elements");
    CHECK(
        fault_of([&] {
            to.append(ctq::op::slice{{}, {}, {0, 1 << 30, 2}}, {to.add_constant("c", {1, 1, 1}, {3})}, {"n", "v", {}});
        }) == "4 a tensor of more than 2^30 elements");
}

TEST_CASE("graph_writer: a node reads no constant without elements") {
    graph_writer to;
    const int x = put(to, "x", {2, 3}), none = to.add_constant("none", {0, 3}, std::vector<float>());
    CHECK(fault_of([&] {
              to.append(ctq::op::concat{0}, {x, none}, {"n", "v", {}});
          }) == "4 reads 'none' of type float32, which has no elements");
}

TEST_CASE("graph_writer: an operator that the graph has not is computed of constants, and of nothing else") {
    graph_writer to;
    const int first = to.add_constant("f", {}, ctq::constant(std::vector<std::int64_t>{7}));
    const int step = to.add_constant("s", {}, ctq::constant(std::vector<std::int64_t>{-3}));
    const int real = to.add_constant("r", {}, {1});
    const int x = put(to, "x", {});
    const auto range = [&](int from, int by) { return to.fold(ctq::op::range{3}, {from, by}, {"n", "v", {}}).front(); };
    CHECK(to.graph().constant_of(range(first, step)).as<std::int64_t>() == std::vector<std::int64_t>{7, 4, 1});
    CHECK(to.graph().nodes.empty());
    CHECK(fault_of([&] { range(x, real); }) ==
          "4 reads 'x', which is not constant; of constants only the operator is supported");
    CHECK(fault_of([&] { range(first, real); }).substr(0, 9) == "3 reads '");
}

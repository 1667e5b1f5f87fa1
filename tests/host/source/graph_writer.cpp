#include <ctq/default_registry.hpp>
#include <ctq/host/source/graph_writer.hpp>
#include <ctq/operators/range.hpp>

#include <doctest/doctest.h>

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

TEST_CASE("graph_writer: a result without elements is malformed, one with too many unsupported") {
    graph_writer to;
    const int x = put(to, "x", {2, 4});
    ctq::op::pad border;
    border.before[0] = 1 << 28;
    CHECK(fault_of([&] { to.append(border, {x}, {"n", "v", {}}); }) == "4 a tensor of more than 2^30 elements");
    to.graph().value_at(x).facts.shape = {0, 2};
    CHECK(fault_of([&] { to.append(ctq::op::relu{}, {x}, {"n", "v", {}}); }) == "3 the result would have no elements");
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

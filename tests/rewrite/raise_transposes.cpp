#include <ctq/rewrite/raise_transposes.hpp>

#include <laws/graph_pass.hpp>
#include <processor_time.hpp>
#include <rewrite/layout.hpp>

using namespace ctq;
using namespace ctq::testing;

namespace {

std::string raised(const default_graph& before) {
    laws::check_graph_pass_on<pass::raise_transposes>(before);
    return laws::operators_of(laws::after<pass::raise_transposes>(before));
}

} // namespace

TEST_CASE("raise_transposes: laws") {
    laws::check_graph_pass<pass::raise_transposes>();
}

TEST_CASE("raise_transposes: all the way to an input, in one run") {
    builder b;
    layer y = b.add(b.constant("k", {2, 1, 1}, laws::weights<2>), b.input("x", {1, 2, 3, 3}));
    for (int i = 0; i < 3; ++i) y = b.apply(op::sigmoid{}, {y});
    const default_graph before = b.finish(pool(b, b.apply(channels_last, {y})));
    CHECK(raised(before) == "transpose add sigmoid sigmoid sigmoid max_pool");
    const default_graph graph = laws::after<pass::raise_transposes>(before);
    CHECK(graph.value_at(graph.nodes[0].output()).name == "x.transposed");
    for (std::size_t i = 1; i < 5; ++i) CHECK(graph.value_at(graph.nodes[i].output()).name == before.nodes[i - 1].name);
}

TEST_CASE("raise_transposes: to another transpose of an input, not to that of a layer") {
    const auto between = [](bool layer_before) {
        builder b;
        const layer x = b.input("x", {1, 3, 3, 2}), y = b.apply(channels_first, {layer_before ? pool(b, x) : x});
        return raised(b.finish(pool(b, b.apply(channels_last, {b.apply(op::sigmoid{}, {y})}))));
    };
    CHECK(between(false) == "transpose transpose sigmoid max_pool");
    CHECK(between(true) == "max_pool transpose sigmoid transpose max_pool");
}

TEST_CASE("raise_transposes: not past what is read elsewhere, shrinks, reads two tensors, or is a layer") {
    const auto stays = [](auto make) {
        builder b;
        const layer x = b.input("x", {1, 2, 3, 3});
        const layer y = make(b, x);
        const default_graph graph =
            b.finish({{"pooled", pool(b, b.apply(channels_last, {y})).value}, {"too", b.softmax(y).value}});
        default_graph alone = graph;
        alone.outputs.pop_back();
        pass::remove_dead::run(alone);
        return std::pair{raised(graph) == laws::operators_of(graph), raised(alone) == laws::operators_of(alone)};
    };
    op::reduce_mean mean;
    mean.axes.insert(2);
    CHECK(stays([](builder& b, layer x) { return b.apply(op::sigmoid{}, {x}); }) == std::pair{true, false});
    CHECK(stays([&](builder& b, layer x) { return b.apply(mean, {x}); }) == std::pair{true, true});
    CHECK(stays([](builder& b, layer x) { return b.multiply(x, x); }) == std::pair{true, true});
    CHECK(stays([](builder& b, layer x) { return pool(b, x); }) == std::pair{true, true});
}

TEST_CASE("raise_transposes: an output keeps its value") {
    builder b;
    const layer x = b.apply(op::sigmoid{}, {b.input("x", {1, 2, 3, 3})});
    const default_graph before = b.finish(b.apply(channels_last, {x})),
                        graph = laws::after<pass::raise_transposes>(before);
    CHECK(laws::operators_of(graph) == "transpose sigmoid");
    CHECK(graph.outputs[0].value == before.outputs[0].value);
    CHECK(graph.value_at(graph.outputs[0].value).name == "sigmoid");
}

TEST_CASE("raise_transposes: many at once take no search for each") {
    builder b;
    const layer x = b.input("x", {1, 2, 3, 3});
    layer sum = pool(b, b.apply(channels_last, {b.apply(op::sigmoid{}, {x})}));
    for (int i = 1; i < 1000; ++i) sum = b.add(sum, pool(b, b.apply(channels_last, {b.apply(op::sigmoid{}, {x})})));
    default_graph graph = b.finish(sum);
    CHECK(test::processor_seconds([&] { CHECK(pass::raise_transposes::run(graph)); }) < 3);
    CHECK_FALSE(pass::raise_transposes::run(graph));
    CHECK_NOTHROW(validate(graph));
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        CHECK((operator_if<op::transpose>(graph.nodes[i]) == nullptr || graph.nodes[i].inputs[0] == x.value));
}

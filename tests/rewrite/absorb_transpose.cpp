#include <ctq/rewrite/absorb_transpose.hpp>

#include <laws/graph_pass.hpp>
#include <rewrite/layout.hpp>

using namespace ctq;
using testing::channels_first;

namespace {

// T, then flattened, then as many dense layers as wanted; the flattened value itself is an output when `shown`.
default_graph flattened(const op::transpose& op, int layers, bool shown) {
    builder b;
    const layer x = b.apply(op, {b.input("x", {1, 2, 3, 2})});
    const layer flat = b.apply(op::reshape{shape{1, 12}}, {x});
    std::vector<port> outputs;
    for (int i = 0; i < layers; ++i) outputs.push_back({"y", b.dense(flat, {laws::weights<24>}).value});
    if (shown) outputs.push_back({"flat", flat.value});
    default_graph graph = b.finish(flat);
    graph.outputs = outputs;
    return graph;
}

} // namespace

TEST_CASE("absorb_transpose: laws") {
    laws::check_graph_pass<pass::absorb_transpose>();
}

TEST_CASE("absorb_transpose: every dense layer behind it takes it in") {
    for (const int layers : {1, 2}) {
        const default_graph before = flattened(channels_first, layers, false);
        laws::check_graph_pass_on<pass::absorb_transpose>(before);
        const default_graph graph = laws::after<pass::absorb_transpose>(before);
        CHECK(graph.nodes[1].inputs == graph.nodes[0].inputs);
        for (int i = 0; i < layers; ++i) // their new weights are made in the order of the layers
            CHECK(graph.nodes[static_cast<std::size_t>(2 + i)].inputs[1] == static_cast<int>(before.values.size()) + i);
    }
}

TEST_CASE("absorb_transpose: not past other readers, and not of the batch axis") {
    default_graph shown = flattened(channels_first, 1, true), batch = flattened({{1, 0, 2, 3, 4, 5}}, 1, false);
    CHECK_FALSE(pass::absorb_transpose::run(shown));
    CHECK_FALSE(pass::absorb_transpose::run(batch));
}

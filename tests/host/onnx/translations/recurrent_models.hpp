#pragma once
// Models of one recurrent node for the tests of their translations.

#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ctq::test::onnx_import {

inline build::message words(const char* name, const build::names& values) {
    build::message out = build::attribute(name, 8);
    for (const std::string& each : values) out.bytes(9, each);
    return out;
}
inline build::message real_list(const char* name, const std::vector<float>& values) {
    return build::attribute(name, 6).floats(7, values);
}

/// A node with 2 units on a sequence of 4 steps of 1 sample of 3 values. Its inputs may be constants: w and r, a bias
/// b, a state h, peepholes p, and the lengths; or the activations x, the state z and those of integers, n.
struct recurrent_model {
    std::string type;
    std::int64_t gates;
    std::int64_t directions = 1;
    build::names inputs{"x", "w", "r"}, outputs{"y"};
    build::dims sequence{4, 1, 3}, state{directions, 1, 2};
    std::vector<std::int64_t> lengths{4};
    float weight = 0.5F;

    [[nodiscard]] build::graph_parts with_attributes(const std::vector<build::message>& attributes) const {
        const std::int64_t rows = gates * 2;
        std::vector<build::message> results;
        for (const std::string& each : outputs)
            if (!each.empty()) results.push_back(build::value(each, {1}));
        return {{with(node("n", type, inputs, outputs), attributes)},
                {floats("w", {directions, rows, 3}, weight), floats("r", {directions, rows, 2}),
                 floats("b", {directions, 2 * rows}), floats("h", state, 0.25F), floats("p", {directions, 6}),
                 int64s("lengths", lengths)},
                {build::value("x", sequence), build::value("z", state), build::value("n", {1}, 6)},
                results,
                {}};
    }
};

/// The only node of that operator.
template <class Op> const auto& recurrent_node_of(const ctq::default_graph& graph) {
    const typename ctq::default_graph::node_type* found = nullptr;
    for (const auto& each : graph.nodes)
        if (ctq::operator_if<Op>(each) != nullptr) found = &each;
    REQUIRE(found != nullptr);
    return *found;
}

template <class Op> const Op& recurrent_operator_of(const ctq::default_graph& graph) {
    return *ctq::operator_if<Op>(recurrent_node_of<Op>(graph));
}

} // namespace ctq::test::onnx_import

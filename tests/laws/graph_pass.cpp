// What the laws of passes run: kept out of the header, for every test of a pass would compile it again.
#include <ctq/graph/validate.hpp>

#include <laws/graph_pass.hpp>

#include <cmath>

namespace ctq::laws {

computed computed_at_run_time(const default_graph& graph, const std::vector<constant>& inputs) {
    return computed_by_definition(graph, inputs);
}

bool same_graph(const default_graph& a, const default_graph& b) {
    const auto same_ports = [](const std::vector<port>& p, const std::vector<port>& q) {
        if (p.size() != q.size()) return false;
        for (std::size_t i = 0; i < p.size(); ++i)
            if (!(p[i].name == q[i].name) || p[i].value != q[i].value || p[i].count != q[i].count) return false;
        return true;
    };
    if (a.values.size() != b.values.size() || a.nodes.size() != b.nodes.size()) return false;
    if (a.constants.size() != b.constants.size()) return false;
    for (std::size_t i = 0; i < a.values.size(); ++i)
        if (!(a.values[i].name == b.values[i].name) || !(a.values[i].facts == b.values[i].facts) ||
            a.values[i].constant != b.values[i].constant || a.values[i].scales != b.values[i].scales)
            return false;
    for (std::size_t i = 0; i < a.constants.size(); ++i)
        if (!(a.constants[i] == b.constants[i])) return false;
    for (std::size_t i = 0; i < a.nodes.size(); ++i) {
        const auto &m = a.nodes[i], &n = b.nodes[i];
        if (!(m.name == n.name) || !(m.op == n.op) || m.inputs != n.inputs || m.outputs != n.outputs) return false;
        if (m.origins != n.origins || m.domain != n.domain) return false;
    }
    return same_ports(a.inputs, b.inputs) && same_ports(a.outputs, b.outputs) && a.states == b.states;
}

void check_valid(const default_graph& graph) {
    CHECK_NOTHROW(validate(graph));
}

void check_same_function(const default_graph& before, const default_graph& after, const std::vector<constant>& inputs) {
    REQUIRE(after.inputs.size() == before.inputs.size());
    REQUIRE(after.outputs.size() == before.outputs.size());
    const auto check_port = [&](const port& now, const port& then) {
        CHECK(now.name == then.name);
        CHECK(after.value_at(now.value).facts == before.value_at(then.value).facts);
    };
    for (std::size_t i = 0; i < after.inputs.size(); ++i) check_port(after.inputs[i], before.inputs[i]);
    for (std::size_t i = 0; i < after.outputs.size(); ++i) check_port(after.outputs[i], before.outputs[i]);
    REQUIRE(after.states.size() == before.states.size());
    for (std::size_t i = 0; i < after.states.size(); ++i)
        check_port({after.states[i].name, after.states[i].read}, {before.states[i].name, before.states[i].read});
    const computed expected = computed_by(before, inputs), found = computed_by(after, inputs);
    REQUIRE(found.outputs.size() == expected.outputs.size());
    float difference = 0;
    for (std::size_t i = 0; i < found.outputs.size(); ++i) {
        CHECK(std::isfinite(found.outputs[i]) == std::isfinite(expected.outputs[i]));
        difference = std::max(difference, std::fabs(found.outputs[i] - expected.outputs[i]));
    }
    CHECK(difference <= 1e-5f * (1 + std::max(expected.largest, found.largest)));
}

} // namespace ctq::laws

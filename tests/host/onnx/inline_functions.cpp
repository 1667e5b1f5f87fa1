#include "../onnx_builder.hpp"
#include "../scratch.hpp"

#include <ctq/host/onnx/inline_functions.hpp>
#include <ctq/host/onnx/read.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace ctq::host;
using namespace std::string_literals;
namespace build = ctq::test::onnx_builder;

namespace {

// x and z -> nodes -> y
build::graph_parts functions_graph(const std::vector<build::message>& nodes) {
    return {nodes, {}, {build::value("x", {1}), build::value("z", {1})}, {build::value("y", {1})}, {}};
}

onnx::model inlined(const build::message& model_proto, const onnx::limits& allowed = {}) {
    onnx::model m = onnx::parse(model_proto.str(), "m.onnx");
    onnx::inline_functions(m, "m.onnx", allowed);
    return m;
}

onnx::model inlined(const std::vector<build::message>& nodes, const std::vector<build::message>& functions) {
    return inlined(build::model(build::graph(functions_graph(nodes)), functions));
}

ctq::test::outcome inlining(const std::vector<build::message>& nodes, const std::vector<build::message>& functions,
                            const onnx::limits& allowed = {}) {
    return ctq::test::outcome_of(
        [&] { static_cast<void>(inlined(build::model(build::graph(functions_graph(nodes)), functions), allowed)); });
}

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += out.empty() && name.empty() ? "-" : (out.empty() ? "" : ",") + name;
    return out;
}

// "name:Op(inputs)outputs", one a node; the nodes of nested graphs in braces behind it.
std::string nodes_text(const std::vector<onnx::node>& nodes) {
    std::string out;
    for (const onnx::node& n : nodes) {
        out += message(out.empty() ? "" : " ", n.name, ":", n.op_type, "(", joined(n.inputs), ")", joined(n.outputs));
        for (const onnx::attribute& a : n.attributes)
            for (const onnx::graph& inner : a.graphs) out += "{" + nodes_text(inner.nodes) + "}";
    }
    return out;
}

std::string nodes_text(const onnx::model& m) {
    return nodes_text(m.graph.nodes);
}

// f(a, b) -> c, d: of two inputs, with a value of its own.
build::message sum_function() {
    return build::function("f", {"a", "b"}, {"c", "d"},
                           {build::node("sum", "Add", {"a", "b"}, {"h"}), build::node("", "Relu", {"h"}, {"c"}),
                            build::node("low", "Tanh", {"h"}, {"d"})});
}

// Functions that call each other twice each: f0 calls what f1 calls ...
std::vector<build::message> doubling(int count, const std::vector<build::message>& last) {
    std::vector<build::message> out;
    for (int i = 0; i < count; ++i) {
        const std::string next = message("f", i + 1);
        out.push_back(build::function(message("f", i), {"a"}, {"b"},
                                      {build::call("p", next, {"a"}, {"h"}), build::call("q", next, {"h"}, {"b"})}));
    }
    out.push_back(build::function(message("f", count), {"a"}, {"b"}, last));
    return out;
}

build::message real_attribute(const char* name, float value) {
    return build::attribute(name, 1).real(2, value);
}

} // namespace

TEST_CASE("inline_functions: a call becomes the function's nodes, in its place and between its values") {
    const onnx::model m =
        inlined({build::node("first", "Relu", {"x"}, {"p"}), build::call("two", "f", {"p", "z"}, {"q", "y"}),
                 build::node("last", "Relu", {"q"}, {"r"})},
                {sum_function()});
    CHECK(nodes_text(m) == "first:Relu(x)p two/sum:Add(p,z)two/h two/Relu:Relu(two/h)q two/low:Tanh(two/h)y "
                           "last:Relu(q)r");
    CHECK(m.functions.empty());
    CHECK(m.graph.nodes[3].position == 1);
}

TEST_CASE("inline_functions: names are like none that is there") {
    const onnx::model m =
        inlined({build::node("f/sum", "Relu", {"x"}, {"f/h"}), build::call("", "f", {"f/h", "z"}, {"q"}),
                 build::call("", "f", {"q", "z"}, {"y"}), build::node("s", "Relu", {"x"}, {"f/d"})},
                {sum_function()});
    CHECK(nodes_text(m) == "f/sum:Relu(x)f/h "
                           "f/sum_2:Add(f/h,z)f/h_2 f/Relu:Relu(f/h_2)q f/low:Tanh(f/h_2)f/d_2 "
                           "f/sum_3:Add(q,z)f/h_3 f/Relu_2:Relu(f/h_3)y f/low_2:Tanh(f/h_3)f/d_3 s:Relu(x)f/d");
}

TEST_CASE("inline_functions: an input that a call leaves out is left out within, at the end and between") {
    CHECK(nodes_text(inlined({build::call("n", "f", {"x"}, {"y"})}, {sum_function()})) ==
          "n/sum:Add(x,)n/h n/Relu:Relu(n/h)y n/low:Tanh(n/h)n/d");
    CHECK(nodes_text(inlined({build::call("n", "f", {"", "x"}, {"", "y"})}, {sum_function()})) ==
          "n/sum:Add(-,x)n/h n/Relu:Relu(n/h)n/c n/low:Tanh(n/h)y");
}

TEST_CASE("inline_functions: functions call functions, in any order of the file and within nested graphs") {
    const build::message outer = build::function(
        "outer", {"a"}, {"b"}, {build::call("in", "inner", {"a"}, {"h"}), build::node("out", "Tanh", {"h"}, {"b"})});
    const build::message inner = build::function(
        "inner", {"a"}, {"b"}, {build::node("r", "Relu", {"a"}, {"k"}), build::node("s", "Relu", {"k"}, {"b"})});
    const std::string whole = "n/in/r:Relu(x)n/in/k n/in/s:Relu(n/in/k)n/h n/out:Tanh(n/h)y";
    CHECK(nodes_text(inlined({build::call("n", "outer", {"x"}, {"y"})}, {outer, inner})) == whole);
    CHECK(nodes_text(inlined({build::call("n", "outer", {"x"}, {"y"})}, {inner, outer})) == whole);

    const build::graph_parts branch{{build::call("n", "inner", {"x"}, {"t"})}, {}, {}, {build::value("t", {1})}, {}};
    const build::message test =
        build::node("if", "If", {"z"}, {"y"}).sub(5, build::attribute("then_branch", 5).sub(6, build::graph(branch)));
    CHECK(nodes_text(inlined({test}, {inner})) == "if:If(z)y{n/r:Relu(x)n/k n/s:Relu(n/k)t}");
}

TEST_CASE("inline_functions: graphs within a function see its values by their new names") {
    const build::graph_parts branch{
        {build::node("t", "Add", {"h", "a"}, {"s"}), build::node("u", "Add", {"s", "w"}, {"r"})},
        {build::float_tensor("w", {1}, {1})},
        {build::value("i", {1})},
        {build::value("r", {1})},
        {build::value("s", {1})}};
    const build::message chooses =
        build::function("f", {"a", "b"}, {"c"},
                        {build::node("one", "Relu", {"a"}, {"h"}),
                         build::node("if", "If", {"b"}, {"c"})
                             .sub(5, build::attribute("then_branch", 5).sub(6, build::graph(branch)))});
    const onnx::model m = inlined({build::call("n", "f", {"x", "z"}, {"y"})}, {chooses});
    CHECK(nodes_text(m) == "n/one:Relu(x)n/h n/if:If(z)y{n/t:Add(n/h,x)n/s n/u:Add(n/s,n/w)n/r}");
    const onnx::graph& inner = m.graph.nodes[1].attributes[0].graphs[0];
    CHECK(inner.initializers[0].name == "n/w");
    CHECK(inner.inputs[0].name == "n/i");
    CHECK(inner.outputs[0].name == "n/r");
    CHECK(inner.values[0].name == "n/s");
}

TEST_CASE("inline_functions: a reference is the call's attribute, else the default, else it is left out") {
    const build::message leaky = build::function("f", {"a"}, {"b"},
                                                 {build::node("n", "LeakyRelu", {"a"}, {"b"})
                                                      .sub(5, build::reference("alpha", 1, "slope"))
                                                      .sub(5, build::reference("beta", 1, "shift"))
                                                      .sub(5, real_attribute("gamma", 4.0F))})
                                     .sub(11, real_attribute("slope", 0.25F))
                                     .bytes(6, "shift");
    const auto attributes_for = [&](const build::message& call_node) {
        std::string out;
        const onnx::model m = inlined({call_node}, {leaky});
        for (const onnx::attribute& a : m.graph.nodes[0].attributes) {
            out += message(a.name, " ", a.f, "; ");
            CHECK(a.reference.empty());
        }
        return out;
    };
    const auto plain = [] { return build::call("c", "f", {"x"}, {"y"}); };
    CHECK(attributes_for(plain()) == "alpha 0.25; gamma 4; ");
    CHECK(attributes_for(plain().sub(5, real_attribute("slope", 0.5F))) == "alpha 0.5; gamma 4; ");
    CHECK(attributes_for(plain().sub(5, real_attribute("shift", 2.0F)).sub(5, real_attribute("alpha", 8.0F))) ==
          "alpha 0.25; beta 2; gamma 4; ");
}

TEST_CASE(
    "inline_functions: references go through calls in calls, and a graph that is given keeps its caller's names") {
    const build::graph_parts branch{{build::node("t", "Add", {"a", "x"}, {"s"})}, {}, {}, {build::value("s", {1})}, {}};
    const build::message given = build::attribute("then_branch", 5).sub(6, build::graph(branch));
    const build::message inner =
        build::function("inner", {"a"}, {"b"},
                        {build::node("if", "If", {"a"}, {"b"}).sub(5, build::reference("then_branch", 5, "body"))});
    const build::message outer =
        build::function("outer", {"a"}, {"b"},
                        {build::call("in", "inner", {"a"}, {"b"}).sub(5, build::reference("body", 5, "then_branch"))});
    const onnx::model m =
        inlined({build::node("r", "Relu", {"x"}, {"a"}), build::call("n", "outer", {"z"}, {"y"}).sub(5, given)},
                {inner, outer});
    CHECK(nodes_text(m) == "r:Relu(x)a n/in/if:If(z)y{t:Add(a,x)s}");
    CHECK(m.graph.nodes[1].attributes[0].name == "then_branch");
}

TEST_CASE("inline_functions: an output that is an input of the function becomes an Identity") {
    const build::message both = build::function("f", {"a", "b"}, {"a", "c"}, {build::node("r", "Relu", {"b"}, {"c"})});
    CHECK(nodes_text(inlined({build::call("n", "f", {"x", "z"}, {"y", "q"})}, {both})) ==
          "n/r:Relu(z)q n/Identity:Identity(x)y");
    CHECK(nodes_text(inlined({build::call("n", "f", {"x", "z"}, {"", "y"})}, {both})) == "n/r:Relu(z)y");
}

TEST_CASE("inline_functions: domain, name and overload tell which function a node calls") {
    const auto by = [](const char* op) {
        return build::function("f", {"a"}, {"b"}, {build::node("n", op, {"a"}, {"b"})});
    };
    const std::vector<build::message> functions{by("Relu").bytes(13, "one"), by("Tanh").bytes(13, "two"),
                                                by("Sigmoid").bytes(10, "other")};
    const auto called = [&](const build::message& n) { return inlined({n}, functions).graph.nodes[0].op_type; };
    const auto plain = [] { return build::call("c", "f", {"x"}, {"y"}); };
    CHECK(called(plain().bytes(8, "one")) == "Relu");
    CHECK(called(plain().bytes(8, "two")) == "Tanh");
    CHECK(called(plain().bytes(7, "other")) == "Sigmoid");
    CHECK(called(plain()) == "f");
    CHECK(called(build::node("c", "f", {"x"}, {"y"})) == "f");
}

TEST_CASE("inline_functions: nodes are of the versions that their function imports, others of the model's") {
    const build::graph_parts branch{{build::node("t", "Relu", {"a"}, {"s"})}, {}, {}, {build::value("s", {1})}, {}};
    const build::message old =
        build::function("old", {"a"}, {"b"},
                        {build::node("if", "If", {"a"}, {"h"})
                             .sub(5, build::attribute("then_branch", 5).sub(6, build::graph(branch))),
                         build::node("o", "Own", {"h"}, {"k"}).bytes(7, "other"),
                         build::call("c", "plain", {"k"}, {"b"})})
            .sub(9, build::opset(9))
            .sub(9, build::opset(3, "other"));
    const build::message plain = build::function("plain", {"a"}, {"b"}, {build::node("r", "Relu", {"a"}, {"b"})});
    const onnx::model m =
        inlined({build::node("r", "Relu", {"x"}, {"p"}), build::call("n", "old", {"p"}, {"y"})}, {old, plain});
    REQUIRE(m.graph.nodes.size() == 4);
    CHECK(m.version_of(m.graph.nodes[0]) == 13);
    CHECK(m.version_of(m.graph.nodes[1]) == 9);
    CHECK(m.version_of(m.graph.nodes[1].attributes[0].graphs[0].nodes[0]) == 9);
    CHECK(m.version_of(m.graph.nodes[2]) == 3);
    CHECK(m.version_of(m.graph.nodes[3]) == 13);
}

TEST_CASE("inline_functions: a call that is kept stays, and is asked for with its version") {
    const auto kept = [](const onnx::node& n, std::int64_t version) { return n.name == "keep" && version == 13; };
    onnx::model m = onnx::parse(
        build::model(build::graph(functions_graph(
                         {build::node("keep", "f", {"x"}, {"p"}), build::node("n", "f", {"p"}, {"y"})})),
                     {build::function("f", {"a"}, {"b"}, {build::node("r", "Relu", {"a"}, {"b"})}).bytes(10, "")})
            .str(),
        "m.onnx");
    onnx::inline_functions(m, "m.onnx", {}, kept);
    CHECK(nodes_text(m) == "keep:f(x)p n/r:Relu(p)y");
}

TEST_CASE("inline_functions: calls with more than their function takes, and functions that call themselves") {
    const auto wide =
        inlining({build::call("n", "f", {"x", "z", "x"}, {"y"}), build::call("m", "f", {"x"}, {"p", "q", "r"})},
                 {sum_function()});
    CHECK(wide.number() == 3);
    CHECK(wide.says("m.onnx: node 'n' (f): gives 3 inputs, its local function has 2; correct the model"));
    CHECK(wide.says("m.onnx: node 'm' (f): gives 3 outputs, its local function has 2; correct the model"));
    const auto itself = inlining({build::call("n", "f", {"x"}, {"y"})},
                                 {build::function("f", {"a"}, {"b"}, {build::call("n", "f", {"a"}, {"b"})})});
    CHECK(itself.number() == 3);
    CHECK(itself.says("function 'f' calls itself"));
}

TEST_CASE("inline_functions: functions that call each other twice cannot fill the memory, nor the time") {
    const auto relu = build::node("r", "Relu", {"a"}, {"b"});
    const std::vector<build::message> first{build::call("n", "f0", {"x"}, {"y"})};
    CHECK(inlining(first, doubling(10, {relu})).number() == 0);
    for (const auto& last : {std::vector<build::message>{relu}, {}}) { // without nodes too: calls are counted
        const auto bomb = inlining(first, doubling(60, last));
        CHECK(bomb.number() == 3);
        CHECK(bomb.text == "m.onnx: too many nodes with its local functions inlined (limit 100000)");
    }
    onnx::limits allowed; // one node of the graph, two and four calls, four Relus
    allowed.max_nodes = 11;
    CHECK(inlining(first, doubling(2, {relu}), allowed).number() == 0);
    allowed.max_nodes = 10;
    CHECK(inlining(first, doubling(2, {relu}), allowed).number() == 3);
}

TEST_CASE("inline_functions: what functions hold is counted as often as it is copied") {
    const std::string name(100'000, 'n'), big(1'000'000, 's');
    const std::vector<build::message> first{build::call("n", "f0", {"x"}, {"y"})};
    const auto check = [&](const build::message& last) {
        onnx::limits small;
        small.max_inlined_bytes = 20'000'000;
        const auto result = inlining(first, doubling(9, {last}), small);
        CHECK(result.number() == 3);
        CHECK(result.text == "m.onnx: needs more than 20000000 bytes with its local functions inlined (the limit)");
    };
    check(build::node("r", "Relu", {"a"}, {name}));
    check(build::node(name, "Relu", {"a"}, {"b"}));
    check(build::node("r", name, {"a"}, {"b"}));
    check(build::node("r", "Relu", {"a"}, {"b"}).sub(5, build::attribute("text", 3).bytes(4, big)));
    check(build::node("r", "Relu", {"a"}, {"b"}).sub(5, build::attribute("texts", 8).bytes(9, big)));
    check(build::node("r", "Relu", {"a"}, {"b"})
              .sub(5, build::attribute("reals", 6).floats(7, std::vector<float>(250'000))));
    check(
        build::node("r", "Relu", {"a"}, {"b"})
            .sub(5,
                 build::attribute("value", 4).sub(5, build::float_tensor("", {250'000}, std::vector<float>(250'000)))));
    const build::graph_parts weights{
        {}, {build::float_tensor("w", {250'000}, std::vector<float>(250'000))}, {}, {}, {}};
    check(
        build::node("r", "If", {"a"}, {"b"}).sub(5, build::attribute("then_branch", 5).sub(6, build::graph(weights))));
}

TEST_CASE("inline_functions: calls in calls have a depth at most, and so have the graphs that they give each other") {
    const auto chain = [](int count) {
        std::vector<build::message> out;
        for (int i = 0; i < count; ++i)
            out.push_back(
                build::function(message("f", i), {"a"}, {"b"}, {build::call("n", message("f", i + 1), {"a"}, {"b"})}));
        out.push_back(build::function(message("f", count), {"a"}, {"b"}, {build::node("n", "Relu", {"a"}, {"b"})}));
        return out;
    };
    const std::vector<build::message> first{build::call("n", "f0", {"x"}, {"y"})};
    CHECK(inlining(first, chain(63)).number() == 0);
    for (const int count : {64, 9'999}) {
        const auto deep = inlining(first, chain(count));
        CHECK(deep.number() == 3);
        CHECK(deep.text == "m.onnx: local functions call each other, or hold graphs, more than 64 deep (the limit)");
    }

    const auto holding = [](const char* name, const build::message& attribute) {
        return build::node(name, "If", {"a"}, {"b"}).sub(5, attribute);
    };
    const auto given = build::reference("g", 5, "g");
    const auto growing = [&](int count) { // each gives the next a graph of 20, in the innermost what it was given
        std::vector<build::message> out;
        for (int i = 0; i < count; ++i) {
            build::message graph = build::graph({{holding("k", given)}, {}, {}, {}, {}});
            for (int level = 1; level < 20; ++level)
                graph = build::graph({{holding("k", build::attribute("g", 5).sub(6, graph))}, {}, {}, {}, {}});
            const build::message next = build::call("n", message("f", i + 1), {"a"}, {"b"});
            out.push_back(build::function(message("f", i), {"a"}, {"b"},
                                          {build::message(next).sub(5, build::attribute("g", 5).sub(6, graph))}));
        }
        out.push_back(build::function(message("f", count), {"a"}, {"b"}, {holding("n", given)}));
        return out;
    };
    CHECK(inlining(first, growing(2)).number() == 0);
    CHECK(inlining(first, growing(4)).says("more than 64 deep (the limit)"));
}

TEST_CASE("inline_functions: a model without functions is left as it is") {
    onnx::limits none;
    none.max_nodes = 0;
    CHECK(inlining({build::node("n", "Relu", {"x"}, {"y"})}, {}, none).number() == 0);
}

#include "import_models.hpp"

#include <ctq/execute/evaluate.hpp>

#include <string>
#include <vector>

using namespace ctq::test::onnx_import;
namespace build = ctq::test::onnx_builder;
using ctq::default_graph;

namespace {

build::message branch_of(const char* name, const std::vector<build::message>& nodes, const build::names& outputs,
                         const std::vector<build::message>& constants = {}) {
    build::graph_parts parts{nodes, constants, {}, {}, {}};
    for (const std::string& output : outputs) parts.outputs.push_back(build::value(output, {1}));
    return build::attribute(name, 5).sub(6, build::graph(parts));
}

build::message choice(const char* name, const char* condition, const build::names& outputs, const build::message& one,
                      const build::message& other) {
    return with(node(name, "If", {condition}, outputs), {one, other});
}

build::message relu_or_tanh(const char* condition = "c") {
    return choice("i", condition, {"y"}, branch_of("then_branch", {node("a", "Relu", {"x"}, {"b"})}, {"b"}),
                  branch_of("else_branch", {node("a", "Tanh", {"x"}, {"b"})}, {"b"}));
}

build::message relu_branch() {
    return branch_of("else_branch", {node("a", "Relu", {"x"}, {"b"})}, {"b"});
}

template <class Op> bool is(const default_graph& graph, std::size_t index) {
    return ctq::operator_if<Op>(graph.nodes.at(index)) != nullptr;
}

} // namespace

TEST_CASE("branch: an If on a constant is the nodes of the graph that it asks for") {
    for (const bool taken : {true, false}) {
        const default_graph graph = imported(parts_of({relu_or_tanh()}, {booleans("c", {taken})}));
        REQUIRE(graph.nodes.size() == 1);
        CHECK((taken ? is<ctq::op::relu>(graph, 0) : is<ctq::op::tanh>(graph, 0)));
        CHECK(graph.nodes[0].name == "a");
        CHECK(graph.value_at(graph.outputs[0].value).name == "y");
    }
}

TEST_CASE("branch: the condition of an If may be computed of shapes") {
    const default_graph graph =
        imported(parts_of({node("s", "Shape", {"x"}, {"s"}), node("g", "Gather", {"s", "k"}, {"rank"}),
                           node("e", "Equal", {"rank", "four"}, {"c"}), relu_or_tanh()},
                          {scalar("k", 1), scalar("four", 4)}));
    CHECK(is<ctq::op::relu>(graph, 0));
}

TEST_CASE("branch: graphs of an If see what is outside, and name their own values as they like") {
    // Both Ifs define "t" and "w"; the outer graph has a "t" too, that the second one reads as "u" does.
    const auto scaled = [](const char* outer) {
        return branch_of("then_branch", {node("m", "Mul", {outer, "w"}, {"t"}), node("n", "Add", {"t", "w"}, {"out"})},
                         {"out"}, {floats("w", {}, 3)});
    };
    const build::message none = branch_of("else_branch", {}, {});
    const default_graph graph =
        imported(parts_of({node("r", "Relu", {"x"}, {"t"}), choice("i", "c", {"u"}, scaled("x"), none),
                           choice("j", "c", {"v"}, scaled("u"), none), node("s", "Add", {"v", "t"}, {"y"})},
                          {booleans("c", {1})}, {1}));
    REQUIRE(graph.nodes.size() == 6);
    const auto elements =
        ctq::evaluate(graph, {ctq::constant(std::vector<float>{2}), ctq::constant(std::vector<float>{0})});
    CHECK(elements[static_cast<std::size_t>(graph.outputs[0].value)].as<float>() ==
          std::vector<float>{(2 * 3 + 3) * 3 + 3 + 2});
    std::vector<std::string> names;
    for (const auto& each : graph.nodes) names.emplace_back(each.name.view());
    CHECK(names == std::vector<std::string>{"r", "m", "n", "m_2", "n_2", "s"});
}

TEST_CASE("branch: an output of an If that is a constant, what is outside of it, or one value twice") {
    const build::message none = branch_of("else_branch", {}, {});
    const default_graph graph =
        imported(parts_of({node("r", "Relu", {"x"}, {"t"}),
                           choice("i", "c", {"k", "same", "a", "b"},
                                  branch_of("then_branch", {node("n", "Tanh", {"t"}, {"own"})},
                                            {"w", "t", "own", "own"}, {floats("w", {}, 3)}),
                                  none),
                           node("m", "Mul", {"same", "k"}, {"p"}), node("q", "Add", {"p", "a"}, {"q"}),
                           node("s", "Add", {"q", "b"}, {"y"})},
                          {booleans("c", {1})}));
    CHECK(graph.nodes.size() == 5);
    CHECK(graph.nodes[4].inputs[1] == graph.nodes[1].output());
    const default_graph left_out = imported(parts_of(
        {choice("i", "c", {"", "y"}, branch_of("then_branch", {node("n", "Relu", {"x"}, {"b"})}, {"b", "b"}), none)},
        {booleans("c", {1})}));
    CHECK(left_out.nodes.size() == 1);
}

TEST_CASE("branch: a constant is one value of the graph, whatever it is called") {
    const build::message none = branch_of("else_branch", {}, {});
    const default_graph graph = imported(parts_of(
        {choice("i", "c", {"k", "l", "o"}, branch_of("then_branch", {}, {"w", "w", "v"}, {floats("w", {}, 3)}), none),
         node("a", "Add", {"x", "k"}, {"a"}), node("b", "Add", {"a", "l"}, {"b"}), node("d", "Add", {"b", "o"}, {"d"}),
         node("e", "Add", {"d", "v"}, {"y"})},
        {booleans("c", {1}), floats("v", {}, 2)}));
    REQUIRE(graph.nodes.size() == 4);
    CHECK(graph.nodes[0].inputs[1] == graph.nodes[1].inputs[1]);
    CHECK(graph.nodes[2].inputs[1] == graph.nodes[3].inputs[1]);
    CHECK(graph.constants.size() == 2);
}

TEST_CASE("branch: an output has the same name in both graphs") {
    const build::message none = branch_of("else_branch", {}, {});
    const auto giving = [&](const std::vector<build::message>& nodes, const std::vector<build::message>& constants) {
        return parts_of({choice("i", "c", {"k"}, branch_of("then_branch", nodes, {"k"}, constants), none),
                         node("m", "Mul", {"x", "k"}, {"y"})},
                        {booleans("c", {1})}, {1});
    };
    const default_graph made = imported(giving({node("n", "Tanh", {"x"}, {"k"})}, {}));
    REQUIRE(made.nodes.size() == 2);
    CHECK(made.nodes[1].inputs[1] == made.nodes[0].output());
    const default_graph constant = imported(giving({}, {floats("k", {}, 3)}));
    REQUIRE(constant.nodes.size() == 1);
    CHECK(constant.reals(constant.nodes[0].inputs[1])[0] == 3);
    check_refused(exit_code::malformed, {{giving({}, {}), "node 'i' (If): its graph gives 'k', which nothing makes"}});
}

TEST_CASE("branch: Ifs within Ifs, to the depth that a file may have") {
    const auto nested = [](int depth) {
        build::message inner = branch_of("then_branch", {node("a", "Relu", {"x"}, {"b"})}, {"b"});
        const build::message none = branch_of("else_branch", {}, {});
        for (int i = 1; i < depth; ++i) inner = branch_of("then_branch", {choice("i", "c", {"b"}, inner, none)}, {"b"});
        return parts_of({choice("i", "c", {"y"}, inner, none)}, {booleans("c", {1})});
    };
    CHECK(imported(nested(2)).nodes.size() == 1);
    CHECK(imported(nested(60)).nodes.size() == 1);
    CHECK(importing(nested(70)).number() == 3);
}

TEST_CASE("branch: what a graph of an If reads of the main one is made before, in whichever order the file has it") {
    build::graph_parts parts =
        parts_of({node("last", "Relu", {"late"}, {"y"}),
                  choice("i", "c", {"late"}, branch_of("then_branch", {node("n", "Tanh", {"early"}, {"b"})}, {"b"}),
                         branch_of("else_branch", {}, {})),
                  node("first", "Relu", {"x"}, {"early"})},
                 {booleans("c", {1})});
    const default_graph graph = imported(parts);
    REQUIRE(graph.nodes.size() == 3);
    CHECK(is<ctq::op::tanh>(graph, 1));
}

TEST_CASE("branch: Ifs that are none") {
    const build::message none = branch_of("else_branch", {}, {}),
                         relu = branch_of("then_branch", {node("a", "Relu", {"x"}, {"b"})}, {"b"});
    const std::vector<build::message> yes{booleans("c", {1}), booleans("two", {1, 0}), int64s("number", {1})};
    const auto taking = [&](const std::vector<build::message>& nodes, const build::names& outputs,
                            const std::vector<build::message>& constants = {}) {
        return parts_of({choice("i", "c", {"y"}, branch_of("then_branch", nodes, outputs, constants), none)}, yes);
    };
    build::graph_parts with_input{
        {node("a", "Relu", {"q"}, {"b"})}, {}, {build::value("q", {1})}, {build::value("b", {1})}, {}};
    check_refused(
        exit_code::malformed,
        {{parts_of({with(node("i", "If", {"c"}, {"y"}), {none})}, yes), "a graph for each case is required"},
         {parts_of({with(node("i", "If", {"c"}, {"y"}), {integer("then_branch", 1)})}, yes), "a graph for each case"},
         {parts_of({with(node("i", "If", {}, {"y"}), {relu, none})}, yes), "a condition is required"},
         {parts_of({choice("i", "two", {"y"}, relu, none)}, yes), "the condition must be one boolean"},
         {parts_of({choice("i", "number", {"y"}, relu, none)}, yes), "the condition must be one boolean"},
         {parts_of({choice("i", "c", {"y", "more"}, relu, none)}, yes), "its graphs must give each of its outputs"},
         {parts_of({choice("i", "c", {"y"}, build::attribute("then_branch", 5).sub(6, build::graph(with_input)), none)},
                   yes),
          "its graphs must have no inputs"},
         {taking({}, {"b"}), "its graph gives 'b', which nothing makes"},
         {taking({node("a", "Relu", {"x"}, {"b"}), node("d", "Relu", {"x"}, {"b"})}, {"b"}), "defines 'b' twice"},
         {taking({node("a", "Relu", {"x"}, {"b"})}, {"b"}, {floats("b", {1})}), "defines 'b' twice"},
         {taking({node("a", "Relu", {"nothing"}, {"b"})}, {"b"}), "input 0 'nothing' is made by nothing before it"},
         {taking({node("a", "Relu", {"b"}, {"b"})}, {"b"}), "is made by nothing before it"},
         {taking({node("a", "Relu", {"x"}, {})}, {"x"}), "has no output"},
         {taking({node("a", "", {"x"}, {"b"})}, {"b"}), "has no op_type"},
         {taking({node("a", "Relu", {"x"}, {"b"}).bytes(7, "com.example")}, {"b"}), "is not in opset_import"}});
    check_refused(exit_code::unsupported,
                  {{parts_of({node("g", "Less", {"x", "z"}, {"d"}), choice("i", "d", {"y"}, relu, none)}),
                    "the condition is known only when the network runs"},
                   {taking({node("a", "Fancy", {"x"}, {"b"})}, {"b"}), "the operator is not supported"}});
}

TEST_CASE("branch: an opset that is too new hides no operator within an If") {
    const auto fancy = branch_of("then_branch", {node("a", "Fancy", {"x"}, {"b"})}, {"b"});
    const auto nested = branch_of("else_branch", {choice("j", "c", {"b"}, fancy, relu_branch())}, {"b"});
    const auto parts = parts_of({choice("i", "c", {"y"}, fancy, nested)}, {booleans("c", {true})});
    const auto late = importing(parts, {}, ctq::host::onnx::limits().last_opset + 1);
    CHECK(late.number() == 4);
    CHECK(late.says("node 'a' (Fancy): the operator is not supported"));
    CHECK_FALSE(late.says("Relu"));
}

TEST_CASE("branch: a fault in the graph of an If is told by its node, once, and breaks what reads the If") {
    const auto result = importing(
        parts_of({choice("i", "c", {"h"}, branch_of("then_branch", {node("bad", "Fancy", {"x"}, {"b"})}, {"b"}),
                         branch_of("else_branch", {}, {})),
                  node("r", "Relu", {"h"}, {"y"})},
                 {booleans("c", {1})}));
    CHECK(result.number() == 4);
    CHECK(result.says("node 'bad' (Fancy)"));
    CHECK(!result.says("node 'r'"));
    CHECK(!result.says("node 'i'"));
}

TEST_CASE("branch: a node without a name is told by its graph, and that by its If") {
    const build::message none = branch_of("else_branch", {}, {}), bad = node("", "Fancy", {"x"}, {"b"}),
                         relu = node("r", "Relu", {"x"}, {"r"});
    const auto told = [&](const build::message& choosing) {
        return importing(parts_of({relu, choosing}, {booleans("c", {1}), booleans("d", {0})}));
    };
    CHECK(told(choice("", "c", {"y"}, branch_of("then_branch", {bad}, {"b"}), none))
              .says("m.onnx: then_branch of node #1 (If): node #0 (Fancy): the operator is not supported"));
    const build::message other = branch_of("else_branch", {node("s", "Relu", {"x"}, {"s"}), bad}, {"b"});
    const auto within = [&](const char* outer, const char* inner) {
        const build::message choosing = choice(inner, "d", {"b"}, branch_of("then_branch", {}, {}), other);
        return told(choice(outer, "c", {"y"}, branch_of("then_branch", {choosing}, {"b"}), none));
    };
    CHECK(within("", "").says("m.onnx: then_branch of node #1 (If): else_branch of node #0 (If): node #1 (Fancy): "));
    CHECK(within("i", "").says("m.onnx: then_branch of node 'i' (If): else_branch of node #0 (If): node #1 (Fancy): "));
    CHECK(within("", "j").says("m.onnx: else_branch of node 'j' (If): node #1 (Fancy): "));
}

#include "import_models.hpp"

#include <string>
#include <vector>

using namespace ctq::test::onnx_import;
namespace build = ctq::test::onnx_builder;

TEST_CASE("import: an index outside the shape that it is taken from is malformed") {
    const auto result = importing(parts_of({node("s", "Shape", {"x"}, {"s"}), node("g", "Gather", {"s", "k"}, {"n"}),
                                            node("r", "Reshape", {"x", "n"}, {"y"})},
                                           {int64s("k", {9})}));
    CHECK(result.code == exit_code::malformed);
    CHECK(result.says("node 'g' (Gather): index 9 is outside 4 elements (inputs 4, 1)"));
}

TEST_CASE("import: a graph that is none is refused by load_model") {
    const ctq::test::scratch_folder folder;
    const auto loading = [&](const build::message& model) {
        const std::string path = folder.put("m.onnx", model.str());
        return ctq::test::outcome_of([&] { static_cast<void>(onnx::load_model<registry_type>(path)); });
    };
    const auto of = [&](const build::graph_parts& parts) { return loading(build::model(build::graph(parts))); };
    CHECK(of(parts_of({node("a", "Relu", {"q"}, {"p"}), node("b", "Tanh", {"p"}, {"q"}),
                       node("c", "Add", {"x", "p"}, {"y"})}))
              .says("the graph has a cycle: node 'a' (Relu) -> node 'b' (Tanh) -> node 'a' (Relu)"));
    CHECK(of(parts_of({node("a", "Relu", {"lost"}, {"y"})})).code == exit_code::malformed);
    CHECK(of(parts_of({node("a", "Relu", {"x"}, {"v"})})).code == exit_code::malformed);
    CHECK(of(parts_of({node("a", "Relu", {"x"}, {"y"}), node("b", "Relu", {"x"}, {"y"})})).code ==
          exit_code::malformed);
    CHECK(of(parts_of({node("a", "Add", {"x", "y"}, {"y"})})).code == exit_code::malformed);
    CHECK(of(parts_of({})).code == exit_code::malformed);
}

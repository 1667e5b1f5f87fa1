#include <ctq/host/onnx/translations/identity.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("identity: a Dropout whose mask is read, or that trains, is unsupported") {
    const build::message yes = build::tensor_head("yes", 9, {}).integers(5, {1});
    check_refused(
        exit_code::unsupported,
        {
            {parts_of({node("d", "Dropout", {"x"}, {"y", "mask"}), node("r", "Relu", {"mask"}, {"w"})}),
             "node 'd' (Dropout): output 1 'mask' is used, but not made by ctq, which makes 1 of 2 (input 1x4x6x6"},
            {parts_of({node("d", "Dropout", {"x"}, {"", "y"})}),
             "node 'd' (Dropout): output 1 'y' is used, but not made by ctq, which makes 0 of 2"},
            {parts_of({node("d", "Dropout", {"x", "", "yes"}, {"y"})}, {yes}), "training mode is not supported"},
            {parts_of({node("d", "Dropout", {"x", "", "z"}, {"y"})}), "training_mode must be constant"},
        });
}

TEST_CASE("identity: a Dropout before version 7 trains unless is_test says otherwise") {
    CHECK(importing(one("Dropout", {integer("is_test", 1)}), {}, 6).number() == 0);
    CHECK(importing(one("Dropout", {}), {}, 7).number() == 0);
    check_refused(exit_code::unsupported,
                  {
                      {one("Dropout", {}), "training mode, which is_test 0 asks for,", 6},
                      {one("Dropout", {integer("is_test", 0)}), "training mode, which is_test 0 asks for,", 6},
                  });
}

TEST_CASE("identity: a Dropout of which nobody reads anything is none") {
    const auto graph = imported(parts_of({node("d", "Dropout", {"x"}, {"", "mask"}), node("r", "Relu", {"x"}, {"y"})}));
    CHECK(graph.outputs.size() == 1);
}

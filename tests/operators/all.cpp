#include <ctq/default_registry.hpp>
#include <ctq/operators/all.hpp>

#include <doctest/doctest.h>
#include <laws/operation.hpp>
#include <operators/samples.hpp>

TEST_CASE("operators: every registered one keeps the laws of operation, under every rule") {
    ctq::default_registry.for_each(ctq::default_registry.operators(), [](auto op) {
        ctq::default_registry.for_each(ctq::default_registry.rules(), [](auto rule) {
            ctq::laws::check_operation<typename decltype(op)::type, ctq::default_graph, typename decltype(rule)::type,
                                       ctq::rules_of<std::remove_const_t<decltype(ctq::default_registry)>>>();
        });
    });
}

TEST_CASE("operators: no two share a name, nor a name in ONNX") {
    std::set<std::string_view> names, cpp_names, onnx_names;
    ctq::default_registry.for_each(ctq::default_registry.operators(), [&](auto each) {
        using operator_type = typename decltype(each)::type;
        CHECK(names.insert(operator_type::name).second);
        CHECK(cpp_names.insert(operator_type::cpp_name).second);
        for (const std::string_view name : operator_type::onnx_names) CHECK(onnx_names.insert(name).second);
    });
    for (const std::string_view wanted : {"Conv",        "Gemm",
                                          "MatMul",      "MaxPool",
                                          "AveragePool", "GlobalAveragePool",
                                          "Relu",        "Clip",
                                          "Sigmoid",     "Tanh",
                                          "Softmax",     "Add",
                                          "Mul",         "Concat",
                                          "Flatten",     "Reshape",
                                          "Transpose",   "Pad",
                                          "ReduceMean",  "BatchNormalization",
                                          "Identity",    "Dropout"})
        CHECK(onnx_names.count(wanted) == 1);
}

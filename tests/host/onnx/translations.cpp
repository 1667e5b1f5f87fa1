#include <ctq/default_registry.hpp>
#include <ctq/host/onnx/translations.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string_view>

namespace onnx = ctq::host::onnx;

TEST_CASE("translations: each makes one of ctq's operators, or constants") {
    std::set<std::string_view> known;
    onnx::standard_translations.for_each(onnx::standard_translations.translations(), [&](auto each) {
        using type = typename decltype(each)::type;
        CHECK(type::source == "onnx");
        if constexpr (!ctq::makes_constants<type>)
            CHECK(ctq::is_alternative<typename type::makes, ctq::default_graph::operation_type>);
        known.insert(type::name);
    });
    for (const std::string_view wanted : {"Conv",
                                          "Gemm",
                                          "MatMul",
                                          "MaxPool",
                                          "AveragePool",
                                          "GlobalAveragePool",
                                          "Relu",
                                          "Clip",
                                          "Sigmoid",
                                          "Tanh",
                                          "Softmax",
                                          "Add",
                                          "Mul",
                                          "Concat",
                                          "Flatten",
                                          "Reshape",
                                          "Squeeze",
                                          "Unsqueeze",
                                          "Transpose",
                                          "Pad",
                                          "ReduceMean",
                                          "BatchNormalization",
                                          "Identity",
                                          "Dropout",
                                          "LayerNormalization",
                                          "LSTM",
                                          "GRU",
                                          "RNN",
                                          "Gather",
                                          "TopK",
                                          "NonMaxSuppression",
                                          "Cast",
                                          "Where",
                                          "Div",
                                          "Expand",
                                          "Tile",
                                          "Range",
                                          "Shape",
                                          "Size",
                                          "ConstantOfShape",
                                          "ReduceProd",
                                          "Mod",
                                          "SequenceAt"})
        CHECK_MESSAGE(known.count(wanted) == 1, wanted);
}
